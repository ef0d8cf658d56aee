import { normalizeFrame } from '../normalize.ts'
import type { Frame, NormalizeResult, Parser } from '../parser.ts'

/** What becomes of one field when the candidate is promoted. */
export interface FieldDiff {
  readonly field: string
  added: number
  changed: number
  removed: number
  /** The first few, as `before → after`. */
  readonly examples: string[]
}

export interface ShadowReport {
  readonly lines: number
  /** Lines that the candidate takes, by the parser that has them now (`none` where none has). */
  readonly taken: Record<string, number>
  readonly fields: FieldDiff[]
}

const maxExamples = 3
const maxExampleChars = 80

/** Runs the candidate beside the live parsers over the same frames and collects, field by field, what would change. Nothing is written anywhere. */
export class Shadow {
  readonly #live: readonly Parser[]
  readonly #withCandidate: readonly Parser[]
  readonly #candidate: string
  readonly #fields = new Map<string, FieldDiff>()
  readonly #taken: Record<string, number> = {}
  #lines = 0

  constructor(live: readonly Parser[], candidate: Parser) {
    // A candidate of a name that is live replaces it.
    this.#live = live
    this.#withCandidate = [candidate, ...live.filter(({ name }) => name !== candidate.name)]
    this.#candidate = candidate.name
  }

  add(frame: Frame): void {
    this.#lines++
    const before = normalizeFrame(frame, this.#live)
    const after = normalizeFrame(frame, this.#withCandidate)
    if (after.kind === 'event' && after.parser === this.#candidate) {
      const owner = (before.kind === 'event' ? before.parser : undefined) ?? 'none'
      this.#taken[owner] = (this.#taken[owner] ?? 0) + 1
    }
    this.#compare(fieldsOf(before), fieldsOf(after))
  }

  report(): ShadowReport {
    const fields = [...this.#fields.values()].sort((a, b) => (a.field < b.field ? -1 : 1))
    return { lines: this.#lines, taken: this.#taken, fields }
  }

  #compare(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
    for (const [field, value] of after) {
      const old = before.get(field)
      if (old === undefined) this.#note(field, 'added', '', value)
      else if (old !== value) this.#note(field, 'changed', old, value)
    }
    for (const [field, old] of before) if (!after.has(field)) this.#note(field, 'removed', old, '')
  }

  #note(field: string, what: 'added' | 'changed' | 'removed', before: string, after: string): void {
    let diff = this.#fields.get(field)
    if (diff === undefined) {
      diff = { field, added: 0, changed: 0, removed: 0, examples: [] }
      this.#fields.set(field, diff)
    }
    diff[what]++
    if (diff.examples.length < maxExamples)
      diff.examples.push(`${before.slice(0, maxExampleChars)} → ${after.slice(0, maxExampleChars)}`)
  }
}

function fieldsOf(result: NormalizeResult): Map<string, string> {
  if (result.kind === 'rejected') return new Map([['rejected', result.code]])
  const fields = Object.entries(result.fields).map(([name, value]) => [name, JSON.stringify(value)] as const)
  return new Map([...fields, ['@timestamp', new Date(result.occurredAt).toISOString()]])
}

import {
  Correlator,
  type CorrelatorOptions,
  type Firing,
  ObservationIndex,
  type Position,
  viewOf,
} from '../src/index.ts'
import { load } from './rule-text.ts'

/** An event of a correlation test: seconds, the names of the base rules that it is for, and its fields. */
export interface Happening {
  at: number
  /** Value of the field `kind`, which base rules select by. */
  kind: string
  id?: string
  constituent?: string
  [field: string]: unknown
}

export interface CorrelationRun {
  firings: Firing[]
  positions: Position[]
  late: string[]
  correlator: Correlator
}

/** Base rules `a`, `b` and `c`, each selecting `kind` of its own name. */
export const baseRules = ['a', 'b', 'c']
  .map(
    (name, index) =>
      `title: Base ${name}\nid: 0d5d9a5c-52a4-4a52-8d0e-3f1f6a0e200${index}\nname: ${name}\nlogsource:\n    product: test\ndetection:\n    selection:\n        kind|contains: ${name}\n    condition: selection\n`,
  )
  .join('---\n')

/** A correlation document named `main`; `body` is indented by four. */
export function correlationText(body: string, name = 'main', head = ''): string {
  return `---\ntitle: Correlation ${name}\nname: ${name}\n${head}correlation:\n${body}\n`
}

/** Runs happenings in the order given; `latenessSeconds` holds the watermark back. */
export function run(
  text: string,
  happenings: readonly Happening[],
  options: CorrelatorOptions & { latenessSeconds?: number } = {},
): CorrelationRun {
  const { rules, refused } = load(baseRules + text)
  if (refused.length > 0) throw new Error(refused.map((refusal) => `${refusal.code}: ${refusal.message}`).join('\n'))
  const correlator = new Correlator(rules.correlations, { positions: true, updateEveryMs: 0, ...options })
  const index = new ObservationIndex(rules.correlations)
  const result: CorrelationRun = { firings: [], positions: [], late: [], correlator }
  const take = (output: { firings: Firing[]; positions: Position[] }): void => {
    result.firings.push(...output.firings)
    result.positions.push(...output.positions)
  }
  let highestMs = Number.NEGATIVE_INFINITY
  for (const [position, happening] of happenings.entries()) {
    const atMs = happening.at * 1_000
    highestMs = Math.max(highestMs, atMs)
    take(correlator.advance(highestMs - (options.latenessSeconds ?? 0) * 1_000))
    const view = viewOf(happening)
    const matched = rules.matchIds(view, { product: 'test' })
    const event = { eventId: happening.id ?? `e${position}`, atMs, constituent: happening.constituent ?? '', view }
    for (const observation of index.observe(event, matched)) {
      const output = correlator.observe(observation)
      take(output)
      if (output.late !== null) result.late.push(output.late.eventId)
    }
  }
  take(correlator.finish())
  return result
}

/** Episodes after folding revisions: the last firing of each id, without those that became part of another. */
export function fold(firings: readonly Firing[]): Firing[] {
  const last = new Map<string, Firing>()
  for (const firing of firings) {
    const known = last.get(firing.detectionId)
    if (known === undefined || firing.revision > known.revision) last.set(firing.detectionId, firing)
  }
  return [...last.values()].filter((firing) => firing.supersededBy === null)
}

/** Times in seconds at which a correlation's condition held. */
export function heldAt(result: CorrelationRun, name = 'main'): number[] {
  return result.positions.filter((position) => position.correlationId === name).map((position) => position.atMs / 1_000)
}

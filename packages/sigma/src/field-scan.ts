import { AhoCorasick } from './aho-corasick.ts'
import type { Predicate } from './predicate.ts'
import { numberOf, type Scalar } from './values.ts'

/** Predicates of one field that a single look at its value answers: hash tables for equality, one automaton for literals. */
export class FieldScan {
  readonly field: string | null
  private readonly byText = new Map<string, number[]>()
  private readonly byNumber = new Map<number, number[]>()
  private readonly automaton: AhoCorasick | null
  private readonly predicates: readonly Predicate[]

  /** Takes the field and the numbers of its predicates; those that it does not answer must be left out (see `scannable`). */
  constructor(field: string | null, ids: readonly number[], predicates: readonly Predicate[]) {
    this.field = field
    this.predicates = predicates
    const literals: [string, number][] = []
    for (const id of ids) {
      const { test } = predicates[id] as Predicate
      if (test.kind === 'number') add(this.byNumber, test.value, id)
      else if (test.kind === 'equals' && field !== null) add(this.byText, test.text, id)
      else if ('text' in test) literals.push([test.text, id])
    }
    this.automaton = literals.length === 0 ? null : new AhoCorasick(literals)
  }

  /** Calls `fire` with the number of every predicate that holds for one scalar. */
  scan(value: Scalar, lower: string, fire: (id: number) => void): void {
    this.byText.get(lower)?.forEach(fire)
    if (this.byNumber.size > 0) {
      const number = numberOf(value)
      if (number !== null) this.byNumber.get(number)?.forEach(fire)
    }
    this.automaton?.scan(lower, (id, end) => {
      const { test } = this.predicates[id] as Predicate
      if (test.kind === 'contains') fire(id)
      else if (test.kind === 'starts') {
        if (end === test.text.length) fire(id)
      } else if (test.kind === 'ends') {
        if (end === lower.length) fire(id)
      } else if (test.kind === 'equals' && end === lower.length && lower.length === test.text.length) fire(id)
    })
  }
}

/** True when a FieldScan answers the predicate. */
export function scannable({ field, test }: Predicate): boolean {
  switch (test.kind) {
    case 'number':
      return field !== null
    case 'equals':
      return field !== null || test.text !== ''
    case 'contains':
    case 'starts':
    case 'ends':
      return test.text !== ''
    case 'glob':
    case 'regex':
    case 'cidr':
    case 'compare':
    case 'time':
    case 'null':
    case 'exists':
    case 'fieldref':
      return false
  }
}

function add<Key>(map: Map<Key, number[]>, key: Key, id: number): void {
  const ids = map.get(key)
  if (ids === undefined) map.set(key, [id])
  else ids.push(id)
}

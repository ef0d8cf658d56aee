import type { Segment } from './packet/segment.ts'
import type { RegexFlags } from './regex.ts'
import type { Piece } from './sigma-string.ts'

export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'
export type NumberOperator = 'lt' | 'lte' | 'gt' | 'gte'

/**
 * One question about one field. All modifiers come down to these few kinds; equal questions of different rules are asked once
 * an event. `text` is lower case: Sigma compares without case unless `cased`.
 */
export type Test =
  | { kind: 'equals' | 'contains' | 'starts' | 'ends'; text: string }
  | { kind: 'number'; value: number }
  | { kind: 'glob'; pieces: Piece[]; cased: boolean }
  | { kind: 'regex'; source: string; flags: RegexFlags; offset: number }
  | { kind: 'cidr'; network: string }
  | { kind: 'compare'; operator: NumberOperator; value: number }
  | { kind: 'time'; part: TimePart; value: number }
  /** A run of octets in a payload in base64 (VN-5.2c), and the number of its octets. */
  | { kind: 'segment'; segment: Segment }
  | { kind: 'octets'; operator: NumberOperator | 'eq'; value: number }
  | { kind: 'null' }
  | { kind: 'exists' }
  | { kind: 'fieldref'; field: string; mode: 'equals' | 'contains' | 'starts' | 'ends'; cased: boolean }

/** A test and the field that it asks; `null` asks every scalar value of the event (a keyword). */
export interface Predicate {
  field: string | null
  test: Test
}

/** What a rule asks of an event: predicates by number, joined. */
export type Expression =
  | { kind: 'predicate'; id: number }
  | { kind: 'and' | 'or'; terms: Expression[] }
  | { kind: 'not'; term: Expression }

/** Every distinct predicate of a rule set, numbered. */
export class PredicateTable {
  readonly predicates: Predicate[] = []
  private readonly ids = new Map<string, number>()

  /** The expression for a predicate; an equal one gets the same number. */
  intern(field: string | null, test: Test): Expression {
    const key = JSON.stringify([field, test], (name, value: unknown) =>
      name === 'offset' ? undefined : symbolText(value),
    )
    let id = this.ids.get(key)
    if (id === undefined) {
      id = this.predicates.length
      this.predicates.push({ field, test })
      this.ids.set(key, id)
    }
    return { kind: 'predicate', id }
  }
}

// Wildcards are symbols, which JSON leaves out; a one-element list cannot be mistaken for text.
function symbolText(value: unknown): unknown {
  return typeof value === 'symbol' ? [value.description] : value
}

/** Joins expressions; one alone stays itself. */
export function join(kind: 'and' | 'or', terms: Expression[]): Expression {
  const [first] = terms
  return terms.length === 1 && first !== undefined ? first : { kind, terms }
}

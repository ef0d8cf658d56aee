import type { Expression, Predicate } from './predicate.ts'

/** Predicates of which at least one holds whenever the rule matches, and a guess of how often that happens. */
interface Witness {
  ids: number[]
  cost: number
}

/** The cheapest witness of an expression, or null when it can match without any positive text predicate. */
export function witnessOf(expression: Expression, predicates: readonly Predicate[]): number[] | null {
  return find(expression, predicates)?.ids ?? null
}

function find(expression: Expression, predicates: readonly Predicate[]): Witness | null {
  switch (expression.kind) {
    case 'predicate': {
      const cost = costOf(predicates[expression.id] as Predicate)
      return cost === null ? null : { ids: [expression.id], cost }
    }
    case 'not':
      return null
    case 'and': {
      const found = expression.terms.map((term) => find(term, predicates)).filter((witness) => witness !== null)
      return found.reduce<Witness | null>((best, next) => (best === null || next.cost < best.cost ? next : best), null)
    }
    case 'or': {
      const joined: Witness = { ids: [], cost: 0 }
      for (const term of expression.terms) {
        const witness = find(term, predicates)
        if (witness === null) return null
        joined.ids.push(...witness.ids)
        joined.cost += witness.cost
      }
      return joined
    }
  }
}

/** Fields that nearly every event of a source answers alike: poor witnesses. */
const commonFields = new Set(['EventID', 'event.code', 'event.category', 'event.action', 'event.outcome', 'event.kind'])

// Guesses, good enough to keep candidates few; what is not found by the scan of literals is no witness at all.
function costOf({ field, test }: Predicate): number | null {
  switch (test.kind) {
    case 'equals':
    case 'number':
      return field !== null && commonFields.has(field) ? 30 : test.kind === 'equals' && test.text === '' ? 30 : 1
    case 'contains':
    case 'starts':
    case 'ends':
      return test.text === '' ? null : field === null ? 20 : test.text.length < 4 ? 8 : 2
    case 'glob':
    case 'regex':
    case 'cidr':
    case 'compare':
    case 'time':
    case 'null':
    case 'exists':
    case 'fieldref':
      return null
  }
}

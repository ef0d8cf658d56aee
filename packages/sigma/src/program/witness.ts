import type { Expression, Predicate } from '../predicate.ts'
import { scanKindOf } from './field-scan.ts'

/** Predicates of which at least one holds whenever the rule matches, and how often an event is thought to satisfy one of them. */
interface Witness {
  ids: number[]
  cost: number
}

/** How often a predicate was seen to hold: null where nothing counted it. */
export type Measured = (id: number) => number | null

/** The cheapest witness of an expression, or null when it can match without any positive text predicate. */
export function witnessOf(
  expression: Expression,
  predicates: readonly Predicate[],
  measured: Measured,
): number[] | null {
  return find(expression, predicates, measured)?.ids ?? null
}

function find(expression: Expression, predicates: readonly Predicate[], measured: Measured): Witness | null {
  switch (expression.kind) {
    case 'predicate': {
      const predicate = predicates[expression.id] as Predicate
      if (scanKindOf(predicate) === 'never') return null
      return { ids: [expression.id], cost: measured(expression.id) ?? guess(predicate) }
    }
    case 'not':
      return null
    case 'and': {
      const found = expression.terms
        .map((term) => find(term, predicates, measured))
        .filter((witness) => witness !== null)
      return found.reduce<Witness | null>((best, next) => (best === null || next.cost < best.cost ? next : best), null)
    }
    case 'or': {
      const joined: Witness = { ids: [], cost: 0 }
      for (const term of expression.terms) {
        const witness = find(term, predicates, measured)
        if (witness === null) return null
        for (const id of witness.ids) joined.ids.push(id)
        joined.cost += witness.cost
      }
      return joined
    }
  }
}

/** Fields that nearly every event of a source answers alike: poor witnesses. */
const commonFields = new Set(['EventID', 'event.code', 'event.category', 'event.action', 'event.outcome', 'event.kind'])

// Shares of events, guessed until some were seen.
function guess({ field, test }: Predicate): number {
  if (!('text' in test)) return field !== null && commonFields.has(field) ? 0.2 : 0.002
  if (test.text === '') return 0.5
  if (field !== null && commonFields.has(field)) return 0.2
  const within = test.kind === 'contains' ? 0.01 : 0.003
  return (test.text.length < 4 ? 5 * within : within) * (field === null ? 2 : 1)
}

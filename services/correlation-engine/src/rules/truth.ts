import { type Condition, selectionsNamedBy } from '@tocsin/sigma'

/** Whether a condition holds when `holds` says which selections do. `names` are all selections of the rule. */
export function truthOf(condition: Condition, names: readonly string[], holds: (name: string) => boolean): boolean {
  switch (condition.kind) {
    case 'name':
      return holds(condition.name)
    case 'of': {
      const named = selectionsNamedBy(condition.pattern, names)
      return condition.quantifier === 'all' ? named.every(holds) : named.some(holds)
    }
    case 'not':
      return !truthOf(condition.term, names, holds)
    case 'and':
      return condition.terms.every((term) => truthOf(term, names, holds))
    case 'or':
      return condition.terms.some((term) => truthOf(term, names, holds))
  }
}

/** The selections that a condition asks for, directly or by a pattern. */
export function namesIn(condition: Condition, names: readonly string[]): Set<string> {
  switch (condition.kind) {
    case 'name':
      return new Set([condition.name])
    case 'of':
      return new Set(selectionsNamedBy(condition.pattern, names))
    case 'not':
      return namesIn(condition.term, names)
    case 'and':
    case 'or':
      return new Set(condition.terms.flatMap((term) => [...namesIn(term, names)]))
  }
}

import type { Expression } from '../predicate.ts'

/** Predicates that must hold together, some negated. */
export type Conjunct = readonly { id: number; negated: boolean }[]

const maxConjuncts = 256

/** An expression as alternatives of plain conjunctions; null when there are too many to be written down. */
export function conjunctsOf(expression: Expression, negated = false): Conjunct[] | null {
  switch (expression.kind) {
    case 'predicate':
      return [[{ id: expression.id, negated }]]
    case 'not':
      return conjunctsOf(expression.term, !negated)
    case 'and':
    case 'or': {
      const parts = expression.terms.map((term) => conjunctsOf(term, negated))
      return (expression.kind === 'or') === negated ? product(parts) : sum(parts)
    }
  }
}

function sum(parts: (Conjunct[] | null)[]): Conjunct[] | null {
  const all: Conjunct[] = []
  for (const part of parts) {
    if (part === null) return null
    all.push(...part)
    if (all.length > maxConjuncts) return null
  }
  return all
}

function product(parts: (Conjunct[] | null)[]): Conjunct[] | null {
  let all: Conjunct[] = [[]]
  for (const part of parts) {
    if (part === null || all.length * part.length > maxConjuncts) return null
    all = all.flatMap((left) => part.map((right) => [...left, ...right]))
  }
  return all
}

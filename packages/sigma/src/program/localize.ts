import type { Expression, Predicate, Test } from '../predicate.ts'
import { regexShape } from '../regex-shape.ts'
import type { Piece } from '../sigma-string.ts'

/** Shortest text worth asking for before a pattern is tried. */
const minGateChars = 3

/**
 * The predicates of one program under numbers of its own, small and dense. Patterns that must contain some text get that text as a gate
 * before them: it is cheaper to ask, and it can be a witness.
 */
export class LocalPredicates {
  readonly predicates: Predicate[] = []
  private readonly byGlobal = new Map<number, Expression>()
  private readonly texts = new Map<string, number>()
  private readonly all: readonly Predicate[]

  constructor(all: readonly Predicate[]) {
    this.all = all
  }

  /** The expression with local numbers; what is nested without need is flattened. */
  localize(expression: Expression): Expression {
    switch (expression.kind) {
      case 'predicate':
        return this.predicate(expression.id)
      case 'not':
        return { kind: 'not', term: this.localize(expression.term) }
      case 'and':
      case 'or': {
        const terms = expression.terms
          .map((term) => this.localize(term))
          .flatMap((term) => (term.kind === expression.kind ? term.terms : [term]))
        return { kind: expression.kind, terms }
      }
    }
  }

  private predicate(globalId: number): Expression {
    let local = this.byGlobal.get(globalId)
    if (local === undefined) {
      const predicate = this.all[globalId] as Predicate
      const own: Expression = { kind: 'predicate', id: this.add(predicate) }
      const text = requiredText(predicate.test)
      local =
        text.length < minGateChars
          ? own
          : {
              kind: 'and',
              terms: [
                { kind: 'predicate', id: this.add({ field: predicate.field, test: { kind: 'contains', text } }) },
                own,
              ],
            }
      this.byGlobal.set(globalId, local)
    }
    return local
  }

  private add(predicate: Predicate): number {
    const key =
      'text' in predicate.test ? JSON.stringify([predicate.field, predicate.test.kind, predicate.test.text]) : null
    const known = key === null ? undefined : this.texts.get(key)
    if (known !== undefined) return known
    const id = this.predicates.length
    this.predicates.push(predicate)
    if (key !== null) this.texts.set(key, id)
    return id
  }
}

/** The longest text, in lower case, that every value must contain for the test to hold; empty when none is certain. */
function requiredText(test: Test): string {
  if (test.kind === 'regex') return regexShape(test.source).literal
  return test.kind === 'glob' ? longestText(test.pieces).toLowerCase() : ''
}

function longestText(pieces: readonly Piece[]): string {
  return pieces.reduce<string>(
    (best, piece) => (typeof piece === 'string' && piece.length > best.length ? piece : best),
    '',
  )
}

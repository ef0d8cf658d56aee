import type { Expression } from '../predicate.ts'

/** Answers about the event at hand: a predicate is answered when its stamp is the event's number. */
export class Verdicts {
  epoch = 0
  readonly stamps: Int32Array
  readonly answers: Uint8Array
  /** 1 for predicates that the scans answer: without a stamp they do not hold. */
  readonly scanned: Uint8Array

  constructor(predicates: number) {
    this.stamps = new Int32Array(predicates)
    this.answers = new Uint8Array(predicates)
    this.scanned = new Uint8Array(predicates)
  }

  /** Begins a new event. Gives its number, which starts again before it outgrows the stamps. */
  next(): number {
    if (this.epoch >= 0x7fff_fff0) {
      this.stamps.fill(0)
      this.epoch = 0
    }
    return ++this.epoch
  }
}

/** Compiles an expression to a closure; `ask` answers a predicate that no scan answers, at most once an event. */
export function compileExpression(
  expression: Expression,
  verdicts: Verdicts,
  ask: (id: number) => () => boolean,
): () => boolean {
  switch (expression.kind) {
    case 'predicate':
      return leaf(expression.id, verdicts, ask(expression.id))
    case 'not': {
      const term = compileExpression(expression.term, verdicts, ask)
      return () => !term()
    }
    case 'and': {
      const terms = expression.terms.map((term) => compileExpression(term, verdicts, ask))
      return () => {
        for (let i = 0; i < terms.length; i++) if (!(terms[i] as () => boolean)()) return false
        return true
      }
    }
    case 'or': {
      const terms = expression.terms.map((term) => compileExpression(term, verdicts, ask))
      return () => {
        for (let i = 0; i < terms.length; i++) if ((terms[i] as () => boolean)()) return true
        return false
      }
    }
  }
}

function leaf(id: number, verdicts: Verdicts, answer: () => boolean): () => boolean {
  const { stamps, answers, scanned } = verdicts
  return () => {
    if (stamps[id] === verdicts.epoch) return answers[id] === 1
    if (scanned[id] === 1) return false
    const holds = answer()
    stamps[id] = verdicts.epoch
    answers[id] = holds ? 1 : 0
    return holds
  }
}

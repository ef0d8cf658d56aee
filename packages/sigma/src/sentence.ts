import { type Condition, selectionsNamedBy } from './condition.ts'
import type { CorrelationDocument } from './documents.ts'
import { RuleError } from './refusal.ts'

/** A temporal condition over the rules of a correlation, each by its position in the list. */
export type Sentence =
  | { kind: 'rule'; position: number }
  | { kind: 'not'; term: Sentence }
  | { kind: 'and' | 'or'; terms: Sentence[] }

/**
 * Resolves the names of an extended condition (C7). Refused: a name that the correlation does not list, a condition that holds when nothing
 * happened, and one for `temporal_ordered` that is more than names and negated names joined by "and", for which order means nothing.
 */
export function linkSentence(
  condition: Condition,
  names: readonly string[],
  position: (reference: string) => number,
  document: CorrelationDocument,
): Sentence {
  const fail = (message: string): never => {
    throw new RuleError('rule_bad_correlation', message, document.offset)
  }
  const rule = (name: string): Sentence => {
    const found = names.includes(name) ? position(name) : -1
    return found < 0
      ? fail(`The condition names "${name}", which is not among the rules.`)
      : { kind: 'rule', position: found }
  }
  const link = (term: Condition): Sentence => {
    switch (term.kind) {
      case 'name':
        return rule(term.name)
      case 'of': {
        const named = selectionsNamedBy(term.pattern, names)
        if (named.length === 0) fail(`No rule of the correlation fits "${term.pattern}".`)
        return { kind: term.quantifier === 'all' ? 'and' : 'or', terms: named.map(rule) }
      }
      case 'not':
        return { kind: 'not', term: link(term.term) }
      case 'and':
      case 'or':
        return { kind: term.kind, terms: term.terms.map(link) }
    }
  }
  const sentence = link(condition)
  if (satisfied(sentence, () => false))
    fail('The condition holds when nothing happened; it needs a rule that must occur.')
  if (document.type === 'temporal_ordered' && stepsOf(sentence) === null)
    fail('The condition of an ordered correlation may only join names and negated names by "and".')
  return sentence
}

/** True when a condition holds, given which rules occurred. */
export function satisfied(sentence: Sentence, occurred: (position: number) => boolean): boolean {
  switch (sentence.kind) {
    case 'rule':
      return occurred(sentence.position)
    case 'not':
      return !satisfied(sentence.term, occurred)
    case 'and':
      return sentence.terms.every((term) => satisfied(term, occurred))
    case 'or':
      return sentence.terms.some((term) => satisfied(term, occurred))
  }
}

/** True when more events can make the condition false. */
export function hasNot(sentence: Sentence): boolean {
  if (sentence.kind === 'rule') return false
  return sentence.kind === 'not' || sentence.terms.some(hasNot)
}

/** The rules that must occur in the order of the list, and those that must not; null for a condition of another shape. */
export function stepsOf(sentence: Sentence): { steps: number[]; absent: number[] } | null {
  const terms = sentence.kind === 'and' ? sentence.terms : [sentence]
  const steps: number[] = []
  const absent: number[] = []
  for (const term of terms) {
    if (term.kind === 'rule') steps.push(term.position)
    else if (term.kind === 'not' && term.term.kind === 'rule') absent.push(term.term.position)
    else return null
  }
  return { steps: steps.sort((a, b) => a - b), absent }
}

import type { FilterDocument, RuleDocument, RuleLogSource, SigmaDocument } from './documents.ts'
import { refusalOf } from './parse.ts'
import { type Refusal, RuleError } from './refusal.ts'

/**
 * Finds the rules that each filter is for (F1): those that it names, or all of its log source. A filter that names a rule which is
 * not there, a correlation, or a rule of another log source is refused: it would not do what its author thinks.
 */
export function resolveFilters(
  documents: readonly SigmaDocument[],
  refused: Refusal[],
): Map<RuleDocument, FilterDocument[]> {
  const byRule = new Map<RuleDocument, FilterDocument[]>()
  const rules = documents.filter((document) => document.kind === 'rule')
  const byName = new Map<string, SigmaDocument>()
  for (const document of documents) {
    byName.set(document.metadata.id, document)
    if (document.metadata.name !== null) byName.set(document.metadata.name, document)
  }
  for (const filter of documents) {
    if (filter.kind !== 'filter') continue
    try {
      for (const rule of targetsOf(filter, rules, byName)) byRule.set(rule, [...(byRule.get(rule) ?? []), filter])
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      refused.push(refusalOf(error, filter.source, filter.offset, filter.metadata.id))
    }
  }
  return byRule
}

function targetsOf(
  filter: FilterDocument,
  rules: readonly RuleDocument[],
  byName: ReadonlyMap<string, SigmaDocument>,
): RuleDocument[] {
  if (filter.rules === null) return rules.filter((rule) => covers(filter.logSource, rule.logSource))
  return filter.rules.map(({ reference, offset }) => {
    const rule = byName.get(reference)
    if (rule === undefined) {
      throw new RuleError(
        'rule_unknown_reference',
        `There is no rule "${reference}" that the filter could be for.`,
        offset,
      )
    }
    if (rule.kind !== 'rule') {
      const message = `"${reference}" is no rule on single events; filters are put on the rules below a correlation.`
      throw new RuleError('rule_bad_filter', message, offset)
    }
    if (!covers(filter.logSource, rule.logSource)) {
      throw new RuleError(
        'rule_bad_filter',
        `The rule "${reference}" is for another log source than the filter.`,
        offset,
      )
    }
    return rule
  })
}

/** True when every part that the filter states is the rule's. */
function covers(filter: RuleLogSource, rule: RuleLogSource): boolean {
  return (['product', 'service', 'category'] as const).every(
    (part) => filter[part] === undefined || filter[part] === rule[part],
  )
}

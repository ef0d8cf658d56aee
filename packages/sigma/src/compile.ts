import { type Condition, selectionsNamedBy } from './condition.ts'
import { type CompiledCorrelation, linkCorrelations } from './correlations.ts'
import type { CorrelationDocument, FilterDocument, RuleDocument, RuleMetadata, SigmaDocument } from './documents.ts'
import { resolveFilters } from './filters.ts'
import { type ItemContext, selectionExpression } from './item-expression.ts'
import { type FieldMapping, mapField } from './mapping.ts'
import { asRuleError, refusalOf } from './parse.ts'
import type { Placeholders } from './placeholders.ts'
import { type Expression, join, PredicateTable } from './predicate.ts'
import { type Refusal, RuleError } from './refusal.ts'
import { type CompiledRule, CompiledRuleSet } from './rule-set.ts'

export interface CompileOptions {
  /** Names of rule fields in our events; left out, names stay as written. */
  mapping?: FieldMapping
  /** Lists for the `expand` modifier. */
  placeholders?: Placeholders
}

/**
 * Makes documents ready to run. Gives the rules that hold and the refusal of each that does not: a bad value, a placeholder without a
 * list, an id or name used twice, a correlation whose rules are not there.
 */
export function compileRules(
  documents: readonly SigmaDocument[],
  options: CompileOptions = {},
): { rules: CompiledRuleSet; refused: Refusal[] } {
  const refused: Refusal[] = []
  const unique = withoutDuplicates(documents, refused)
  const table = new PredicateTable()
  const rules: CompiledRule[] = []
  const filters = resolveFilters(unique, refused)
  for (const document of unique) {
    if (document.kind !== 'rule') continue
    try {
      rules.push(compileRule(document, filters.get(document) ?? [], table, options))
    } catch (error) {
      refused.push(refusalOf(asRuleError(error), document.source, document.offset, document.metadata.id))
    }
  }
  const correlations = linkCorrelations(
    unique.filter((document): document is CorrelationDocument => document.kind === 'correlation'),
    rules,
    options.mapping ?? null,
    refused,
  )
  return { rules: new CompiledRuleSet(silenced(rules, correlations), correlations, table.predicates), refused }
}

function withoutDuplicates(documents: readonly SigmaDocument[], refused: Refusal[]): SigmaDocument[] {
  const ids = new Set<string>()
  const names = new Set<string>()
  return documents.filter((document) => {
    const { id, name } = document.metadata
    const repeated = ids.has(id) ? 'rule_duplicate_id' : name !== null && names.has(name) ? 'rule_duplicate_name' : null
    if (repeated !== null) {
      const what = repeated === 'rule_duplicate_id' ? `id "${id}"` : `name "${name}"`
      const error = new RuleError(repeated, `The ${what} is already used by another rule; this one is left out.`)
      refused.push(refusalOf(error, document.source, document.offset, id))
      return false
    }
    ids.add(id)
    if (name !== null) names.add(name)
    return true
  })
}

function compileRule(
  document: RuleDocument,
  filters: readonly FilterDocument[],
  table: PredicateTable,
  options: CompileOptions,
): CompiledRule {
  const mapping = options.mapping ?? null
  const unmapped = new Set<string>()
  const context = {
    table,
    placeholders: options.placeholders ?? {},
    fieldName: (field: string) => {
      const { name, mapped } = mapField(mapping, document.logSource, field)
      if (!mapped) unmapped.add(field)
      return name
    },
  }
  const own = detectionExpression(document, context)
  // A filter's fields are those of the rule that it is put on: they are mapped by the rule's log source.
  const terms = filters.map((filter): Expression => {
    const term = detectionExpression(filter, context)
    return filter.mode === 'suppress' ? { kind: 'not', term } : term
  })
  return {
    metadata: document.metadata,
    logSource: document.logSource,
    file: document.source.file,
    expression: join('and', [own, ...terms]),
    filters: filters.map((filter) => filter.metadata.id),
    unmapped: [...unmapped],
    alerts: true,
  }
}

/** The expression of selections and their condition. */
function detectionExpression(document: RuleDocument | FilterDocument, context: ItemContext): Expression {
  // Every selection is compiled, also one that the condition does not name: a typing error there must not pass unseen.
  const selections = new Map(
    [...document.selections].map(([name, selection]) => [name, selectionExpression(selection, context)]),
  )
  return conditionExpression(document.condition, selections)
}

function conditionExpression(condition: Condition, selections: Map<string, Expression>): Expression {
  switch (condition.kind) {
    case 'name':
      return selections.get(condition.name) as Expression
    case 'of': {
      const names = selectionsNamedBy(condition.pattern, selections.keys())
      return join(
        condition.quantifier === 'all' ? 'and' : 'or',
        names.map((name) => selections.get(name) as Expression),
      )
    }
    case 'not':
      return { kind: 'not', term: conditionExpression(condition.term, selections) }
    case 'and':
    case 'or':
      return join(
        condition.kind,
        condition.terms.map((term) => conditionExpression(term, selections)),
      )
  }
}

/**
 * A rule that only feeds correlations does not alert by itself, unless one of them says `generate: true`. One with `building_block: true` among its
 * custom keys never does: `generate` speaks for all referenced rules at once, and an accepted login is no alert.
 */
function silenced(rules: CompiledRule[], correlations: readonly CompiledCorrelation[]): CompiledRule[] {
  const generated = new Map<string, boolean>()
  for (const correlation of correlations) {
    for (const id of correlation.ruleIds) generated.set(id, correlation.generate || (generated.get(id) ?? false))
  }
  const alerts = ({ id, custom }: RuleMetadata): boolean =>
    custom['building_block'] !== true && (generated.get(id) ?? true)
  for (const correlation of correlations) correlation.alerts = alerts(correlation.metadata)
  return rules.map((rule) => ({ ...rule, alerts: alerts(rule.metadata) }))
}

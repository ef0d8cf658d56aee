import {
  type CompiledRuleSet,
  compileRules,
  type DetectionItem,
  type EventView,
  type FieldMapping,
  type Placeholders,
  type RuleDocument,
} from '@tocsin/sigma'

/** What a question about one item needs besides it. */
export interface AskOptions {
  mapping: FieldMapping | null
  placeholders: Placeholders
}

/**
 * Makes one item of a rule answerable by itself, through the very compiler that the engine uses, so that an answer here and a match there cannot
 * differ. Null where the item is refused.
 */
export function askItem(
  document: RuleDocument,
  item: DetectionItem,
  { mapping, placeholders }: AskOptions,
): ((view: EventView) => boolean) | null {
  const single: RuleDocument = {
    ...document,
    selections: new Map([['item', { alternatives: [[item]], offset: item.offset }]]),
    condition: { kind: 'name', name: 'item' },
  }
  const { rules, refused } = compileRules([single], mapping === null ? { placeholders } : { placeholders, mapping })
  return refused.length > 0 ? null : (view) => matches(rules, document, view)
}

function matches(rules: CompiledRuleSet, { logSource }: RuleDocument, view: EventView): boolean {
  return rules.matchIds(view, logSource).length > 0
}

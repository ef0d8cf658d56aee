import {
  appliesTo,
  type DetectionItem,
  type EventLogSource,
  type EventView,
  type FieldValue,
  formatCondition,
  mapField,
  normalLogSource,
  type RuleDocument,
  type RuleLogSource,
} from '@tocsin/sigma'
import { type AskOptions, askItem } from './single-item.ts'
import { namesIn, truthOf } from './truth.ts'

/** One `field|modifiers: values` of a rule against an event. */
export interface ItemStep {
  /** As written: `url.original|contains`; `keywords` for a search of the whole event. */
  item: string
  /** The event's name of the field; null for keywords. */
  field: string | null
  /** False where no event can have the field under the mapping. */
  known: boolean
  /** What the event has; undefined where the field is missing. */
  actual: FieldValue | undefined
  holds: boolean
  /** Each value of the item and whether it holds by itself; at most 50. */
  values: { value: string; holds: boolean }[]
  line: number
}

/** One selection: it holds when all items of one of its alternatives hold. */
export interface SelectionStep {
  name: string
  holds: boolean
  /** False where the condition does not ask for it. */
  asked: boolean
  alternatives: { holds: boolean; items: ItemStep[] }[]
}

/** Why a rule did or did not match an event. */
export interface Explanation {
  ruleId: string
  title: string
  matched: boolean
  logSource: { applies: boolean; asked: RuleLogSource; event: EventLogSource }
  condition: { text: string; holds: boolean }
  selections: SelectionStep[]
}

const maxValuesTold = 50

/** Takes a rule and an event; gives each step of the evaluation, none left out because an earlier one decided. */
export function explainRule(
  document: RuleDocument,
  event: { view: EventView; logSource: EventLogSource },
  options: AskOptions,
): Explanation {
  const names = [...document.selections.keys()]
  const asked = namesIn(document.condition, names)
  const selections = names.map((name): SelectionStep => {
    const alternatives = (document.selections.get(name)?.alternatives ?? []).map((items) => {
      const steps = items.map((item) => explainItem(document, item, event.view, options))
      return { holds: steps.every(({ holds }) => holds), items: steps }
    })
    return { name, holds: alternatives.some(({ holds }) => holds), asked: asked.has(name), alternatives }
  })
  const holding = new Set(selections.filter(({ holds }) => holds).map(({ name }) => name))
  const holds = truthOf(document.condition, names, (name) => holding.has(name))
  const applies = appliesTo(document.logSource, normalLogSource(event.logSource))
  return {
    ruleId: document.metadata.id,
    title: document.metadata.title,
    matched: applies && holds,
    logSource: { applies, asked: document.logSource, event: event.logSource },
    condition: { text: formatCondition(document.condition), holds },
    selections,
  }
}

function explainItem(document: RuleDocument, item: DetectionItem, view: EventView, options: AskOptions): ItemStep {
  const target =
    item.field === '' ? { name: null, mapped: true } : mapField(options.mapping, document.logSource, item.field)
  // `all` needs several values; one value by itself is asked without it.
  const alone = item.modifiers.filter((modifier) => modifier !== 'all')
  return {
    item: [item.field === '' ? 'keywords' : item.field, ...item.modifiers].join('|'),
    field: target.name,
    known: target.mapped,
    actual: target.name === null ? undefined : view.get(target.name),
    holds: askItem(document, item, options)?.(view) ?? false,
    values: item.values.slice(0, maxValuesTold).map((value) => ({
      value: String(value.value),
      holds: askItem(document, { ...item, modifiers: alone, values: [value] }, options)?.(view) ?? false,
    })),
    line: document.source.locate(item.offset).line,
  }
}

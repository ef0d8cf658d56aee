import type { EventLogSource, RuleLogSource } from '@tocsin/sigma'
import type { Explanation, ItemStep, SelectionStep } from './explain.ts'

const maxShownChars = 120

/** An explanation as lines for a terminal: verdict first, then log source, condition, and each selection with its items. */
export function explanationLines(explanation: Explanation): string[] {
  const { title, ruleId, matched, logSource, condition, selections } = explanation
  return [
    `${mark(matched)} ${title} (${ruleId}) ${matched ? 'matches' : 'does not match'}`,
    `  ${mark(logSource.applies)} log source: the rule asks for ${sourceText(logSource.asked)}, the event is ${sourceText(logSource.event)}`,
    `  ${mark(condition.holds)} condition: ${condition.text}`,
    ...selections.flatMap(selectionLines),
    ...(matched ? [] : [`  because ${reasonOf(explanation)}`]),
  ]
}

function selectionLines({ name, holds, asked, alternatives }: SelectionStep): string[] {
  const head = `    ${mark(holds)} ${name}${asked ? '' : ' (the condition does not ask for it)'}`
  return [
    head,
    ...alternatives.flatMap(({ holds: one, items }, index) => [
      ...(alternatives.length > 1 ? [`      ${mark(one)} alternative ${index + 1}`] : []),
      ...items.map(itemLine),
    ]),
  ]
}

function itemLine(step: ItemStep): string {
  const held = step.values.filter(({ holds }) => holds).map(({ value }) => JSON.stringify(value))
  const wanted = held.length > 0 ? held : step.values.map(({ value }) => JSON.stringify(value))
  const mapped = step.field !== null && !step.item.startsWith(step.field) ? ` → ${step.field}` : ''
  return `        ${mark(step.holds)} line ${step.line}: ${step.item}${mapped}: ${cut(wanted.join(', '))}; ${actualText(step)}`
}

function actualText({ field, known, actual }: ItemStep): string {
  if (field === null) return 'searched in every value'
  if (!known) return 'no event has this field: the mapping does not know it'
  return actual === undefined ? 'the event has no such field' : `the event has ${cut(JSON.stringify(actual))}`
}

/** The first thing that stands in the way, in one sentence. */
export function reasonOf({ logSource, condition, selections }: Explanation): string {
  if (!logSource.applies) return 'the event comes from another log source.'
  const missing = selections.filter(({ asked, holds }) => asked && !holds)
  const items = missing.flatMap(({ name, alternatives }) =>
    alternatives.flatMap((alternative) =>
      alternative.items.filter((item) => !item.holds).map((item) => `${name}: ${item.item} (${actualText(item)})`),
    ),
  )
  if (items.length > 0) return `these do not hold: ${items.slice(0, 5).join('; ')}.`
  const excluding = selections.filter(({ asked, holds }) => asked && holds).map(({ name }) => name)
  return `the condition "${condition.text}" fails although ${excluding.join(', ')} held: an exclusion took the event out.`
}

function sourceText(source: RuleLogSource | EventLogSource): string {
  const parts = (['product', 'service', 'category'] as const).flatMap((part) => {
    const value = source[part]
    if (value === undefined || value === null || value.length === 0) return []
    return [`${part} ${typeof value === 'string' ? value : value.join('+')}`]
  })
  return parts.length === 0 ? 'of no known source' : parts.join(', ')
}

const mark = (holds: boolean): string => (holds ? '✓' : '✗')
const cut = (text: string): string => (text.length <= maxShownChars ? text : `${text.slice(0, maxShownChars)}…`)

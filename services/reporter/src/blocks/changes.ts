import type { RegistryChange } from '@tocsin/events'
import type { Cell } from '../document/document.ts'
import type { Block, BlockContext } from './context.ts'

/** Fields that a change of every entry has; they say who and when, which stands in columns of its own. */
const ALWAYS = new Set(['changedAt', 'changedBy', 'reason'])

/** Changes of the registry in the period: `section` is systems (W-5) or sources, the surveillance systems (W-6). */
export const changes: Block = (context, options) => {
  const { label } = context
  const found = changesOf(context, String(options['section'] ?? 'systems'))
  const rows = found.map((change): Cell[] => [
    context.at(change.changedAt),
    nameOf(change),
    actionText(context, change.action),
    change.fields
      .filter((field) => !ALWAYS.has(field))
      .map((field) => `${field}: ${valueOf(change.before, field)} → ${valueOf(change.after, field)}`)
      .join('\n'),
    `${change.changedBy}: ${change.reason}`,
  ])
  return [
    {
      part: 'table',
      columns: [
        { title: label('when') },
        { title: label('what'), width: 1.6 },
        { title: label('changed') },
        { title: label('fields'), width: 2.6 },
        { title: label('why'), width: 1.6 },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

function changesOf(context: BlockContext, section: string): RegistryChange[] {
  const { from, to, bodies } = context.input
  const constituent = bodies.map(({ constituentId }) => constituentId)
  return context.evidence
    .list<RegistryChange>(
      'registry-changes',
      { section, constituent, changedAt: { from, to } },
      ({ changeId, action, fields }) => [changeId, action, fields],
    )
    .sort((one, other) => one.changedAt - other.changedAt || (one.changeId < other.changeId ? -1 : 1))
}

function actionText(context: BlockContext, action: string): string {
  if (action === 'created') return context.label('created')
  return context.label(action === 'changed' ? 'changedAction' : 'withdrawn')
}

function entryOf(json: string | null): Readonly<Record<string, unknown>> {
  if (json === null) return {}
  try {
    return JSON.parse(json) as Record<string, unknown>
  } catch {
    // Written by an older version of the registry; the change itself still stands in the report.
    return {}
  }
}

function nameOf({ before, after, recordId }: RegistryChange): string {
  const name = entryOf(after)['name'] ?? entryOf(before)['name']
  return typeof name === 'string' ? `${name}\n${recordId}` : recordId
}

function valueOf(json: string | null, field: string): string {
  const value = entryOf(json)[field]
  if (value === undefined || value === null) return '–'
  if (Array.isArray(value)) return value.map(String).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

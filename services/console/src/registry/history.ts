import { createHash } from 'node:crypto'
import type { RegistryChange } from '@tocsin/events'
import { differenceOf, oneLine } from './difference.ts'
import { type Entry, type RegistryFault, readEntry, type Section } from './entries.ts'
import { copyOf, type Registry } from './held.ts'
import type { Change } from './records.ts'
import { sectionNamed } from './sheet.ts'

/** A change with the file that it came from. */
export interface ChangeFrom extends Change {
  origin: string | null
}

/** The record of a change; null where nothing changes. `after` undefined withdraws. */
export function changeOf(
  section: Section,
  before: Entry | undefined,
  after: Entry | undefined,
  change: ChangeFrom,
): RegistryChange | null {
  const difference = differenceOf(section, before, after)
  if (difference === null) return null
  const { id, action, fields } = difference
  const text = after === undefined ? null : JSON.stringify(after)
  return {
    changeId: `${section}/${id}/${change.changedAt}/${sha256(text ?? '').slice(0, 12)}`,
    section,
    recordId: id,
    constituent: bodyOf(section, after ?? before, id),
    action,
    fields: fields.map(({ field }) => field),
    before: before === undefined ? null : JSON.stringify(before),
    after: text,
    hash: null,
    ...change,
  }
}

/** The record that remains of a forgotten entry: who, when, why, and a hash of what was deleted (XC-13). */
export function forgottenOf(section: Section, entry: Entry, change: ChangeFrom): RegistryChange {
  return {
    changeId: `${section}/${entry.id}/${change.changedAt}/forgotten`,
    section,
    recordId: entry.id,
    constituent: bodyOf(section, entry, entry.id),
    action: 'forgotten',
    fields: [],
    before: null,
    after: null,
    hash: sha256(JSON.stringify(entry)),
    ...change,
  }
}

/**
 * The registry as it was at an instant. Walks back from what is in force: the first change of an entry after the instant says
 * what it was before. An entry without such a change that is newer than the instant was written without history: it is left out.
 */
export function asOf(registry: Registry, changes: Iterable<RegistryChange>, at: number): Registry {
  const past = copyOf(registry)
  const settled = new Set<string>()
  for (const change of inOrder(changes)) {
    const section = sectionNamed(change.section)
    const key = `${change.section}/${change.recordId}`
    if (section === null || change.changedAt <= at || settled.has(key)) continue
    settled.add(key)
    const before = change.before === null ? undefined : (JSON.parse(change.before) as unknown)
    const read = before === undefined ? null : readEntry(section, before)
    // What a later version of the schema would refuse is shown as it was kept.
    const entry = read === null ? null : 'entry' in read ? read.entry : (before as Entry)
    if (entry === null) past[section].delete(change.recordId)
    else past[section].set(change.recordId, { entry, changedAt: at })
  }
  for (const [section, held] of Object.entries(past) as [Section, Map<string, { changedAt: number }>][])
    for (const [id, { changedAt }] of held) if (changedAt > at && !settled.has(`${section}/${id}`)) held.delete(id)
  return past
}

/** Changes in the order in which they were made. */
export function inOrder(changes: Iterable<RegistryChange>): RegistryChange[] {
  return [...changes].sort((a, b) => a.changedAt - b.changedAt)
}

/**
 * Reads a point in time: `2026-09-30` is the end of that day in UTC, an instant in ISO 8601 is itself. Gives UTC milliseconds,
 * or what is wrong.
 */
export function pointInTime(text: string): number | RegistryFault {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const at = isDay ? Date.parse(`${text}T23:59:59.999Z`) : Date.parse(text)
  if (Number.isNaN(at) || !/^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:\d{2}))?$/.test(text))
    return { place: text, reason: 'must be a day such as 2026-09-30 or an instant such as 2026-09-30T18:00:00Z' }
  return at
}

/** One line for a change: when, who, what, why. */
export function historyText(change: RegistryChange): string {
  const { action, section, recordId, fields, changedBy, changedAt, reason, origin } = change
  const what = fields.length === 0 ? '' : ` (${fields.join(', ')})`
  const from = origin === null ? '' : `, from ${origin}`
  return `${new Date(changedAt).toISOString()} ${changedBy} ${action} ${section} ${recordId}${what}: ${oneLine(reason + from)}\n`
}

function bodyOf(section: Section, entry: Entry | undefined, id: string): string {
  const constituent = entry?.['constituent']
  return section === 'constituents' || typeof constituent !== 'string' ? id : constituent
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

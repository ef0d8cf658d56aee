import { createHash } from 'node:crypto'
import type { RegistryChange } from '@tocsin/events'
import type { Output } from '@tocsin/stage'
import { differenceOf, oneLine } from './difference.ts'
import { type Entry, type RegistryFault, readEntry, type Section } from './entries.ts'
import { copyOf, type Registry } from './held.ts'
import { type Change, tombstoneOf } from './records.ts'
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

/**
 * What forgetting an entry writes (XC-13): tombstones of its record and of each of its changes, and one change that says who,
 * when and why, with a hash of what it was last. Null where neither the registry nor its history knows the entry.
 */
export function forget(
  section: Section,
  id: string,
  current: Registry,
  changes: readonly RegistryChange[],
  change: ChangeFrom,
): { change: RegistryChange; outputs: Output[] } | null {
  const own = changes.filter((one) => one.section === section && one.recordId === id && one.action !== 'forgotten')
  const held = current[section].get(id)?.entry
  const newest = inOrder(own).at(-1)
  const text = held === undefined ? (newest?.after ?? newest?.before ?? null) : JSON.stringify(held)
  if (text === null) return null
  const remains: RegistryChange = {
    changeId: `${section}/${id}/${change.changedAt}/forgotten`,
    section,
    recordId: id,
    constituent: newest?.constituent ?? bodyOf(section, held, id),
    action: 'forgotten',
    fields: [],
    before: null,
    after: null,
    hash: sha256(text),
    ...change,
  }
  const tombstones = own.map(({ changeId }): Output => ({ topic: 'registry-changes', key: changeId, value: null }))
  return { change: remains, outputs: [tombstoneOf(section, id), ...tombstones] }
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

import type { CompiledCorrelation } from '../correlations.ts'
import type { Entry } from './entry.ts'
import type { Episode } from './episode.ts'
import { Group, type GroupLimits } from './group.ts'

/** What a changelog record holds for one group: short lists instead of repeated names. */
interface StoredGroup {
  v: 1
  constituent: string
  groupKey: string
  key: string[]
  settled: number
  cut: boolean
  entries: StoredEntry[]
  episodes: Episode[]
}

type StoredEntry = [
  atMs: number,
  order: string | number,
  eventId: string,
  rules: number[],
  values: string[] | null,
  carry: Record<string, string>,
  detail: Record<string, string>,
  value: number | null,
  flags: number,
]

/** A group as JSON text. */
export function writeGroup(group: Group): string {
  const stored: StoredGroup = {
    v: 1,
    constituent: group.constituent,
    groupKey: group.groupKey,
    key: group.key,
    settled: group.settled,
    cut: group.cut,
    entries: group.entries.map(writeEntry),
    episodes: group.episodes,
  }
  return JSON.stringify(stored)
}

/** A group from the JSON text that `writeGroup` made. Throws a SyntaxError for anything else. */
export function readGroup(correlation: CompiledCorrelation, text: string, limits: GroupLimits): Group {
  const stored = JSON.parse(text) as Partial<StoredGroup>
  if (
    stored.v !== 1 ||
    !Array.isArray(stored.entries) ||
    !Array.isArray(stored.episodes) ||
    !Array.isArray(stored.key)
  ) {
    throw new SyntaxError('The stored group is not of a version that this engine writes.')
  }
  const group = new Group(correlation, stored.constituent ?? '', stored.groupKey ?? '', stored.key, limits)
  group.entries = stored.entries.map(readEntry)
  group.episodes = stored.episodes
  group.settled = stored.settled ?? 0
  group.cut = stored.cut ?? false
  return group
}

function writeEntry(entry: Entry): StoredEntry {
  const { atMs, order, eventId, rules, values, carry, detail, value } = entry
  return [atMs, order, eventId, rules, values, carry, detail, value, (entry.holds ? 1 : 0) + (entry.edge ? 2 : 0)]
}

function readEntry(stored: StoredEntry): Entry {
  const [atMs, order, eventId, rules, values, carry, detail, value, flags] = stored
  return {
    atMs,
    order,
    eventId,
    rules,
    values,
    carry,
    detail,
    value,
    holds: (flags & 1) !== 0,
    edge: (flags & 2) !== 0,
  }
}

import { idFrom } from '@tocsin/events'
import type { CompiledCorrelation } from '../correlations.ts'
import { type Entry, firstAtOrAfter } from './entry.ts'
import type { Evidence, Firing } from './firing.ts'

export const maxEvidence = 100

/** A stretch of event time in which a condition held again and again, no more than one timespan apart. */
export interface Episode {
  detectionId: string
  anchorEventId: string
  /** First and last event at which the condition held. */
  firstMs: number
  lastMs: number
  value: number
  /** Revision last reported; -1 before the opening. */
  revision: number
  /** Count and last event at the last report: what decides when an update is due. */
  reportedCount: number
  reportedMs: number
  /** Something changed since the last report. */
  pending: boolean
  /** Contributing events whose entries are gone already. */
  goneCount: number
  gone: Evidence[]
  goneFirstMs: number | null
}

/** Id of an episode: hash of rule, meaning of its state, group and anchor (design.md 2.3). */
export function detectionIdOf(ruleId: string, stateHash: string, groupKey: string, anchorEventId: string): string {
  return idFrom(ruleId, stateHash, groupKey, anchorEventId)
}

export function openEpisode(correlation: CompiledCorrelation, groupKey: string, entry: Entry): Episode {
  return {
    detectionId: detectionIdOf(correlation.metadata.id, correlation.stateHash, groupKey, entry.eventId),
    anchorEventId: entry.eventId,
    firstMs: entry.atMs,
    lastMs: entry.atMs,
    value: entry.value ?? 0,
    revision: -1,
    reportedCount: 0,
    reportedMs: entry.atMs,
    pending: true,
    goneCount: 0,
    gone: [],
    goneFirstMs: null,
  }
}

/** Entries that contribute: those of every window in which the condition held, which is one stretch of time. */
export function contributing(
  episode: Episode,
  entries: readonly Entry[],
  timespanMs: number,
): { from: number; to: number } {
  const from = firstAtOrAfter(entries, episode.firstMs - timespanMs)
  let to = firstAtOrAfter(entries, episode.lastMs)
  while (to < entries.length && (entries[to] as Entry).atMs === episode.lastMs) to++
  return { from, to }
}

export function eventCount(episode: Episode, entries: readonly Entry[], timespanMs: number): number {
  const { from, to } = contributing(episode, entries, timespanMs)
  return episode.goneCount + to - from
}

/** Keeps what the episode needs of an entry that is about to be dropped. True when the entry is kept as evidence. */
export function keepGone(episode: Episode, entry: Entry, correlation: CompiledCorrelation): boolean {
  if (entry.atMs < episode.firstMs - correlation.timespanMs || entry.atMs > episode.lastMs) return false
  if (entry.holds && entry.atMs === episode.lastMs) episode.value = entry.value ?? episode.value
  episode.goneCount++
  episode.goneFirstMs ??= entry.atMs
  if (episode.gone.length >= maxEvidence) return false
  episode.gone.push(evidenceOf(entry, correlation))
  return true
}

/** Moves the events of a later episode to the one it turned out to be part of. */
export function absorb(into: Episode, other: Episode): void {
  if (other.lastMs > into.lastMs) into.value = other.value
  into.firstMs = Math.min(into.firstMs, other.firstMs)
  into.lastMs = Math.max(into.lastMs, other.lastMs)
  into.goneCount += other.goneCount
  into.gone = [...into.gone, ...other.gone].slice(0, maxEvidence)
  into.goneFirstMs ??= other.goneFirstMs
  into.pending = true
}

export interface GroupIdentity {
  correlation: CompiledCorrelation
  constituent: string
  groupKey: string
  key: string[]
  cut: boolean
}

/** Builds the next report of an episode and notes what was reported. */
export function report(
  episode: Episode,
  edge: 'open' | 'update' | 'close',
  group: GroupIdentity,
  entries: readonly Entry[],
  supersededBy: string | null = null,
): Firing {
  const { correlation, key } = group
  const { from, to } = contributing(episode, entries, correlation.timespanMs)
  const live = entries.slice(from, Math.min(to, from + Math.max(0, maxEvidence - episode.gone.length)))
  const count = episode.goneCount + to - from
  episode.value = lastValue(episode, entries, to)
  episode.revision++
  episode.reportedCount = count
  episode.reportedMs = episode.lastMs
  episode.pending = false
  return {
    edge,
    detectionId: episode.detectionId,
    revision: episode.revision,
    correlationId: correlation.metadata.id,
    title: correlation.metadata.title,
    level: correlation.level,
    tags: correlation.tags,
    metadata: correlation.metadata,
    alerts: correlation.alerts,
    constituent: group.constituent,
    groupKey: group.groupKey,
    groupBy: Object.fromEntries(correlation.groupBy.map((name, index) => [name, key[index] ?? ''])),
    windowStartMs: episode.firstMs - correlation.timespanMs,
    windowEndMs: episode.lastMs,
    value: episode.value,
    threshold: correlation.tests[0]?.value ?? 0,
    evidence: [...episode.gone, ...live.map((entry) => evidenceOf(entry, correlation))],
    eventCount: count,
    firstEventAtMs: episode.goneFirstMs ?? entries[from]?.atMs ?? episode.firstMs,
    lastEventAtMs: episode.lastMs,
    anchorEventId: episode.anchorEventId,
    approximate: group.cut,
    supersededBy,
  }
}

/** Value at the last event at which the condition held; the kept one when that entry is gone. */
function lastValue(episode: Episode, entries: readonly Entry[], to: number): number {
  for (let i = to - 1; i >= 0 && entries[i]?.atMs === episode.lastMs; i--) {
    const entry = entries[i] as Entry
    if (entry.holds) return entry.value ?? episode.value
  }
  return episode.value
}

function evidenceOf(entry: Entry, correlation: CompiledCorrelation): Evidence {
  const ruleIds = entry.rules.map((position) => correlation.ruleIds[position] ?? '')
  return { eventId: entry.eventId, atMs: entry.atMs, ruleIds, detail: entry.detail }
}

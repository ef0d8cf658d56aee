import type { RegistrySource, SourceCount, SourceState } from '@tocsin/events'
import { localDayAt, wallTimeAt } from '@tocsin/obligations'
import { type LimitBasis, limitOf, type Rhythm, rateOf, slotOf, usualLines } from './rhythm.ts'
import { clockOf, type MinuteSkew, noteSkew } from './skew.ts'

const HOUR_MS = 3_600_000

/** What changes with every count of a source; what it learned slowly is its `Rhythm`. */
export interface Watched {
  lastSeenAt: number | null
  /** Last line before a silence that was told; null while it is heard. */
  silentFrom: number | null
  /** When that was noticed. */
  silentAt: number | null
  /** Start of the wave of silences that it was told with; null where it was told by itself. */
  wave: number | null
  /** Start of the present hour, and its lines. */
  hour: number
  lines: number
  linesLastHour: number
  rate: 'usual' | 'low' | 'high' | 'unlearned'
  /** Hour that was told as low or high; null while it is as usual. */
  rateFrom: number | null
  skews: readonly MinuteSkew[]
  clock: 'right' | 'wrong' | 'unknown'
  skewMs: number | null
  /** Instant at which the clock was told to be wrong; null while it is not. */
  clockFrom: number | null
}

/** A source of which nothing was heard yet. */
export function unheard(minute: number): Watched {
  return {
    lastSeenAt: null,
    silentFrom: null,
    silentAt: null,
    wave: null,
    hour: hourOf(minute),
    lines: 0,
    linesLastHour: 0,
    rate: 'unlearned',
    rateFrom: null,
    skews: [],
    clock: 'unknown',
    skewMs: null,
    clockFrom: null,
  }
}

export function hourOf(instant: number): number {
  return Math.floor(instant / HOUR_MS) * HOUR_MS
}

/** Takes a count of the door; gives the source with its lines. Counts of an hour that is over are too late for the rate. */
export function withLines(watched: Watched, count: SourceCount): Watched {
  const seenAt = count.lastAt ?? count.minute
  const lastSeenAt = Math.max(watched.lastSeenAt ?? 0, seenAt)
  const isThisHour = hourOf(count.minute) === watched.hour
  return { ...watched, lastSeenAt, lines: isThisHour ? watched.lines + count.accepted : watched.lines }
}

/** Takes what the normalizer measured; gives the source with the verdict on its clock. */
export function withSkew(watched: Watched, minute: number, skewMs: number, nowMs: number): Watched {
  const skews = noteSkew(watched.skews, minute, skewMs)
  if (skews === watched.skews) return watched
  const verdict = clockOf(skews, nowMs)
  if (verdict === null) return { ...watched, skews }
  return { ...watched, skews, clock: verdict.isRight ? 'right' : 'wrong', skewMs: Math.round(verdict.skewMs) }
}

/** Slot of an hour in the source's own time zone. */
export function slotAt(source: Pick<RegistrySource, 'timeZone'>, hour: number): string {
  return slotOf(localDayAt(source.timeZone, hour), Math.floor(wallTimeAt(source.timeZone, hour) / HOUR_MS))
}

/** The hour that is over, judged; the next begins. */
export function nextHour(watched: Watched, rhythm: Rhythm, source: RegistrySource, nowMs: number): Watched {
  const rate = rateOf(rhythm, slotAt(source, watched.hour), watched.lines)
  return { ...watched, hour: hourOf(nowMs), lines: 0, linesLastHour: watched.lines, rate }
}

/** When a silence is told: the instant, with the limit and its ground. A source that was never heard has its registration. */
export function silenceDue(
  watched: Pick<Watched, 'lastSeenAt'>,
  rhythm: Rhythm,
  source: RegistrySource,
): { at: number; from: number; limitMs: number; basis: LimitBasis } {
  const { limitMs, basis } = limitOf(rhythm, source.expectedIntervalSeconds)
  const from = watched.lastSeenAt ?? source.changedAt
  return { at: from + limitMs, from, limitMs, basis }
}

/** The record that console and reports show. */
export function stateOf(watched: Watched, rhythm: Rhythm, source: RegistrySource, nowMs: number): SourceState {
  const { limitMs, basis } = silenceDue(watched, rhythm, source)
  const isSilent = watched.silentFrom !== null
  return {
    sourceId: source.sourceId,
    constituent: source.constituent,
    state: watched.lastSeenAt === null ? 'never-heard' : isSilent ? 'silent' : 'heard',
    since: watched.silentFrom ?? watched.lastSeenAt ?? source.changedAt,
    lastSeenAt: watched.lastSeenAt,
    limitSeconds: Math.round(limitMs / 1_000),
    limitBasis: basis,
    rate: watched.rate,
    linesLastHour: watched.linesLastHour,
    linesUsual: usualLines(rhythm, slotAt(source, watched.hour - HOUR_MS)),
    clock: watched.clock,
    skewMs: watched.skewMs,
    updatedAt: nowMs,
  }
}

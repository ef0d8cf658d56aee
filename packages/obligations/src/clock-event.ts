import { idFrom } from '@tocsin/events'
import { type Clock, type ClockWarning, clocksOf, LEAST_REPEAT_MS } from './clock.ts'
import type { CaseFacts } from './facts.ts'
import type { Pack } from './pack.ts'
import type { MessageSpec } from './pack-schema.ts'

export type ClockEventKind = 'started' | 'warned' | 'escalated' | 'breached' | 'met' | 'cancelled'

/**
 * One thing that a clock did, at its legal instant. Its id comes from the case, the clock, what happened and that instant,
 * never from now: a restart finds the same ids, and a corrected instant makes a new one and withdraws the old.
 */
export interface ClockHappening {
  eventId: string
  caseId: string
  clockKey: string
  what: ClockEventKind
  /** Legal instant, UTC milliseconds. */
  at: number
  /** The fact, the warning's id, or the limit that moved it. */
  by: string
  /** 0 but for the repeats of a reminder. */
  ordinal: number
  /** Messages that become owed with it. */
  messages: readonly MessageSpec[]
  clock: Clock
}

/** Repeated reminders stop here: a case left open for years must not fill a topic. */
export const MAX_REPEATS = 400

/** Everything that one clock did by `now`, in order of time. */
export function happeningsOf(caseId: string, clock: Clock, now: number): ClockHappening[] {
  const happenings: ClockHappening[] = []
  const add = (
    what: ClockEventKind,
    at: number,
    by: string,
    ordinal: number,
    messages: readonly MessageSpec[] = [],
  ): void => {
    const eventId = idFrom('clock', caseId, clock.key, what, by, at)
    happenings.push({ eventId, caseId, clockKey: clock.key, what, at, by, ordinal, messages, clock })
  }
  add('started', clock.startAt, clock.startMoment, 0, clock.notify === null ? [] : [clock.notify])
  const endedAt = clock.metAt ?? clock.cancelledAt ?? Number.POSITIVE_INFINITY
  for (const warning of clock.warnings) {
    instantsOf(warning, Math.min(now, endedAt - 1)).forEach((at, index) =>
      add('warned', at, warning.id, (warning.firstOrdinal ?? 0) + index, [warning.message]),
    )
  }
  if (clock.breachedAt !== null) {
    const { escalates, messages, record } = clock.onMiss
    add('breached', clock.breachedAt, record, 0, escalates === true ? [] : (messages ?? []))
    if (escalates === true) add('escalated', clock.breachedAt, record, 0, messages ?? [])
  }
  if (clock.metAt !== null && clock.metAt <= now) add('met', clock.metAt, clock.metBy ?? '', 0)
  if (clock.metAt === null && clock.cancelledAt !== null)
    add('cancelled', clock.cancelledAt, clock.cancelledBy ?? '', 0)
  return happenings.sort(byTime)
}

function instantsOf(warning: ClockWarning, until: number): number[] {
  if (warning.everyMs === null) return warning.at <= until ? [warning.at] : []
  const instants: number[] = []
  const last = Math.min(until, (warning.until ?? Number.POSITIVE_INFINITY) - 1)
  const most = MAX_REPEATS - (warning.firstOrdinal ?? 0)
  for (let at = warning.at; at <= last && instants.length < most; at += Math.max(warning.everyMs, LEAST_REPEAT_MS))
    instants.push(at)
  return instants
}

const order: Record<ClockEventKind, number> = { started: 0, warned: 1, met: 2, cancelled: 3, breached: 4, escalated: 5 }

function byTime(a: ClockHappening, b: ClockHappening): number {
  return a.at - b.at || order[a.what] - order[b.what]
}

/** Everything that the clocks of one case did by `now`; what happens at one instant keeps the pack's order of clocks. */
export function historyOf(pack: Pack, subject: CaseFacts, now: number): ClockHappening[] {
  return clocksOf(pack, subject, now)
    .flatMap((clock) => happeningsOf(subject.caseId, clock, now))
    .sort((a, b) => a.at - b.at)
}

/** What is owed now against what was already recorded. */
export interface Due {
  /** Not recorded yet, oldest first; `lateMs` says how long after its instant it is made. */
  owed: (ClockHappening & { lateMs: number })[]
  /** Recorded, and no longer true: a fact with an earlier instant became known, or a closure was reopened. */
  withdrawn: string[]
}

/**
 * What must be recorded and sent at `now` for one case. Takes the ids already recorded. After an outage everything missed
 * comes at once, each with its legal instant and its lateness; nothing comes twice.
 */
export function due(pack: Pack, subject: CaseFacts, recorded: ReadonlySet<string>, now: number): Due {
  const history = historyOf(pack, subject, now)
  const current = new Set(history.map((happening) => happening.eventId))
  return {
    owed: history
      .filter((happening) => !recorded.has(happening.eventId))
      .map((happening) => ({ ...happening, lateMs: Math.max(0, now - happening.at) })),
    withdrawn: [...recorded].filter((eventId) => !current.has(eventId)),
  }
}

/** The next instant after `now` at which a clock does something by itself; null when none will. */
export function nextWakeOf(clocks: readonly Clock[], now: number): number | null {
  let next: number | null = null
  const offer = (at: number): void => {
    if (at > now && (next === null || at < next)) next = at
  }
  for (const clock of clocks) {
    if (clock.metAt !== null || clock.cancelledAt !== null) continue
    offer(clock.dueAt)
    for (const warning of clock.warnings) offer(nextInstantOf(warning, now))
  }
  return next
}

function nextInstantOf(warning: ClockWarning, now: number): number {
  if (warning.everyMs === null || warning.at > now) return warning.at
  const stepMs = Math.max(warning.everyMs, LEAST_REPEAT_MS)
  const repeats = Math.floor((now - warning.at) / stepMs) + 1
  const at = warning.at + repeats * stepMs
  const isOver =
    repeats + (warning.firstOrdinal ?? 0) >= MAX_REPEATS || at >= (warning.until ?? Number.POSITIVE_INFINITY)
  return isOver ? now : at
}

/** The earliest wake-up over many cases, each with its pack. */
export function nextDue(cases: Iterable<{ pack: Pack; subject: CaseFacts }>, now: number): number | null {
  let next: number | null = null
  for (const { pack, subject } of cases) {
    const wake = nextWakeOf(clocksOf(pack, subject, now), now)
    if (wake !== null && (next === null || wake < next)) next = wake
  }
  return next
}

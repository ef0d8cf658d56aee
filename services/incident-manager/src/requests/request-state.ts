import type { Request } from '@tocsin/events'
import type { ClockHappening } from '@tocsin/obligations'
import {
  type CaseFacts,
  type Clock,
  clocksOf,
  type Fact,
  happeningsOf,
  nextWakeOf,
  type Pack,
  periodClock,
  type ScheduledRun,
} from '@tocsin/obligations'

/** Everything that is remembered of one request: its public record and what its clocks follow from. */
export interface RequestState {
  record: Request
  /** Legal instants; the clocks follow from them alone. */
  facts: readonly Fact[]
  /** Clock events already written: id → key of the clock. */
  recorded: Readonly<Record<string, string>>
  /** The run of the pack's schedule that it stands for; null where it was asked once. */
  run: ScheduledRun | null
  /** Notices that wait for an acknowledgement: id → contact (VN-7.2). */
  waitingFor: Readonly<Record<string, string>>
  /** True while the alarm that it is overdue is raised. */
  alarmed: boolean
  wakeAt: number | null
}

/** What the clocks of a request did by now and have not said yet, and the next instant at which they do something. */
export interface RequestClocks {
  subject: CaseFacts
  clocks: readonly Clock[]
  owed: readonly ClockHappening[]
  recorded: Record<string, string>
  wakeAt: number | null
}

/** The clocks of a request under its pack: those of its schedule, or those that the pack gives to every request. */
export function clocksOfRequest(state: RequestState, pack: Pack, nowMs: number): RequestClocks {
  const { subject, clocks } = subjectAndClocks(state, pack, nowMs)
  const history = clocks.flatMap((clock) => happeningsOf(subject.caseId, clock, nowMs))
  const owed = history
    .filter(({ eventId }) => state.recorded[eventId] === undefined)
    .sort((one, other) => one.at - other.at)
  const { record } = state
  const due = isOpen(record) && record.dueAt !== null && record.dueAt > nowMs ? record.dueAt : null
  const wake = nextWakeOf(clocks, nowMs)
  return {
    subject,
    clocks,
    owed,
    recorded: Object.fromEntries(history.map(({ eventId, clockKey }) => [eventId, clockKey])),
    wakeAt: due === null ? wake : Math.min(due, wake ?? due),
  }
}

/** True while an answer is awaited. */
export function isOpen({ state }: Request): boolean {
  return state === 'open' || state === 'overdue'
}

function subjectAndClocks(state: RequestState, pack: Pack, nowMs: number): { subject: CaseFacts; clocks: Clock[] } {
  const { record, facts, run } = state
  const { requestId, constituent, exercise, kind, from, to } = record
  const schedule = pack.schedules.find(({ id }) => id === record.scheduleId)
  if (run !== null && schedule !== undefined) {
    const period = periodClock(pack, schedule, run, constituent, facts, nowMs)
    if (period !== null) return { subject: { ...period.subject, exercise }, clocks: [period.clock] }
  }
  const attributes = { requestKind: kind, from, to }
  const subject: CaseFacts = { caseId: requestId, constituent, kind: 'request', exercise, attributes, facts }
  return { subject, clocks: run === null ? clocksOf(pack, subject, nowMs) : [] }
}

import type { Request } from '@tocsin/events'
import { type ClockHappening, dayOf, type Fact, happeningsOf, type Pack, runOf } from '@tocsin/obligations'
import { clocksOfRequest, type RequestState } from './request-state.ts'

/** True for a request that has clocks of its own; one that belongs to a case has the case's. */
export function hasOwnClocks({ number }: Request): boolean {
  return number !== ''
}

/** What the clocks of a request must have done by `nowMs`, from its public record alone: the inspector's side. */
export function happeningsOfRequest(record: Request, pack: Pack, nowMs: number): ClockHappening[] {
  const { clocks, subject } = clocksOfRequest(stateFromRecord(record, pack), pack, nowMs)
  return clocks.flatMap((clock) => happeningsOf(subject.caseId, clock, nowMs))
}

function stateFromRecord(record: Request, pack: Pack): RequestState {
  const schedule = pack.schedules.find(({ id }) => id === record.scheduleId)
  const day = record.period === null ? null : dayOf(record.period)
  const run = schedule === undefined || day === null ? null : runOf(pack, schedule, day)
  const facts: Fact[] = []
  const add = (name: string, at: number | null): void => {
    if (at !== null) facts.push({ name, at })
  }
  if (run === null) {
    add('openedAt', record.createdAt)
    add('dueAt', record.dueAt)
  }
  add(run === null ? 'answeredAt' : 'submittedAt', record.state === 'refused' ? null : record.answeredAt)
  add('closedAt', record.closedAt)
  return { record, facts, recorded: {}, run, waitingFor: {}, alarmed: false, wakeAt: null }
}

import { addWorkingDays, dateOf, instantOf, type LocalDay, localDayAt, periodEnd, periodStart } from './calendar.ts'
import { type Clock, clockFrom } from './clock.ts'
import { momentOf, type OtherClocks } from './condition.ts'
import { parseDuration } from './duration.ts'
import type { CaseFacts, Fact } from './facts.ts'
import type { Pack } from './pack.ts'
import type { ScheduleSpec } from './pack-schema.ts'

/** One run of a periodic duty: the period, when its draft or task opens, when it is due. Instants are UTC ms, `to` exclusive. */
export interface ScheduledRun {
  scheduleId: string
  /** First day of the period, `2026-07-01`. */
  period: string
  from: number
  to: number
  startAt: number
  opensAt: number
  dueAt: number
}

/**
 * The runs of one schedule that open in `[fromMs, toMs)`, oldest first, at most `maxRuns`. Periods follow the pack's local
 * calendar; a run that would begin before the law is in force is left out.
 */
export function runsOf(
  pack: Pack,
  schedule: ScheduleSpec,
  fromMs: number,
  toMs: number,
  maxRuns = 1000,
): ScheduledRun[] {
  const runs: ScheduledRun[] = []
  const zone = pack.timeZone
  // A run opens at most one period, and a day of margin for the zone, after its period began.
  let start = periodStart(schedule.period, localDayAt(zone, fromMs) - 1)
  start = periodStart(schedule.period, start - 1)
  while (runs.length < maxRuns) {
    const run = runOf(pack, schedule, start)
    if (run.opensAt >= toMs && run.from >= toMs) break
    if (run.opensAt >= fromMs && run.opensAt < toMs && run.from >= pack.inForceFrom) runs.push(run)
    start = periodEnd(schedule.period, start)
  }
  return runs
}

/** The run of `schedule` whose period begins on local day `start`. */
export function runOf(pack: Pack, schedule: ScheduleSpec, start: LocalDay): ScheduledRun {
  const zone = pack.timeZone
  const end = periodEnd(schedule.period, start)
  const day = schedule.start === 'periodStart' ? start : end
  return {
    scheduleId: schedule.id,
    period: dateOf(start),
    from: instantOf(zone, start),
    to: instantOf(zone, end),
    startAt: instantOf(zone, day),
    opensAt: wall(zone, day, schedule.opens),
    dueAt: dueOf(pack, schedule, day, end),
  }
}

function dueOf(pack: Pack, schedule: ScheduleSpec, day: LocalDay, end: LocalDay): number {
  const { due } = schedule
  const zone = pack.timeZone
  if ('at' in due) return wall(zone, day, due.at)
  if ('endOfPeriod' in due) return instantOf(zone, end)
  // Day 1 is the day that the start falls on: "day 10 after quarter end" is the 10th of the month.
  if ('endOfDays' in due) return instantOf(zone, day + due.endOfDays)
  return instantOf(zone, addWorkingDays(pack.workCalendar, day - 1, due.workingDays) + 1)
}

function wall(zone: string, day: LocalDay, text: string): number {
  const duration = parseDuration(text)
  if (duration === null) throw new RangeError(`not a duration: ${text}`)
  return instantOf(zone, day + duration.days, duration.elapsedMs)
}

const alone: OtherClocks = { metAt: () => null, breachedAt: () => null }

/** Id of the case that stands for one run of a schedule for one constituent (`national` for the whole country). */
export function periodCaseId(packId: string, scheduleId: string, constituent: string, period: string): string {
  return `${packId}:${scheduleId}:${constituent}:${period}`
}

/**
 * The clock of one run: it starts when the period begins or ends, as the pack says, and is met by what the pack names
 * (`submittedAt` unless told). Takes the facts known for that run. Null before the start.
 */
export function periodClock(
  pack: Pack,
  schedule: ScheduleSpec,
  run: ScheduledRun,
  constituent: string,
  facts: readonly Fact[],
  now: number,
): { subject: CaseFacts; clock: Clock } | null {
  if (now < run.startAt) return null
  const subject: CaseFacts = {
    caseId: periodCaseId(pack.id, schedule.id, constituent, run.period),
    constituent,
    kind: 'period',
    attributes: {},
    facts: [{ name: 'periodStart', at: run.from }, { name: 'periodEnd', at: run.to }, ...facts],
  }
  const start = momentOf(schedule.start, subject, `${schedule.id}/period`, alone, now)
  if (start === null) return null
  return {
    subject,
    clock: clockFrom(pack, { ...schedule, pauses: undefined }, 'period', subject, start, run.dueAt, alone, now),
  }
}

import { addMonths, addWorkingDays, instantOf, localDayAt, wallTimeAt } from './calendar.ts'
import { parseDuration } from './duration.ts'
import type { CaseFacts } from './facts.ts'
import type { Pack } from './pack.ts'
import type { LimitSpec } from './pack-schema.ts'

/**
 * Takes a start instant and an ISO duration; gives the instant reached. Hours and minutes are elapsed time; days and months
 * keep the wall time of the zone.
 */
export function addDuration(zone: string, startAt: number, text: string): number {
  const duration = parseDuration(text)
  if (duration === null) throw new RangeError(`not a duration: ${text}`)
  if (duration.months === 0 && duration.days === 0) return startAt + duration.elapsedMs
  const day = addMonths(localDayAt(zone, startAt), duration.months) + duration.days
  return instantOf(zone, day, wallTimeAt(zone, startAt)) + duration.elapsedMs
}

/**
 * When a limit that began at `startAt` is due, UTC ms; null while the moment that decides it is not known. A limit in whole
 * or working days is due when the last of them ends: the first instant of the next day.
 */
export function dueAfter(pack: Pack, subject: CaseFacts, startAt: number, limit: LimitSpec): number | null {
  const zone = pack.timeZone
  if (typeof limit === 'string') return addDuration(zone, startAt, limit)
  if ('setting' in limit) {
    return addDuration(zone, startAt, settingOr(pack, subject, limit))
  }
  if ('moment' in limit) {
    // A due date that a person set lies in the future of `now`, so it is read without that bound; the latest one counts.
    const set = subject.facts.filter((fact) => fact.name === limit.moment && fact.withdrawnAt === undefined)
    return set.length === 0 ? null : Math.max(...set.map((fact) => fact.at))
  }
  const day = localDayAt(zone, startAt)
  if ('workingDays' in limit) return instantOf(zone, addWorkingDays(pack.workCalendar, day, limit.workingDays) + 1)
  return instantOf(zone, day + limit.endOfDays + 1)
}

/**
 * The duration that a limit names: written out, or a setting of the pack that the constituent's own regulation may replace
 * (VN-5.3b). A replacement that is no duration is ignored, so that a wrong entry cannot stop a clock.
 */
export function settingOr(pack: Pack, subject: CaseFacts, limit: string | { setting: string }): string {
  if (typeof limit === 'string') return limit
  const own = subject.settings?.[limit.setting]
  if (own !== undefined && parseDuration(own) !== null) return own
  return pack.settings[limit.setting]?.value ?? 'PT0S'
}

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
    return dueBySetting(pack, subject, startAt, limit)
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
 * The due instant follows a new value of the regulation at once: it moves, but never before the instant of the entry, so that
 * nothing that was in time becomes late by it; what was due before the entry stays due then (VN-5.3b).
 */
function dueBySetting(pack: Pack, subject: CaseFacts, startAt: number, limit: { setting: string }): number {
  let dueAt = addDuration(pack.timeZone, startAt, settingOr(pack, subject, limit, startAt))
  for (const { at } of subject.settingsSince ?? []) {
    if (at <= startAt) continue
    if (dueAt <= at) break
    dueAt = Math.max(at, addDuration(pack.timeZone, startAt, settingOr(pack, subject, limit, at)))
  }
  return dueAt
}

/**
 * The duration that a limit names: written out, or a setting of the pack that the constituent's own regulation may replace
 * (VN-5.3b), by its value at an instant. A replacement that is no duration is ignored, so that a wrong entry cannot stop a clock.
 */
export function settingOr(
  pack: Pack,
  subject: CaseFacts,
  limit: string | { setting: string },
  instant: number,
): string {
  if (typeof limit === 'string') return limit
  const settings = subject.settingsSince?.findLast(({ at }) => at <= instant)?.settings ?? subject.settings
  const own = settings?.[limit.setting]
  if (own !== undefined && parseDuration(own) !== null) return own
  return pack.settings[limit.setting]?.value ?? 'PT0S'
}

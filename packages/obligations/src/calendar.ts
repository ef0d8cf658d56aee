/**
 * Local calendars by arithmetic on day numbers. A *local day* is the number of days since 1970-01-01 of the wall calendar of
 * a zone; an *instant* is UTC milliseconds. Offsets come from the zone tables inside Intl, as they really were.
 */
export type LocalDay = number

export const DAY_MS = 86_400_000

/** Working time of one country: days off besides the weekend, and weekend days that are worked instead. */
export interface WorkCalendar {
  /** Days of the week that are not worked: 0 = Sunday … 6 = Saturday. */
  weekend: ReadonlySet<number>
  holidays: ReadonlySet<LocalDay>
  workdays: ReadonlySet<LocalDay>
  /** Years for which the list of holidays is known; outside it only weekends are days off. */
  years: ReadonlySet<number>
}

/** Day number of a date `YYYY-MM-DD`; null when there is no such day. */
export function dayOf(date: string): LocalDay | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date)
  if (match === null) return null
  const day = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / DAY_MS
  return dateOf(day) === date ? day : null
}

/** The date `YYYY-MM-DD` of a day number. */
export function dateOf(day: LocalDay): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Milliseconds that the wall clock of `zone` is ahead of UTC at `instant`. Throws RangeError for a zone that does not exist. */
export function offsetAt(zone: string, instant: number): number {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(zone, format)
  }
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  return wall - Math.floor(instant / 1000) * 1000
}

/** The local day on which `instant` falls. */
export function localDayAt(zone: string, instant: number): LocalDay {
  return Math.floor((instant + offsetAt(zone, instant)) / DAY_MS)
}

/** Milliseconds since local midnight shown by the wall clock at `instant`. */
export function wallTimeAt(zone: string, instant: number): number {
  const wall = instant + offsetAt(zone, instant)
  return wall - Math.floor(wall / DAY_MS) * DAY_MS
}

/**
 * The instant at which the wall clock of `zone` shows `timeMs` after midnight of `day`. A time that the clock shows twice
 * gives the first; a time that it skips gives the instant of the jump plus what was skipped.
 */
export function instantOf(zone: string, day: LocalDay, timeMs = 0): number {
  const wall = day * DAY_MS + timeMs
  const before = wall - offsetAt(zone, wall - DAY_MS)
  if (before + offsetAt(zone, before) === wall) return before
  const after = wall - offsetAt(zone, wall + DAY_MS)
  return after + offsetAt(zone, after) === wall ? after : before
}

/** Adds whole months to a day; the day of the month is cut to the length of the month reached. */
export function addMonths(day: LocalDay, months: number): LocalDay {
  const date = new Date(day * DAY_MS)
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1)
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0)).getUTCDate()
  return first / DAY_MS + Math.min(date.getUTCDate(), length) - 1
}

/** 0 = Sunday … 6 = Saturday. */
export function weekdayOf(day: LocalDay): number {
  return (((day + 4) % 7) + 7) % 7
}

export function yearOf(day: LocalDay): number {
  return new Date(day * DAY_MS).getUTCFullYear()
}

/** True when `day` is worked: not a holiday, and not a weekend day unless it is worked in exchange. */
export function isWorkingDay(calendar: WorkCalendar, day: LocalDay): boolean {
  if (calendar.workdays.has(day)) return true
  return !calendar.weekend.has(weekdayOf(day)) && !calendar.holidays.has(day)
}

/** The `count`-th working day after `day`; `day` itself is not counted. Source of the rule: the day of the event is day 0. */
export function addWorkingDays(calendar: WorkCalendar, day: LocalDay, count: number): LocalDay {
  let left = count
  let at = day
  while (left > 0) {
    at += 1
    if (isWorkingDay(calendar, at)) left -= 1
  }
  return at
}

/** How many calendar days from `day` back hold `count` working days, `day` not counted: the retention floor of VN-5.3h. */
export function calendarDaysCovering(calendar: WorkCalendar, day: LocalDay, count: number): number {
  let left = count
  let back = 0
  while (left > 0) {
    back += 1
    if (isWorkingDay(calendar, day - back)) left -= 1
  }
  return back
}

export const PERIODS = ['day', 'week', 'month', 'quarter', 'half-year', 'year'] as const
export type Period = (typeof PERIODS)[number]

const monthsOf = { month: 1, quarter: 3, 'half-year': 6, year: 12 } as const

/** First local day of the period that holds `day`. Weeks begin on Monday (ISO 8601). */
export function periodStart(period: Period, day: LocalDay): LocalDay {
  if (period === 'day') return day
  if (period === 'week') return day - ((weekdayOf(day) + 6) % 7)
  const date = new Date(day * DAY_MS)
  const length = monthsOf[period]
  return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / length) * length, 1) / DAY_MS
}

/** First local day after the period that begins on `start`. */
export function periodEnd(period: Period, start: LocalDay): LocalDay {
  if (period === 'day') return start + 1
  return period === 'week' ? start + 7 : addMonths(start, monthsOf[period])
}

import type { LineTime } from '../parser.ts'
import { fixedOffsetMinutes, lettersOffsetMinutes, wallClockToUtc } from './zone.ts'

/** What a line does not say about its own time. */
export interface TimeContext {
  readonly receivedAt: number
  readonly timeZone: string | undefined
}

export interface TimeAt {
  readonly time: LineTime
  /** Index after the time and its zone. */
  readonly end: number
}

interface Parts {
  year?: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  fractionMs: number
  /** Set where the zone stands inside the time. */
  zoneMinutes?: number
  end: number
}

const months: Record<string, number> = {
  jan: 0,
  feb: 1,
  mar: 2,
  apr: 3,
  may: 4,
  jun: 5,
  jul: 6,
  aug: 7,
  sep: 8,
  oct: 9,
  nov: 10,
  dec: 11,
}

const clock = String.raw`(\d{1,2}):(\d\d):(\d\d)(?:[.,:](\d{1,9}))?`
const monthName = '([A-Za-z]{3})[a-z]{0,6}'
const isoShape = new RegExp(String.raw`(\d{4})[-/.:](\d{1,2})[-/.:](\d{1,2})(?:T|t|, ?|-| {1,3})${clock}`, 'y')
const compactShape = /(\d{4})(\d\d)(\d\d)[T ]?(\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,9}))?/y
const monthFirstShape = new RegExp(
  String.raw`(?:[A-Z][a-z]{2},? )?${monthName}[ .]{1,3}(\d{1,2}),? {1,2}(?:(\d{4})[ ,]{1,2})?${clock}(?: (\d{4})(?![\d:.]))?`,
  'y',
)
const monthFirstZoneYearShape = new RegExp(
  String.raw`(?:[A-Z][a-z]{2},? )?${monthName} {1,2}(\d{1,2}) ${clock} ([A-Z]{3,4}) (\d{4})(?!\d)`,
  'y',
)
const dayFirstShape = new RegExp(
  String.raw`(?:[A-Z][a-z]{2},? )?(\d{1,2})[-/ .]${monthName}[-/ .,](\d{4})[: T,-]{1,2}${clock}`,
  'y',
)
const yearMonthShape = new RegExp(String.raw`(\d{4}) ${monthName} {1,2}(\d{1,2}) ${clock}`, 'y')
const slashShape = new RegExp(
  String.raw`(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d\d)(?:, ?|-| {1,2})${clock}( ?[AaPp][Mm])?`,
  'y',
)
const shortYearShape = /(\d\d)(\d\d)(\d\d) {1,2}(\d{1,2}):(\d\d):(\d\d)/y
const epochShape = /(\d{9,10})(?:[.,](\d{1,9}))?(?![\d:/-])|(\d{13}|\d{16}|\d{19})(?![\d:/.-])/y
const zoneShape = / ?(Z(?![A-Za-z])|(?:UTC|GMT)?[+-]\d{2}:?\d{2}(?!\d)|[+-]\d{2}(?![\d:.])|[A-Z]{3,4}(?=[\s:;\])]|$))/y

/** Reads a date and time that begins at `from`; undefined where none of the known shapes stands there. */
export function readTimeAt(text: string, from: number, context: TimeContext): TimeAt | undefined {
  const code = text.charCodeAt(from)
  const isDigit = code >= 48 && code <= 57
  if (!isDigit && !((code >= 65 && code <= 90) || (code >= 97 && code <= 122))) return undefined
  if (isDigit) {
    const parts = iso(text, from) ?? slash(text, from) ?? dayFirst(text, from) ?? yearMonth(text, from)
    return parts === undefined
      ? (epoch(text, from) ?? fromParts(text, compact(text, from) ?? shortYear(text, from), context))
      : fromParts(text, parts, context)
  }
  return fromParts(text, zoneBeforeYear(text, from) ?? monthFirst(text, from) ?? dayFirst(text, from), context)
}

/** Reads a value that is a time and nothing else (spaces aside). */
export function readTime(value: string, context: TimeContext): LineTime | undefined {
  let start = 0
  while (start < value.length && (value[start] === ' ' || value[start] === '[' || value[start] === '"')) start++
  const found = readTimeAt(value, start, context)
  if (found === undefined) return undefined
  return value.length - found.end > 14 ? undefined : found.time
}

function iso(text: string, from: number): Parts | undefined {
  const m = run(isoShape, text, from)
  return m === null
    ? undefined
    : parts(isoShape.lastIndex, Number(m[1]), Number(m[2]) - 1, m[3], m[4], m[5], m[6], m[7])
}

function compact(text: string, from: number): Parts | undefined {
  const m = run(compactShape, text, from)
  if (m === null || Number(m[1]) < 1990 || Number(m[1]) > 2100) return undefined
  return parts(compactShape.lastIndex, Number(m[1]), Number(m[2]) - 1, m[3], m[4], m[5], m[6], m[7])
}

// `161209 13:08:33`, MySQL before 5.7.
function shortYear(text: string, from: number): Parts | undefined {
  const m = run(shortYearShape, text, from)
  return m === null
    ? undefined
    : parts(shortYearShape.lastIndex, 2000 + Number(m[1]), Number(m[2]) - 1, m[3], m[4], m[5], m[6], undefined)
}

function monthFirst(text: string, from: number): Parts | undefined {
  const m = run(monthFirstShape, text, from)
  const month = m === null ? undefined : months[(m[1] ?? '').toLowerCase()]
  if (m === null || month === undefined) return undefined
  const year = m[3] ?? m[8]
  return parts(
    monthFirstShape.lastIndex,
    year === undefined ? undefined : Number(year),
    month,
    m[2],
    m[4],
    m[5],
    m[6],
    m[7],
  )
}

// `Jan 27 07:57:58 CET 2022`
function zoneBeforeYear(text: string, from: number): Parts | undefined {
  const m = run(monthFirstZoneYearShape, text, from)
  const month = m === null ? undefined : months[(m[1] ?? '').toLowerCase()]
  if (m === null || month === undefined) return undefined
  const found = parts(monthFirstZoneYearShape.lastIndex, Number(m[8]), month, m[2], m[3], m[4], m[5], m[6])
  const zoneMinutes = lettersOffsetMinutes(m[7] ?? '')
  if (found !== undefined && zoneMinutes !== undefined) found.zoneMinutes = zoneMinutes
  return found
}

function dayFirst(text: string, from: number): Parts | undefined {
  const m = run(dayFirstShape, text, from)
  const month = m === null ? undefined : months[(m[2] ?? '').toLowerCase()]
  if (m === null || month === undefined) return undefined
  return parts(dayFirstShape.lastIndex, Number(m[3]), month, m[1], m[4], m[5], m[6], m[7])
}

function yearMonth(text: string, from: number): Parts | undefined {
  const m = run(yearMonthShape, text, from)
  const month = m === null ? undefined : months[(m[2] ?? '').toLowerCase()]
  if (m === null || month === undefined) return undefined
  return parts(yearMonthShape.lastIndex, Number(m[1]), month, m[3], m[4], m[5], m[6], m[7])
}

function slash(text: string, from: number): Parts | undefined {
  const m = run(slashShape, text, from)
  if (m === null) return undefined
  const first = Number(m[1])
  const second = Number(m[2])
  // Month first unless that cannot be, or the separator is the European dot.
  const dayIsFirst = first > 12 || (text[from + (m[1] ?? '').length] === '.' && second <= 12)
  const year = Number(m[3]) < 100 ? 2000 + Number(m[3]) : Number(m[3])
  let hour = Number(m[4])
  const half = (m[8] ?? '').trim().toLowerCase()
  if (half === 'pm' && hour < 12) hour += 12
  if (half === 'am' && hour === 12) hour = 0
  return parts(
    slashShape.lastIndex,
    year,
    (dayIsFirst ? second : first) - 1,
    String(dayIsFirst ? first : second),
    String(hour),
    m[5],
    m[6],
    m[7],
  )
}

function epoch(text: string, from: number): TimeAt | undefined {
  const m = run(epochShape, text, from)
  if (m === null) return undefined
  const digits = m[1] ?? m[3] ?? ''
  const scale = digits.length <= 10 ? 1000 : digits.length === 13 ? 1 : digits.length === 16 ? 1e-3 : 1e-6
  const at = Math.floor(Number(digits) * scale) + (m[2] === undefined ? 0 : Math.floor(Number(`0.${m[2]}`) * 1000))
  // 1990 to 2100: other numbers of this length are counters.
  if (at < 631_152_000_000 || at > 4_102_444_800_000) return undefined
  return { time: { at, hasYear: true, hasZone: true }, end: epochShape.lastIndex }
}

function run(shape: RegExp, text: string, from: number): RegExpExecArray | null {
  shape.lastIndex = from
  return shape.exec(text)
}

function parts(
  end: number,
  year: number | undefined,
  month: number,
  day: string | undefined,
  hour: string | undefined,
  minute: string | undefined,
  second: string | undefined,
  fraction: string | undefined,
): Parts | undefined {
  const found: Parts = {
    month,
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    fractionMs: fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000),
    end,
  }
  if (year !== undefined) found.year = year
  // A leap second (60) is kept as the first instant of the next minute.
  const sane =
    month >= 0 &&
    month < 12 &&
    found.day >= 1 &&
    found.day <= daysOf(month, year) &&
    found.hour < 24 &&
    found.minute < 60 &&
    found.second <= 60
  return sane ? found : undefined
}

/** A day that its month does not have is no date: rolling it over would name another day. */
function daysOf(month: number, year: number | undefined): number {
  if (month !== 1) return month === 3 || month === 5 || month === 8 || month === 10 ? 30 : 31
  return year === undefined || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) ? 29 : 28
}

function fromParts(text: string, found: Parts | undefined, context: TimeContext): TimeAt | undefined {
  if (found === undefined) return undefined
  let end = found.end
  let offset = found.zoneMinutes
  const zone = offset === undefined ? run(zoneShape, text, end) : null
  if (zone?.[1] !== undefined) {
    offset = fixedOffsetMinutes(zone[1])
    // Unknown letters after a time are not eaten: they may be the host name.
    if (offset !== undefined || (/^[A-Z]{3,4}$/.test(zone[1]) && (zone[1] === 'CST' || zone[1] === 'IST')))
      end = zoneShape.lastIndex
  }
  const toUtc = (year: number): number => {
    const wall = Date.UTC(year, found.month, found.day, found.hour, found.minute, found.second, found.fractionMs)
    return offset === undefined ? wallClockToUtc(wall, context.timeZone) : wall - offset * 60_000
  }
  const at = found.year === undefined ? latestBefore(toUtc, found, context.receivedAt) : toUtc(found.year)
  if (!Number.isFinite(at)) return undefined
  return { time: { at, hasYear: found.year !== undefined, hasZone: offset !== undefined }, end }
}

/**
 * The year that a line without one means: the latest that does not lie more than two days after receipt. So a line of 31 December that arrives
 * in January belongs to the old year, and one of 1 January from a zone further east, received on 31 December, to the new one.
 */
function latestBefore(toUtc: (year: number) => number, found: Parts, receivedAt: number): number {
  const received = new Date(receivedAt).getUTCFullYear()
  for (let year = received + 1; year > received - 9; year--) {
    if (found.month === 1 && found.day === 29 && new Date(Date.UTC(year, 1, 29)).getUTCMonth() !== 1) continue
    const at = toUtc(year)
    if (at <= receivedAt + 2 * 86_400_000) return at
  }
  return Number.NaN
}

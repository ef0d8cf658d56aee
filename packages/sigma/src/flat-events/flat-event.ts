import { type EventView, viewOf } from '../event-view.ts'
import type { EventLogSource } from '../log-source.ts'

/** One line of `tocsin detect` and `tocsin correlate`: `{"id","ts","logsource","event"}`. */
export interface FlatEvent {
  id: string
  /** The time as written, to be given back. */
  ts: string | number | null
  /** Milliseconds since 1970; null when the line has no time. */
  atMs: number | null
  logSource: EventLogSource
  view: EventView
}

export type FlatEventError = { code: 'event_bad_json' | 'event_bad_shape'; message: string }

/** Reads one line. `ts` is seconds since 1970 (fractions allowed) or an ISO 8601 text; without a zone it is UTC. */
export function parseFlatEvent(line: string): FlatEvent | FlatEventError {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch (cause) {
    return { code: 'event_bad_json', message: `The line is no JSON: ${(cause as Error).message}.` }
  }
  if (!isRecord(parsed) || !isRecord(parsed['event'])) {
    return { code: 'event_bad_shape', message: 'The line has no object "event".' }
  }
  const id = parsed['id']
  if (typeof id !== 'string' && typeof id !== 'number') {
    return { code: 'event_bad_shape', message: 'The line has no "id".' }
  }
  const ts = parsed['ts']
  const time = typeof ts === 'string' || typeof ts === 'number' ? ts : null
  const atMs = time === null ? null : timeMs(time)
  if (time !== null && atMs === null)
    return { code: 'event_bad_shape', message: '"ts" is neither seconds since 1970 nor an ISO 8601 time.' }
  return { id: String(id), ts: time, atMs, logSource: logSourceOf(parsed['logsource']), view: viewOf(parsed['event']) }
}

function timeMs(ts: string | number): number | null {
  const seconds = typeof ts === 'number' ? ts : /^-?\d+(?:\.\d+)?$/.test(ts) ? Number(ts) : null
  // Whole microseconds: what log sources give, and free of the noise that multiplying a fraction leaves.
  if (seconds !== null) return Number.isFinite(seconds) ? Math.round(seconds * 1e6) / 1e3 : null
  const usual = usualTimeMs(String(ts))
  if (usual !== null) return usual
  const text = String(ts).replace(' ', 'T')
  const parts = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/i.exec(text)
  if (parts === null) return null
  const whole = Date.parse(`${parts[1]}${parts[3] ?? 'Z'}`)
  return Number.isNaN(whole) ? null : whole + Math.round(Number(parts[2] ?? 0) * 1e6) / 1e3
}

/** `2026-11-22 09:00:00.123`, with a T, a Z or without: what most lines have, read without a pattern. Null for anything else. */
function usualTimeMs(text: string): number | null {
  const end = text.endsWith('Z') ? text.length - 1 : text.length
  if (end !== 19 && (end < 21 || end > 26 || text.charCodeAt(19) !== 46)) return null
  if (
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58
  )
    return null
  const separator = text.charCodeAt(10)
  if (separator !== 32 && separator !== 84) return null
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  const hour = digits(text, 11, 13)
  const minute = digits(text, 14, 16)
  const second = digits(text, 17, 19)
  const fraction = end === 19 ? 0 : digits(text, 20, end)
  const year = digits(text, 0, 4)
  const parts = year + month + day + hour + minute + second + fraction
  // Days of a short month and the like are judged by the thorough way.
  if (
    Number.isNaN(parts) ||
    year < 1000 ||
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > 28 ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    return null
  const micros = end === 19 ? 0 : fraction * 10 ** (26 - end)
  return Date.UTC(year, month - 1, day, hour, minute, second) + micros / 1e3
}

function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function logSourceOf(value: unknown): EventLogSource {
  if (!isRecord(value)) return {}
  const { product, service, category } = value
  return {
    product: typeof product === 'string' ? product : null,
    service: typeof service === 'string' ? service : null,
    category: typeof category === 'string' ? category : Array.isArray(category) ? textsOf(category) : null,
  }
}

function textsOf(list: unknown[]): string[] {
  const isText = (member: unknown): member is string => typeof member === 'string'
  return list.every(isText) ? list : list.filter(isText)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

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
  const text = String(ts).replace(' ', 'T')
  const parts = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/i.exec(text)
  if (parts === null) return null
  const whole = Date.parse(`${parts[1]}${parts[3] ?? 'Z'}`)
  return Number.isNaN(whole) ? null : whole + Math.round(Number(parts[2] ?? 0) * 1e6) / 1e3
}

function logSourceOf(value: unknown): EventLogSource {
  if (!isRecord(value)) return {}
  const { product, service, category } = value
  return {
    product: typeof product === 'string' ? product : null,
    service: typeof service === 'string' ? service : null,
    category:
      typeof category === 'string'
        ? category
        : Array.isArray(category)
          ? category.filter((name): name is string => typeof name === 'string')
          : null,
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

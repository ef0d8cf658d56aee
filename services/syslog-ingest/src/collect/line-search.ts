import { TocsinError } from '@tocsin/runtime'
import { RE2JS } from 're2js'
import type { StoredLine } from './stored-record.ts'

/** What a line must fulfil; null where nothing is asked. */
export interface LineQuery {
  fromMs: number | null
  toMs: number | null
  /** Octets that the line must hold, as UTF-8. */
  text: string | null
  regex: string | null
  input: string | null
  address: string | null
}

/** Takes a query; gives the test of a line. Expressions run in linear time (RE2). Throws `bad_argument`. */
export function matcherOf(query: LineQuery): (line: StoredLine) => boolean {
  const { fromMs, toMs, text, regex, input, address } = query
  const needle = text === null ? null : Buffer.from(text)
  const pattern = regex === null ? null : compiled(regex)
  return (line) =>
    (fromMs === null || line.receivedAt >= fromMs) &&
    (toMs === null || line.receivedAt < toMs) &&
    (input === null || line.origin.input === input) &&
    (address === null || line.origin.address === address) &&
    (needle === null || line.octets.includes(needle)) &&
    (pattern === null || pattern.matcher(line.octets.toString()).find())
}

/** Takes a line; gives it as one JSON object. Octets that are no UTF-8 are given as base64 beside the text. */
export function lineJson({ seq, receivedAt, origin, framing, truncatedBytes, octets }: StoredLine): string {
  const text = octets.toString()
  const whole = Buffer.from(text).equals(octets)
  return JSON.stringify({
    seq,
    receivedAt: new Date(receivedAt).toISOString(),
    ...origin,
    framing,
    ...(truncatedBytes === 0 ? {} : { truncatedBytes }),
    text,
    ...(whole ? {} : { base64: octets.toString('base64') }),
  })
}

function compiled(regex: string): RE2JS {
  try {
    return RE2JS.compile(regex)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new TocsinError('bad_argument', `--regex is no expression that RE2 knows: ${why}.`, error)
  }
}

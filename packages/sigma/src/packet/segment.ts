import { RuleError } from '../refusal.ts'
import type { YamlEntry, YamlReader } from '../source-file.ts'

/** A run of octets that must (or must not) stand in a packet's payload (VN-5.2c). */
export interface Segment {
  /** The octets, two hexadecimal digits each. */
  hex: string
  /** The segment lies wholly inside [offset, offset + depth); a depth of null has no end. */
  offset: number
  depth: number | null
  /** ASCII letters compare without case. */
  nocase: boolean
  /** It must be the end of the payload. */
  endswith: boolean
  not: boolean
}

const keys = ['hex', 'text', 'offset', 'depth', 'nocase', 'endswith', 'not']
const maxOctets = 1_024
const maxPayloadOctets = 65_535

/** Reads one `{hex|text, offset, depth, nocase, endswith, not}`. Throws a RuleError with the place of what is wrong. */
export function readSegment(entries: YamlEntry[], offset: number, reader: YamlReader): Segment {
  const value = (key: string): unknown => {
    const entry = entries.find((found) => found.key === key)
    return entry === undefined ? undefined : reader.scalar(entry.value, entry.offset)?.value
  }
  const fail = (message: string, key = ''): never => {
    throw new RuleError('rule_bad_value', message, entries.find((found) => found.key === key)?.offset ?? offset)
  }
  const unknown = entries.find((entry) => !keys.includes(entry.key))
  if (unknown !== undefined)
    fail(`"${unknown.key}" means nothing in a segment; it has ${keys.join(', ')}.`, unknown.key)
  const flag = (key: string): boolean => {
    const given = value(key) ?? false
    return typeof given === 'boolean' ? given : fail(`"${key}" of a segment takes true or false.`, key)
  }
  const count = (key: string): number | null => {
    const given = value(key) ?? null
    if (given === null) return null
    const isCount = typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= maxPayloadOctets
    return isCount ? given : fail(`"${key}" of a segment is a number of octets up to ${maxPayloadOctets}.`, key)
  }
  const word = (key: string): string | null => {
    const given = value(key) ?? null
    return typeof given === 'string' || typeof given === 'number' ? String(given) : null
  }
  const hex = word('hex')
  const text = word('text')
  if ((hex === null) === (text === null)) fail('A segment needs either hex or text.')
  const octets = text === null ? (hex ?? '').replace(/[\s:]/g, '') : Buffer.from(text, 'utf8').toString('hex')
  if (octets === '' || octets.length % 2 === 1 || !/^[0-9a-f]*$/i.test(octets))
    fail('The hex of a segment must be pairs of hexadecimal digits.', 'hex')
  if (octets.length / 2 > maxOctets) fail(`A segment has at most ${maxOctets} octets.`)
  return {
    hex: octets.toLowerCase(),
    offset: count('offset') ?? 0,
    depth: count('depth'),
    nocase: flag('nocase'),
    endswith: flag('endswith'),
    not: flag('not'),
  }
}

/** Compiles a segment to a search in a payload; `lower` is the payload with its ASCII letters in lower case. */
export function compileSegment(segment: Segment): (payload: Buffer, lower: Buffer) => boolean {
  const { offset, depth, nocase, endswith } = segment
  const octets = Buffer.from(segment.hex, 'hex')
  const needle = nocase ? lowered(octets) : octets
  return (payload, lower) => {
    const whole = nocase ? lower : payload
    const end = depth === null ? whole.length : Math.min(whole.length, offset + depth)
    if (end - offset < needle.length) return false
    if (!endswith) return whole.subarray(offset, end).includes(needle)
    return end === whole.length && whole.subarray(whole.length - needle.length).equals(needle)
  }
}

/** The octets with ASCII letters in lower case. */
export function lowered(octets: Buffer): Buffer {
  const lower = Buffer.from(octets)
  for (let i = 0; i < lower.length; i++) {
    const octet = lower[i] as number
    if (octet >= 65 && octet <= 90) lower[i] = octet + 32
  }
  return lower
}

import { boundedMap } from '@tocsin/avro'
import { boundTime, ECS_FIELDS, type Event } from '@tocsin/events'
import type { Fields, FieldValue, NormalizeResult } from './parser.ts'

/** What the raw block and the registry say about one frame. */
export interface Provenance {
  eventId: string
  constituent: string
  sourceId: string
  receivedAt: number
  exercise: boolean
  blockId: string
  frameIndex: number
  sourceChannel: string
  circuit: string
  octets: Buffer
}

/** Longest text kept of the original in the event; the octets are whole in the raw block. */
const MAX_ORIGINAL_CHARS = 32_768
/** ECS names whose values the record takes from elsewhere or converts in its own way. */
const OWN: ReadonlySet<string> = new Set([
  '@timestamp',
  'event.id',
  'event.created',
  'organization.id',
  'tocsin.severity',
  'event.dataset',
  'event.original',
  'message',
  'event.kind',
  'event.category',
  'event.type',
  'event.outcome',
])
/** Severity 0–100 of ours, from syslog's 0–7: devices' own scales differ too much to be read without their parser. */
function severityOf(fields: Fields): number {
  const syslog = fields['log.syslog.severity.code']
  return typeof syslog === 'number' ? (BY_SYSLOG[syslog] ?? 10) : 10
}

const BY_SYSLOG = [90, 85, 80, 60, 40, 25, 15, 10]

const text = (value: FieldValue | undefined): string | null => (value === undefined ? null : String(value))
const list = (value: FieldValue | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [String(value)]

/**
 * Takes the flat fields of one frame and where it came from; gives the record. Fields of the ECS core go to their typed
 * places, everything else to `extra` as text, at most 1,000 names. Time in the future is bounded (design.md 2.4).
 */
export function eventRecord(result: Extract<NormalizeResult, { kind: 'event' }>, from: Provenance): Event {
  const { fields } = result
  const time = boundTime(result.timeFrom === 'received' ? null : result.occurredAt, from.receivedAt)
  const typed: Record<string, unknown> = {}
  const rest: [string, string][] = []
  for (const row of TYPED_ROWS) typed[row.name] = row.type === 'string[]' ? [] : null
  for (const name in fields) {
    const value = fields[name] as FieldValue
    if (OWN.has(name)) continue
    const row = TYPED.get(name)
    if (row === undefined) {
      if (!name.startsWith('tocsin.')) rest.push([name, Array.isArray(value) ? value.join(', ') : String(value)])
      continue
    }
    const converted = convert(value, row.type)
    if (converted === undefined) rest.push([name, String(value)])
    else typed[row.name] = converted
  }
  const { map: extra, leftOut } = boundedMap(rest)
  const quality = list(fields['tocsin.quality'])
  if (leftOut > 0) quality.push('fields_left_out')
  if (time.originalTime !== null) quality.push('future_time')
  return {
    ...(typed as unknown as Event),
    eventId: from.eventId,
    occurredAt: Math.trunc(time.occurredAt),
    constituent: from.constituent,
    sourceId: from.sourceId,
    severity: severityOf(fields),
    dataset: text(fields['event.dataset']) ?? result.parser ?? 'generic',
    receivedAt: from.receivedAt,
    exercise: from.exercise,
    tlp: 'AMBER',
    blockId: from.blockId,
    frameIndex: from.frameIndex,
    originalTime: time.originalTime,
    skewMs: time.skewMs === null ? null : Math.trunc(time.skewMs),
    sourceChannel: from.sourceChannel,
    circuit: from.circuit,
    logProduct: text(fields['tocsin.log.product']),
    logService: text(fields['tocsin.log.service']),
    logCategory: list(fields['tocsin.log.category']),
    quality,
    header: text(fields['tocsin.header']),
    original: originalText(from.octets),
    message: text(fields['message']),
    kind: text(fields['event.kind']) ?? 'event',
    category: list(fields['event.category']),
    type: list(fields['event.type']),
    outcome: text(fields['event.outcome']),
    extra,
  }
}

function originalText(octets: Buffer): string {
  const whole = octets.length > MAX_ORIGINAL_CHARS * 4 ? octets.subarray(0, MAX_ORIGINAL_CHARS * 4) : octets
  return whole.toString('utf8').slice(0, MAX_ORIGINAL_CHARS)
}

/** Typed ECS fields of the plain event that a parser may fill. */
const TYPED_ROWS = Object.entries(ECS_FIELDS)
  .filter(([ecs, row]) => !OWN.has(ecs) && !/_(geo|as)_/.test(row.name))
  .map(([ecs, row]) => ({ ecs, ...row }))
const TYPED: ReadonlyMap<string, (typeof TYPED_ROWS)[number]> = new Map(TYPED_ROWS.map((row) => [row.ecs, row]))
const INT_MAX = 2_147_483_647

/** Takes a value and the Avro type of its place; gives what fits there, or undefined (it then goes to `extra`). */
function convert(value: FieldValue, type: (typeof TYPED_ROWS)[number]['type']): unknown {
  switch (type) {
    case 'string[]':
      return Array.isArray(value) ? value : [String(value)]
    case 'string':
      return Array.isArray(value) ? value.join(', ') : String(value)
    case 'int':
    case 'long': {
      const number = typeof value === 'number' ? value : Number(Array.isArray(value) ? value[0] : value)
      if (!Number.isSafeInteger(number)) return undefined
      return type === 'long' || Math.abs(number) <= INT_MAX ? number : undefined
    }
    case 'double':
      return typeof value === 'number' ? value : undefined
    default:
      return type satisfies never
  }
}

import { boundedMap, schemaOf } from '@tocsin/avro'
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

/** Shared by all records that have none: records are written, never changed. */
const none: string[] = []
const text = (value: FieldValue | undefined): string | null => (value === undefined ? null : String(value))
const list = (value: FieldValue | undefined): string[] =>
  value === undefined ? none : Array.isArray(value) ? value : [String(value)]

/**
 * Takes the flat fields of one frame and where it came from; gives the record. Fields of the ECS core go to their typed
 * places, everything else to `extra` as text, at most 1,000 names. Time in the future is bounded (design.md 2.4).
 */
export function eventRecord(result: Extract<NormalizeResult, { kind: 'event' }>, from: Provenance): Event {
  const { fields } = result
  const time = boundTime(result.timeFrom === 'received' ? null : result.occurredAt, from.receivedAt)
  // A copy of a record that has every field already: objects of a hundred fields built name by name are slow to write and to read.
  const record: Event = { ...blank }
  const rest = placeFields(fields, record)
  record.eventId = from.eventId
  record.occurredAt = Math.trunc(time.occurredAt)
  record.constituent = from.constituent
  record.sourceId = from.sourceId
  record.severity = severityOf(fields)
  record.dataset = text(fields['event.dataset']) ?? result.parser ?? 'generic'
  record.receivedAt = from.receivedAt
  record.exercise = from.exercise
  record.blockId = from.blockId
  record.frameIndex = from.frameIndex
  record.originalTime = time.originalTime
  record.skewMs = time.skewMs === null ? null : Math.trunc(time.skewMs)
  record.sourceChannel = from.sourceChannel
  record.circuit = from.circuit
  record.logProduct = text(fields['tocsin.log.product'])
  record.logService = text(fields['tocsin.log.service'])
  record.logCategory = list(fields['tocsin.log.category'])
  record.header = text(fields['tocsin.header'])
  record.original = originalText(from.octets)
  record.message = text(fields['message'])
  record.kind = text(fields['event.kind']) ?? 'event'
  record.category = list(fields['event.category'])
  record.type = list(fields['event.type'])
  record.outcome = text(fields['event.outcome'])
  const quality = [...list(fields['tocsin.quality'])]
  if (rest.length > 0) {
    const { map: extra, leftOut } = boundedMap(rest)
    record.extra = extra
    if (leftOut > 0) quality.push('fields_left_out')
  }
  if (time.originalTime !== null) quality.push('future_time')
  record.quality = quality
  return record
}

/** Puts each field in its typed place; gives those that have none. */
function placeFields(fields: Fields, record: Event): [string, string][] {
  const places = record as unknown as Record<string, unknown>
  const rest: [string, string][] = []
  for (const name in fields) {
    if (OWN.has(name)) continue
    const value = fields[name] as FieldValue
    const row = TYPED.get(name)
    const converted = row === undefined ? undefined : convert(value, row.type)
    if (row !== undefined && converted !== undefined) places[row.name] = converted
    else if (row !== undefined || !name.startsWith('tocsin.'))
      rest.push([name, Array.isArray(value) ? value.join(', ') : String(value)])
  }
  return rest
}

function originalText(octets: Buffer): string {
  const whole = octets.length > MAX_ORIGINAL_CHARS * 4 ? octets.subarray(0, MAX_ORIGINAL_CHARS * 4) : octets
  return whole.toString('utf8').slice(0, MAX_ORIGINAL_CHARS)
}

/** What only enrichment fills has no place in the plain event: a parser that knows it puts it into `extra`. */
const eventFields: ReadonlySet<string> = new Set(schemaOf('event').fields.map(({ name }) => name))

/** Typed ECS fields of the plain event that a parser may fill. */
const TYPED_ROWS = Object.entries(ECS_FIELDS)
  .filter(([ecs, row]) => !OWN.has(ecs) && eventFields.has(row.name))
  .map(([ecs, row]) => ({ ecs, ...row }))
const blank = blankRecord()
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

/** A record in which every field stands, empty. Read from text, so that the engine lays it out as one object of fixed shape. */
function blankRecord(): Event {
  const own = { occurredAt: 0, severity: 0, receivedAt: 0, exercise: false, tlp: 'AMBER', kind: 'event', frameIndex: 0 }
  const names =
    'eventId constituent sourceId dataset blockId originalTime skewMs sourceChannel circuit logProduct logService header original message outcome'
  const record: Record<string, unknown> = {
    ...own,
    logCategory: none,
    quality: none,
    category: none,
    type: none,
    extra: {},
  }
  for (const name of names.split(' ')) record[name] = null
  for (const row of TYPED_ROWS) record[row.name] = row.type === 'string[]' ? none : null
  return JSON.parse(JSON.stringify(record)) as Event
}

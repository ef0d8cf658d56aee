import { ECS_FIELDS, type EnrichedEvent } from '@tocsin/events'
import type { EventView } from './event-view.ts'
import { payloadOfPacket } from './packet/payload.ts'
import type { FieldValue, Scalar } from './values.ts'
import { scalarsOf } from './values.ts'

/** Payload of a packet in base64, and the packet whole, where a sensor logs them. */
export const payloadField = 'packet.payload'
export const packetField = 'packet.raw'

/** Fields of rules that stand in the list of indicator hits. */
const indicatorFields: Record<string, keyof EnrichedEvent['indicators'][number]> = {
  'threat.indicator.type': 'type',
  'threat.indicator.name': 'value',
  'threat.indicator.id': 'indicatorId',
  'threat.indicator.confidence': 'confidence',
  'threat.feed.name': 'feed',
  'threat.indicator.marking.tlp': 'tlp',
  'tocsin.indicator.verification': 'verification',
}
const names = new Map<string, keyof EnrichedEvent>(
  Object.entries(ECS_FIELDS)
    .filter(([, row]) => !['indicators', 'extra'].includes(row.name))
    .map(([ecs, row]) => [ecs, row.name as keyof EnrichedEvent]),
)

/**
 * A view of an enriched event by ECS names: typed fields first, then indicator hits, then `extra`. Avro's null and an empty list stand for a missing
 * field, so `exists` and `null` mean what a rule's author expects.
 */
export function viewOfRecord(event: EnrichedEvent): EventView {
  return { get: (field) => lookUp(event, field), scalars: () => scalars(event) }
}

/** Every field that a record can answer without `extra`: what a field mapping counts as known. */
export const recordFields: ReadonlySet<string> = new Set([
  ...names.keys(),
  ...Object.keys(indicatorFields),
  'threat.indicator.ip',
])

function lookUp(event: EnrichedEvent, field: string): FieldValue | undefined {
  const name = names.get(field)
  if (name !== undefined) return present(event[name] as FieldValue)
  const part = Object.hasOwn(indicatorFields, field) ? indicatorFields[field] : undefined
  if (part !== undefined) return present(event.indicators.map((hit) => hit[part]))
  if (field === 'threat.indicator.ip') {
    return present(event.indicators.filter((hit) => hit.type === 'ip' || hit.type === 'cidr').map((hit) => hit.value))
  }
  if (Object.hasOwn(event.extra, field)) return event.extra[field]
  return field === payloadField && event.extra[packetField] !== undefined
    ? (payloadOfPacket(event.extra[packetField]) ?? undefined)
    : undefined
}

function present(value: FieldValue): FieldValue | undefined {
  if (value === null || value === undefined) return undefined
  return typeof value === 'object' && value.length === 0 ? undefined : value
}

function* scalars(event: EnrichedEvent): Generator<Scalar> {
  for (const name of names.values()) {
    const value = event[name]
    if (typeof value !== 'object' || Array.isArray(value)) yield* scalarsOf(value as FieldValue | undefined)
  }
  yield* Object.values(event.extra)
}

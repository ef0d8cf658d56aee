import { schemaOf } from '@tocsin/avro'
import type { EnrichedEvent, RecordName } from '@tocsin/events'

/** A log record with nothing in it but what is given. */
export function enrichedEvent(fields: Partial<EnrichedEvent>): EnrichedEvent {
  return { ...(recordOf('enriched-event') as unknown as EnrichedEvent), ...fields }
}

/** A record with nothing in it. */
export function recordOf(name: RecordName): Record<string, unknown> {
  return Object.fromEntries(schemaOf(name).fields.map((field) => [field.name, emptyOf(field.type)]))
}

function emptyOf(type: unknown): unknown {
  if (Array.isArray(type)) return null
  if (type === 'string' || type === 'boolean') return type === 'string' ? '' : false
  const { type: kind = '' } = (typeof type === 'object' ? type : {}) as { type?: string }
  return kind === 'array' ? [] : kind === 'map' ? {} : 0
}

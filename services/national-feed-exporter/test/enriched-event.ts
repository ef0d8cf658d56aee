import { schemaOf } from '@tocsin/avro'
import type { EnrichedEvent } from '@tocsin/events'

/** A log record with nothing in it but what is given. */
export function enrichedEvent(fields: Partial<EnrichedEvent>): EnrichedEvent {
  const empty = schemaOf('enriched-event').fields.map(({ name, type }) => [name, emptyOf(type)])
  return { ...(Object.fromEntries(empty) as EnrichedEvent), ...fields }
}

function emptyOf(type: unknown): unknown {
  if (Array.isArray(type)) return null
  if (type === 'string' || type === 'boolean') return type === 'string' ? '' : false
  const { type: kind = '' } = (typeof type === 'object' ? type : {}) as { type?: string }
  return kind === 'array' ? [] : kind === 'map' ? {} : 0
}

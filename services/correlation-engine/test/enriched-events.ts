import { schemaOf } from '@tocsin/avro'
import type { EnrichedEvent } from '@tocsin/events'

/** An enriched event with nothing in it but what is given. */
export function enrichedWith(fields: Partial<EnrichedEvent>): EnrichedEvent {
  const event: Record<string, unknown> = {}
  for (const { name, type } of schemaOf('enriched-event').fields) event[name] = emptyOf(type)
  return { ...(event as unknown as EnrichedEvent), constituent: 'body-a', ...fields }
}

function emptyOf(type: unknown): unknown {
  if (Array.isArray(type)) return null
  if (type === 'string') return ''
  if (type === 'boolean') return false
  if (typeof type !== 'object' || type === null) return 0
  const { type: kind } = type as { type: string }
  return kind === 'array' ? [] : kind === 'map' ? {} : 0
}

import { schemaOf } from '@tocsin/avro'
import { ECS_FIELDS, type EnrichedEvent } from '@tocsin/events'

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

/** The enriched event of an ECS document, as `tocsin normalize` prints it and as cases write it; what the record has no field for is in `extra`. */
export function enrichedFrom(document: Readonly<Record<string, unknown>>, more: Partial<EnrichedEvent>): EnrichedEvent {
  const fields: Record<string, unknown> = {}
  const extra: Record<string, string> = {}
  for (const [name, value] of Object.entries(document)) {
    const field = (ECS_FIELDS as Record<string, { name: string; type: string } | undefined>)[name]
    if (field === undefined) extra[name] = String(value)
    else fields[field.name] = asType(value, field.type)
  }
  return enrichedWith({ ...(fields as Partial<EnrichedEvent>), extra, ...more })
}

function asType(value: unknown, type: string): unknown {
  if (type.endsWith('[]')) return [value].flat().map((one) => asType(one, type.slice(0, -2)))
  const [one] = [value].flat()
  return type === 'string' ? String(one) : type === 'boolean' ? one === true || one === 'true' : Number(one)
}

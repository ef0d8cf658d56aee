import { schemaOf } from '@tocsin/avro'
import type { EnrichedEvent, Event, IndicatorMatch } from '@tocsin/events'
import { emptyTail } from '../lookup.ts'
import type { Concern } from './registered-objects.ts'

/** An event in which every field stands, empty. */
const blank = Object.fromEntries(
  schemaOf('event').fields.map(({ name, type }) => [name, emptyOf(type)]),
) as unknown as Event

function emptyOf(type: unknown): unknown {
  if (Array.isArray(type)) return null
  if (type === 'string') return ''
  if (type === 'boolean') return false
  const kind = typeof type === 'object' && type !== null ? (type as { type: string }).type : ''
  return kind === 'array' ? [] : kind === 'map' ? {} : 0
}

/**
 * The event that says: this list names what that body has registered. It comes from no line, so it has no raw block; its source is the list and
 * its channel `indirect` (VN-11.4c). A listed address is a source, since the list says what it did; a listed name is what others go to.
 */
export function listedEvent(found: {
  eventId: string
  /** UTC milliseconds: when list and registry first met. */
  at: number
  concern: Concern
  indicator: IndicatorMatch
}): EnrichedEvent {
  const { eventId, at, concern, indicator } = found
  const { object, field, value } = concern
  const { asset, constituent, circuit } = object
  const isAddress = field === 'source.ip'
  const message = `The list ${indicator.feed} names ${indicator.value} (${indicator.verification}, confidence ${indicator.confidence}), which concerns ${value} of ${constituent}.`
  return {
    ...blank,
    eventId,
    occurredAt: at,
    receivedAt: at,
    constituent,
    circuit,
    sourceId: `indirect:${indicator.feed}`.slice(0, 200),
    sourceChannel: 'indirect',
    severity: indicator.confidence,
    dataset: 'tocsin.registered_listed',
    tlp: indicator.tlp,
    kind: 'alert',
    category: ['threat'],
    type: ['indicator'],
    event_action: 'registered-object-listed',
    event_provider: 'enrichment',
    original: message,
    message,
    logProduct: 'tocsin',
    logService: 'registry',
    host_name: asset.hostname ?? (isAddress ? null : value),
    host_ip: isAddress && !value.includes('/') ? [value] : [],
    source_ip: isAddress ? addressOf(value, indicator) : null,
    destination_domain: isAddress ? null : value,
    ...emptyTail(at),
    sourceAsset: isAddress ? asset : null,
    destinationAsset: isAddress ? null : asset,
    indicators: [indicator],
  }
}

/** The one address that a registered address or block is listed with: the list's own where it names one, else the first of the block. */
function addressOf(registered: string, { type, value }: IndicatorMatch): string {
  if (!registered.includes('/')) return registered
  return type === 'ip' ? value : (registered.split('/', 1)[0] ?? registered)
}

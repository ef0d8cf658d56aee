import { schemaOf } from '@tocsin/avro'
import type { Event, Indicator, RegistryAsset, RegistrySystem } from '@tocsin/events'
import avsc from 'avsc'

const eventType = avsc.Type.forSchema(schemaOf('event') as unknown as avsc.Schema)

/** An event with nothing in it but what is given. */
export function eventWith(fields: Partial<Event>): Event {
  const event = eventType.random() as unknown as Record<string, unknown>
  for (const field of schemaOf('event').fields) {
    if (Array.isArray(field.type)) event[field.name] = null
    else if (field.name === 'extra') event[field.name] = {}
    else if (typeof field.type === 'object') event[field.name] = Array.isArray(event[field.name]) ? [] : 0
  }
  return {
    ...(event as unknown as Event),
    occurredAt: 1_000,
    receivedAt: 1_000,
    constituent: 'body-a',
    circuit: 'inner',
    ...fields,
  }
}

/** An asset of body-a in its inner circuit. */
export function assetWith(fields: Partial<RegistryAsset>): RegistryAsset {
  return {
    assetId: 'asset-1',
    constituent: 'body-a',
    circuit: 'inner',
    ip: '10.0.0.5',
    hostname: 'ws-5',
    unit: 'Finance',
    floor: '3',
    office: '301',
    responsible: 'A. Person',
    os: 'Example OS 12',
    systemId: 'sys-1',
    criticality: 50,
    validFrom: 0,
    validTo: null,
    changedBy: 'test',
    changedAt: 0,
    reason: '',
    deleted: false,
    ...fields,
  }
}

/** A system of body-a. */
export function systemWith(fields: Partial<RegistrySystem>): RegistrySystem {
  const empty: Record<string, unknown> = {}
  for (const { name, type } of schemaOf('registry-system').fields) {
    const kind = typeof type === 'object' && !Array.isArray(type) ? 'list' : type
    empty[name] = kind === 'list' ? [] : kind === 'string' ? '' : kind === 'boolean' ? false : kind === 'int' ? 3 : null
  }
  return { ...(empty as unknown as RegistrySystem), systemId: 'sys-1', constituent: 'body-a', changedAt: 0, ...fields }
}

/** An indicator that is valid for ever. */
export function indicatorWith(fields: Partial<Indicator>): Indicator {
  return {
    indicatorId: 'i-1',
    type: 'ip',
    value: '198.51.100.7',
    feed: 'list',
    confidence: 80,
    tlp: 'AMBER',
    verification: 'unverified',
    description: null,
    validFrom: 0,
    validUntil: null,
    importedAt: 0,
    revoked: false,
    ...fields,
  }
}

import { schemaOf } from '@tocsin/avro'
import type { Event, Indicator, RawBlock, RegistryAsset, RegistrySource, RegistrySystem } from '@tocsin/events'
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

/** A record in which every field stands, empty. */
function emptyOf(record: 'registry-system' | 'registry-source'): unknown {
  return Object.fromEntries(
    schemaOf(record).fields.map(({ name, type }) => {
      const kind = typeof type === 'object' && !Array.isArray(type) ? (type as { type: string }).type : type
      if (Array.isArray(kind)) return [name, null]
      return [name, kind === 'array' ? [] : kind === 'string' ? '' : kind === 'boolean' ? false : 0]
    }),
  )
}

/** A system of body-a. */
export function systemWith(fields: Partial<RegistrySystem>): RegistrySystem {
  return { ...(emptyOf('registry-system') as RegistrySystem), systemId: 'sys-1', constituent: 'body-a', ...fields }
}

/** A source of the outer circuit, in UTC. */
export function sourceWith(fields: Partial<RegistrySource>): RegistrySource {
  const own = { circuit: 'outer', sourceChannel: 'other', timeZone: 'UTC', charset: 'utf-8' }
  return { ...(emptyOf('registry-source') as RegistrySource), ...own, ...fields }
}

/** A block with lines of a source, received now. */
export function blockOf({ sourceId, constituent }: RegistrySource, lines: readonly string[]): RawBlock {
  const receivedAt = Date.now()
  return {
    blockId: '019a0000-0000-7000-8000-0000000000e5',
    constituent,
    sourceId,
    receivedAt,
    exercise: false,
    listener: 'tcp:601',
    transport: 'tcp',
    peerAddress: '192.0.2.1',
    peerPort: 514,
    clientCertificate: null,
    ingestId: 'ingest-0',
    chainSeq: 1,
    previousHash: Buffer.alloc(32),
    blockHash: Buffer.alloc(32),
    frames: lines.map((line) => ({
      octets: Buffer.from(line),
      receivedAt,
      truncatedBytes: 0,
      framing: 'lf',
      collectorId: null,
      collectorSeq: null,
      possibleRepeat: false,
    })),
  }
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

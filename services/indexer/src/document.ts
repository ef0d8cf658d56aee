import type { AvroSchema } from '@tocsin/avro'
import type { IndexPlan } from './index-plan.ts'
import { documentName } from './mapping.ts'

/** One document for the bulk request. */
export interface BulkDocument {
  index: string
  id: string
  /** External version; null for streams, where an id is written once. */
  version: number | null
  /** It takes the place of the document of its id in a stream: an event that was read once more. */
  replaces: boolean
  source: Record<string, unknown>
}

/** Names of streams and indices: `logs-tocsin.<record>-<group>` and `tocsin-<record>-<group>`; no hyphen inside a part. */
export function indexName(plan: IndexPlan, group: string): string {
  const record = (plan.record === 'enriched-event' ? 'event' : plan.record).replaceAll('-', '_')
  const namespace = group
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .slice(0, 60)
  return plan.kind === 'stream' ? `logs-tocsin.${record}-${namespace}` : `tocsin-${record}-${namespace}`
}

/** Makes the function record → document of one plan; fields that are null are left out. */
export function documentsOf(
  plan: IndexPlan,
  schema: AvroSchema,
): (record: Record<string, unknown>, group: string) => BulkDocument {
  const names = schema.fields.map((field) => [field.name, documentName(field)] as const)
  return (record, group) => {
    const source: Record<string, unknown> = {}
    for (const [name, documentField] of names) {
      const value = record[name]
      if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) continue
      source[documentField] = Buffer.isBuffer(value) ? value.toString('base64') : value
    }
    for (const side of ['source', 'destination']) {
      const lon = source[`${side}.geo.lon`]
      const lat = source[`${side}.geo.lat`]
      if (lon !== undefined && lat !== undefined) source[`${side}.geo.location`] = { lon, lat }
    }
    source['@timestamp'] = record[plan.time]
    return {
      index: indexName(plan, group),
      id: streamId(plan, record),
      version: plan.version === undefined ? null : Number(record[plan.version]),
      replaces: plan.kind === 'stream' && isReread(record['quality']),
      source,
    }
  }
}

function isReread(quality: unknown): boolean {
  return Array.isArray(quality) && quality.includes('reread')
}

/** Id of a document; later revisions of a detection are documents of their own, so that the episode can be followed. */
function streamId(plan: IndexPlan, record: Record<string, unknown>): string {
  const id = String(record[plan.id])
  if (plan.record === 'detection' && Number(record['revision']) > 0) return `${id}.${String(record['revision'])}`
  if (plan.record === 'ticket') return `${id}.${String(record['state'])}.${String(record['attempts'])}`
  if (plan.record === 'report' && Number(record['revision']) > 0) return `${id}.${String(record['revision'])}`
  return id
}

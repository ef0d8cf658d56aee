import { readFileSync } from 'node:fs'
import { Client } from '@elastic/elasticsearch'
import { schemaOf } from '@tocsin/avro'
import { type Log, messageOf } from '@tocsin/runtime'
import { RetryableError } from '@tocsin/stage'
import { type BulkItem, type Verdict, verdictOf } from '../bulk.ts'
import type { BulkDocument } from '../document.ts'
import type { IndexPlan } from '../index-plan.ts'
import type { BulkSink } from '../index-records.ts'
import { mappingOf } from '../mapping.ts'

const MAX_BULK_BYTES = 5_000_000
const REQUEST_TIMEOUT_MS = 60_000

/** How to reach Elasticsearch. */
export interface ElasticsearchSettings {
  url: string
  apiKey?: string | undefined
  caFile?: string | undefined
}

/** Connects; certificates are always verified, against the given authority where there is one. */
export function connectElasticsearch(settings: ElasticsearchSettings): Client {
  return new Client({
    node: settings.url,
    requestTimeout: REQUEST_TIMEOUT_MS,
    maxRetries: 0,
    ...(settings.apiKey === undefined ? {} : { auth: { apiKey: settings.apiKey } }),
    ...(settings.caFile === undefined ? {} : { tls: { ca: readFileSync(settings.caFile) } }),
  })
}

/** Installs the index template of every plan; waits for a server that is away. Idempotent. */
export async function installTemplates(client: Client, plans: readonly IndexPlan[], log: Log): Promise<void> {
  for (const plan of plans) {
    const record = (plan.record === 'enriched-event' ? 'event' : plan.record).replaceAll('-', '_')
    const isStream = plan.kind === 'stream'
    const body = {
      index_patterns: [isStream ? `logs-tocsin.${record}-*` : `tocsin-${record}-*`],
      priority: 250,
      allow_auto_create: true,
      ...(isStream ? { data_stream: {} } : {}),
      template: {
        settings: {
          number_of_shards: 1,
          auto_expand_replicas: '0-1',
          refresh_interval: '1s',
          'mapping.total_fields.limit': 1_000,
        },
        mappings: mappingOf(schemaOf(plan.record)),
        ...(isStream ? { lifecycle: { data_retention: `${plan.retentionDays}d` } } : {}),
      },
      _meta: { managed_by: 'tocsin', record: plan.record },
    }
    await client.transport.request({ method: 'PUT', path: `/_index_template/tocsin-${record}`, body })
  }
  log.info({ templates: plans.length }, 'index templates installed')
}

/** The bulk pump: requests of at most 5 MB, replies filtered to status and error, every item looked at. */
export function bulkSink(client: Client): BulkSink {
  return {
    async write(documents) {
      const verdicts: Verdict[] = []
      const places = await placesOf(client, documents)
      for (const part of partsOf(documents, places)) verdicts.push(...(await send(client, part)))
      // What was to be replaced came in this very request, or was replaced meanwhile: look again.
      return verdicts.map((verdict, at) =>
        verdict.kind === 'duplicate' && documents[at]?.replaces === true ? { kind: 'retry', status: 409 } : verdict,
      )
    },
  }
}

interface Part {
  lines: string[]
  count: number
  bytes: number
}

function* partsOf(documents: readonly BulkDocument[], places: ReadonlyMap<string, Place>): Generator<Part> {
  let part: Part = { lines: [], count: 0, bytes: 0 }
  for (const document of documents) {
    const lines = [JSON.stringify(actionOf(document, places)), JSON.stringify(document.source)]
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
    if (part.count > 0 && part.bytes + bytes > MAX_BULK_BYTES) {
      yield part
      part = { lines: [], count: 0, bytes: 0 }
    }
    part.lines.push(...lines)
    part.count++
    part.bytes += bytes
  }
  if (part.count > 0) yield part
}

function actionOf({ index, id, version, replaces }: BulkDocument, places: ReadonlyMap<string, Place>): object {
  if (version !== null) return { index: { _index: index, _id: id, version, version_type: 'external' } }
  const place = replaces ? places.get(id) : undefined
  if (place === undefined) return { create: { _index: index, _id: id } }
  return { index: { _index: place.index, _id: id, if_seq_no: place.seqNo, if_primary_term: place.primaryTerm } }
}

/** Where a document of a stream is: its backing index, and what it must still be when it is replaced. */
interface Place {
  index: string
  seqNo: number
  primaryTerm: number
}

const MAX_LOOK_UP = 1_000

/** Finds the documents that others take the place of; a stream lets nothing be written over without its place. */
async function placesOf(client: Client, documents: readonly BulkDocument[]): Promise<Map<string, Place>> {
  const places = new Map<string, Place>()
  const replacing = documents.filter(({ replaces }) => replaces)
  for (const index of new Set(replacing.map((document) => document.index))) {
    const ids = replacing.filter((document) => document.index === index).map(({ id }) => id)
    for (let from = 0; from < ids.length; from += MAX_LOOK_UP) {
      const values = ids.slice(from, from + MAX_LOOK_UP)
      for (const hit of await lookUp(client, index, values))
        places.set(hit._id, { index: hit._index, seqNo: hit._seq_no, primaryTerm: hit._primary_term })
    }
  }
  return places
}

interface Hit {
  _id: string
  _index: string
  _seq_no: number
  _primary_term: number
}

async function lookUp(client: Client, index: string, values: readonly string[]): Promise<Hit[]> {
  try {
    await client.transport.request({
      method: 'POST',
      path: `/${index}/_refresh`,
      querystring: { ignore_unavailable: true },
    })
    const reply = await client.transport.request<{ hits: { hits: Hit[] } }>({
      method: 'POST',
      path: `/${index}/_search`,
      querystring: { ignore_unavailable: true, allow_no_indices: true },
      body: { query: { ids: { values } }, size: values.length, seq_no_primary_term: true, _source: false },
    })
    return reply.hits.hits
  } catch (error) {
    throw new RetryableError(
      'elasticsearch_unavailable',
      `Elasticsearch did not look up documents to replace: ${messageOf(error).slice(0, 300)}.`,
      error,
    )
  }
}

async function send(client: Client, part: Part): Promise<Verdict[]> {
  let reply: { items?: Record<string, BulkItem>[] }
  try {
    reply = await client.transport.request({
      method: 'POST',
      path: '/_bulk',
      querystring: {
        filter_path: 'items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason',
      },
      bulkBody: `${part.lines.join('\n')}\n`,
    })
  } catch (error) {
    throw new RetryableError(
      'elasticsearch_unavailable',
      `Elasticsearch did not take a bulk request: ${messageOf(error).slice(0, 300)}.`,
      error,
    )
  }
  const items = reply.items ?? []
  if (items.length !== part.count)
    throw new RetryableError(
      'elasticsearch_unavailable',
      `Elasticsearch answered ${items.length} items to ${part.count} documents.`,
    )
  return items.map((item) => verdictOf(Object.values(item)[0] as BulkItem))
}

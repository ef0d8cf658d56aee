// The real Elasticsearch: what it refuses, what it has already, what it cannot take now, and how long it would keep things.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { schemaOf } from '@tocsin/avro'
import type { EnrichedEvent } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { bulkSink, connectElasticsearch, installTemplates } from '../src/adapters/elasticsearch.ts'
import { lifecyclesInForce } from '../src/adapters/lifecycles.ts'
import { loadPacks } from '../src/adapters/packs.ts'
import { indexRecords } from '../src/index-records.ts'
import { plans } from '../src/indices/index.ts'
import { visualizations } from '../src/kibana/content.ts'
import { floorFaults, floorOf, plansWithFloor } from '../src/retention.ts'

const NOW = Date.UTC(2026, 10, 22, 9)
const group = `probe${process.pid}`
const stream = `logs-tocsin.event-${group}`
const foreign = `tocsin-test-short-${process.pid}`
const quiet = { info: () => {} } as never
let stack: Stack
let client: ReturnType<typeof connectElasticsearch>

before(async () => {
  stack = await startStack({ elasticsearch: true })
  client = connectElasticsearch({ url: stack.elasticsearch })
  await installTemplates(client, plans, quiet)
})
after(async () => {
  await ask('DELETE', `/_index_template/${foreign}`).catch(() => {})
  await installTemplates(client, plans, quiet)
  await client.close()
  await stack.stop()
})

const ask = <Body>(method: string, path: string, body?: object): Promise<Body> =>
  client.transport.request({ method, path, ...(body === undefined ? {} : { body }) }) as Promise<Body>

function eventWith(fields: Partial<EnrichedEvent>): EnrichedEvent {
  const empty = Object.fromEntries(
    schemaOf('enriched-event').fields.map(({ name, type }) => {
      const kind = typeof type === 'object' && !Array.isArray(type) ? (type as { type: string }).type : type
      if (Array.isArray(kind)) return [name, null]
      return [
        name,
        kind === 'array' ? [] : kind === 'map' ? {} : kind === 'string' ? '' : kind === 'boolean' ? false : 0,
      ]
    }),
  ) as unknown as EnrichedEvent
  return { ...empty, constituent: 'body', occurredAt: NOW, receivedAt: NOW, ...fields }
}

const stageOf = () => harnessOf(indexRecords(plans, bulkSink(client), () => group))
const give = (fields: Partial<EnrichedEvent>) => stageOf().give('enriched-events', 'k', eventWith(fields))

async function found(query: object): Promise<string[]> {
  await ask('POST', `/${stream}/_refresh`)
  const { hits } = await ask<{ hits: { hits: { _id: string }[] } }>('POST', `/${stream}/_search`, { query, size: 100 })
  return hits.hits.map(({ _id }) => _id).sort((a, b) => (a < b ? -1 : 1))
}

test('VN-4.2a-2 logs and warnings of an application, a system and a security device are in the index, told apart by kind', async () => {
  for (const sourceId of ['application', 'system', 'security-device'])
    for (const kind of ['event', 'alert']) await give({ eventId: `${sourceId}-${kind}`, sourceId, kind })
  assert.deepEqual(await found({ term: { 'event.kind': 'alert' } }), [
    'application-alert',
    'security-device-alert',
    'system-alert',
  ])
  assert.deepEqual(
    await found({ bool: { filter: [{ term: { 'event.kind': 'event' } }, { term: { 'tocsin.sourceId': 'system' } }] } }),
    ['system-event'],
  )
})

test('a document written again is known by its id and adds nothing', async () => {
  assert.equal((await give({ eventId: 'twice' })).kind, 'emit')
  assert.deepEqual(await give({ eventId: 'twice' }), { kind: 'drop', reason: 'duplicate' })
  assert.deepEqual(await found({ ids: { values: ['twice'] } }), ['twice'])
})

test('a value that the mapping refuses makes one dead letter with the reason, and what came with it is written', async () => {
  const sink = bulkSink(client)
  const document = (id: string, port: unknown) => ({
    index: stream,
    id,
    version: null,
    replaces: false,
    source: { '@timestamp': NOW, 'source.port': port },
  })
  const verdicts = await sink.write([document('good-1', 80), document('bad', 'eighty'), document('good-2', 443)])
  assert.deepEqual(
    verdicts.map(({ kind }) => kind),
    ['done', 'refused', 'done'],
  )
  assert.match(JSON.stringify(verdicts[1]), /document_parsing_exception.*source\.port/)
  assert.deepEqual(await found({ range: { 'source.port': { gte: 80 } } }), ['good-1', 'good-2'])
  // An address that is none is kept as text and not searchable as an address: lines hold anything.
  assert.equal((await give({ eventId: 'odd-ip', source_ip: 'not an address' })).kind, 'emit')
})

test('a disk past its flood stage is an outage: the batch is tried again, nothing is dead-lettered, and it goes on when there is room', async () => {
  await give({ eventId: 'before-the-flood' })
  await ask('PUT', `/${stream}/_settings`, { 'index.blocks.read_only_allow_delete': true })
  try {
    await assert.rejects(give({ eventId: 'flooded' }), { name: 'RetryableError', code: 'elasticsearch_unavailable' })
  } finally {
    await ask('PUT', `/${stream}/_settings`, { 'index.blocks.read_only_allow_delete': null })
  }
  assert.equal((await give({ eventId: 'flooded' })).kind, 'emit')
  assert.deepEqual(await found({ ids: { values: ['flooded'] } }), ['flooded'])
})

test('what the dashboards count by can be counted by in the server too', async () => {
  const fields = visualizations.filter(({ record }) => record === 'enriched-event').map(({ by }) => by)
  const path = `/${stream}/_field_caps?fields=${fields.join(',')}`
  const caps = await ask<{ fields: Record<string, Record<string, { aggregatable: boolean }>> }>('GET', path)
  assert.ok(fields.length >= 3)
  for (const field of fields) assert.ok(Object.values(caps.fields[field] ?? {})[0]?.aggregatable, field)
})

test('VN-5.3h a lifecycle below the floor of a pack is found in the server, whatever template wins', async () => {
  const packs = loadPacks(join(import.meta.dirname, '../../../regulations'), (folder) => assert.fail(folder))
  const floor = floorOf([packs.get('vn-circular-31') ?? assert.fail(), packs.get('tw-soc-1.3') ?? assert.fail()], NOW)
  const faults = async (): Promise<string[]> => floorFaults(await lifecyclesInForce(client, plans), floor)
  const before = await faults()
  assert.ok(
    before.includes(
      'The template in force for logs-tocsin.event-* lets enriched-event go after 60 days; tw-soc-1.3 (TW-3.1) wants 180: raise it.',
    ),
  )
  await installTemplates(client, plansWithFloor(plans, floor, undefined), quiet)
  assert.deepEqual(await faults(), [])
  const template = { lifecycle: { data_retention: '7d' } }
  await ask('PUT', `/_index_template/${foreign}`, {
    index_patterns: ['logs-tocsin.detection-check*'],
    priority: 900,
    data_stream: {},
    template,
  })
  assert.deepEqual(await faults(), [
    'The template in force for logs-tocsin.detection-* lets detection go after 7 days; tw-soc-1.3 (TW-3.1) wants 180: raise it.',
  ])
})

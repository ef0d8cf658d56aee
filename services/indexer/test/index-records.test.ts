import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { schemaOf } from '@tocsin/avro'
import { RECORD_NAMES, type SourceCount, topicOf } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import type { Verdict } from '../src/bulk.ts'
import { verdictOf } from '../src/bulk.ts'
import { type BulkDocument, documentsOf, indexName } from '../src/document.ts'
import { indexRecords } from '../src/index-records.ts'
import { plans } from '../src/indices/index.ts'
import { mappingOf } from '../src/mapping.ts'

const count: SourceCount = {
  countId: 'c1',
  sourceId: 's',
  constituent: 'body-a',
  service: 'normalizer',
  slot: '0',
  minute: 60_000,
  received: 1,
  accepted: 0,
  refused: 0,
  dropped: 0,
  normalized: 1,
  rejected: 0,
  reasons: {},
  lastAt: null,
  skewMs: null,
}

function stageWith(verdict: Verdict) {
  const written: BulkDocument[] = []
  const sink = {
    write: async (documents: readonly BulkDocument[]) => {
      written.push(...documents)
      return documents.map(() => verdict)
    },
  }
  const groupOf = (constituent: string | null) => (constituent === null ? 'centre' : `${constituent}-group`)
  return { written, stage: harnessOf(indexRecords(plans, sink, groupOf)) }
}

describe('documents', () => {
  test('a record goes to the stream of its constituent’s group, under its own id', async () => {
    const { stage, written } = stageWith({ kind: 'done' })
    await stage.give('source-counts', 's', count)
    assert.equal(written[0]?.index, 'logs-tocsin.source_count-body_a_group')
    assert.equal(written[0]?.id, 'c1')
    assert.equal(written[0]?.source['@timestamp'], 60_000)
    assert.equal(written[0]?.source['tocsin.received'], 1)
  })

  test('two bodies of different groups never share an index', () => {
    const plan = plans[0] ?? assert.fail()
    assert.notEqual(indexName(plan, 'body_a'), indexName(plan, 'body_b'))
    assert.match(indexName(plan, 'Ministry of "X"/../*'), /^logs-tocsin\.event-[a-z0-9_]+$/)
  })

  test('every plan names fields that its schema has, and its topic is that of its record', () => {
    for (const plan of plans) {
      const names = schemaOf(plan.record).fields.map((field) => field.name)
      for (const name of [plan.id, plan.time, ...(plan.version === undefined ? [] : [plan.version])]) {
        assert.ok(names.includes(name), `${plan.record}.${name}`)
      }
      assert.equal(topicOf(plan.record), plan.topic)
      assert.ok(plan.retentionDays >= 60, 'VN-5.3h: nothing is kept for less than 60 days')
    }
  })

  test('coordinates become a point', () => {
    const plan = plans[0] ?? assert.fail()
    const document = documentsOf(plan, schemaOf('enriched-event'))({ source_geo_lon: 71.4, source_geo_lat: 51.1 }, 'g')
    assert.deepEqual(document.source['source.geo.location'], { lon: 71.4, lat: 51.1 })
  })
})

describe('mappings', () => {
  for (const record of RECORD_NAMES) {
    test(`${record}: nothing dynamic, below 400 fields, @timestamp a date`, () => {
      const mapping = mappingOf(schemaOf(record))
      assert.equal(mapping.dynamic, false)
      assert.deepEqual(mapping.properties['@timestamp'], { type: 'date' })
      assert.ok(JSON.stringify(mapping).split('"type"').length < 400)
    })
  }

  test('addresses are addresses, prose is text, maps are flattened', () => {
    const properties = mappingOf(schemaOf('enriched-event')).properties as Record<string, never>
    const at = (path: string): unknown =>
      path
        .split('.')
        .reduce(
          (node: { properties?: Record<string, never> } | undefined, part, index) =>
            index === 0 ? properties[part] : node?.properties?.[part],
          undefined,
        )
    assert.deepEqual(at('source.ip'), { type: 'ip', ignore_malformed: true })
    assert.deepEqual(at('message'), { type: 'text' })
    assert.equal((at('tocsin.extra') as { type: string }).type, 'flattened')
  })
})

describe('verdicts', () => {
  test('2xx is done, 409 was done before, 429 and 5xx are tried again, any other 4xx is refused with its reason', () => {
    assert.deepEqual(verdictOf({ status: 201 }), { kind: 'done' })
    assert.deepEqual(verdictOf({ status: 409 }), { kind: 'duplicate' })
    assert.deepEqual(verdictOf({ status: 429 }), { kind: 'retry', status: 429 })
    assert.deepEqual(verdictOf({ status: 503 }), { kind: 'retry', status: 503 })
    assert.deepEqual(verdictOf({ status: 403 }), { kind: 'retry', status: 403 })
    assert.deepEqual(verdictOf({ status: 400, error: { type: 't', reason: 'r' } }), {
      kind: 'refused',
      status: 400,
      reason: 't: r',
    })
  })

  test('a conflict counts as done, so a replay adds nothing', async () => {
    const { stage } = stageWith({ kind: 'duplicate' })
    assert.deepEqual(await stage.give('source-counts', 's', count), { kind: 'drop', reason: 'duplicate' })
  })

  test('an unavailable server is an outage: nothing is committed and the batch is tried again', async () => {
    const { stage } = stageWith({ kind: 'retry', status: 429 })
    await assert.rejects(stage.give('source-counts', 's', count), {
      name: 'RetryableError',
      code: 'elasticsearch_unavailable',
    })
  })

  test('a refused document is dead-lettered; a refused dead letter is not', async () => {
    const { stage } = stageWith({ kind: 'refused', status: 400, reason: 'no' })
    const outcome = await stage.give('source-counts', 's', count)
    assert.equal(outcome.kind, 'reject')
    const letter = { deadLetterId: 'd', constituent: null, at: 1 } as never
    assert.deepEqual(await stage.give('dead-letters', 'k', letter), { kind: 'drop', reason: 'refused_dead_letter' })
  })
})

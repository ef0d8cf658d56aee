import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCodec, schemaOf } from '@tocsin/avro'
import type { EnrichedEvent, Event } from '@tocsin/events'
import { enrichWith } from '../src/enrich.ts'
import { IndicatorIndex, indicatorLookup } from '../src/lookups/indicators.ts'
import { eventWith, indicatorWith } from './samples.ts'

const ids = { event: 4, enriched: 9 }
const index = new IndicatorIndex()
index.put('i-1', indicatorWith({}))

async function enriched(event: Event, framed: Buffer): Promise<EnrichedEvent> {
  const stage = enrichWith([indicatorLookup(index)], ids, 0).create({ partition: 0, store: () => assert.fail() })
  const outcome = await stage.process(
    { topic: 'events', partition: 0, offset: 0, timestamp: 0, key: 's', value: event, framed },
    77,
  )
  assert.ok(outcome.kind === 'emit')
  return createCodec<EnrichedEvent>(schemaOf('enriched-event'), ids.enriched).decode(
    outcome.outputs[0]?.value as Buffer,
  )
}

test('the appended record equals the re-encoded one, for events of our schema and of another', async () => {
  const event = eventWith({ destination_ip: '198.51.100.7', category: ['network'], extra: { a: 'b' } })
  const own = createCodec<Event>(schemaOf('event'), ids.event).encode(event)
  const other = createCodec<Event>(schemaOf('event'), 5).encode(event)
  const appended = await enriched(event, own)
  assert.equal(JSON.stringify(appended), JSON.stringify(await enriched(event, other)))
  assert.equal(appended.indicators[0]?.indicatorId, 'i-1')
  assert.equal(appended.extra['a'], 'b')
  assert.equal(appended.enrichedAt, 77)
})

// Rules for the fields of every record, and the fields that cannot be added later, because a record without them could
// never be given its place: whose it is, whether it was an exercise, who may see it, when the legal clocks began.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { textOf } from '../architecture/source-tree.ts'
import { faultsOf, type Schema } from './schema-shape.ts'
import { schemaFiles } from './topic-table.ts'

const schemas = new Map(schemaFiles().map((name) => [name, JSON.parse(textOf(`schemas/${name}.avsc`)) as Schema]))
const fieldOf = (record: string, field: string) => schemas.get(record)?.fields.find(({ name }) => name === field)

/** Records that belong to no body: they speak of the centre, of a threat, or of rules. */
const OF_NO_CONSTITUENT = ['evidence-checkpoint', 'indicator', 'registry-constituent', 'rule-set', 'sensor-pack']
/** Records that may belong to a body, or to the centre itself. */
const PERHAPS_OF_A_CONSTITUENT = ['audit-entry', 'dead-letter', 'health-event']

describe('every schema', () => {
  test('there is something to check, and the rules can fail', () => {
    assert.ok(schemas.size >= 33)
    const field = { name: 'source_ip', type: ['string', 'null'], doc: '', ecs: 'source.address' }
    const bad: Schema = {
      type: 'record',
      name: 'Bad',
      fields: [
        field,
        { name: 'madeAt', type: 'long', doc: 'A time.' },
        { name: 'kind', type: { type: 'enum' }, doc: 'A kind.' },
      ],
    }
    assert.equal(faultsOf(bad).length, 6)
  })

  test('documents its record and each field, names fields by ECS or in camelCase, and holds only what can grow', () => {
    assert.deepEqual([...schemas.values()].flatMap(faultsOf), [])
  })

  test('names each record once: PascalCase of the file name, in our namespace', () => {
    for (const [file, { name, ...rest }] of schemas) {
      assert.equal(
        name,
        file.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase()),
      )
      assert.equal((rest as { namespace?: string }).namespace, 'tocsin')
    }
  })
})

describe('what cannot be added later', () => {
  test('SEC-S1 every record says whose it is', () => {
    for (const record of schemas.keys()) {
      const type = fieldOf(record, 'constituent')?.type
      if (OF_NO_CONSTITUENT.includes(record)) assert.equal(type, undefined, record)
      else if (PERHAPS_OF_A_CONSTITUENT.includes(record)) assert.deepEqual(type, ['null', 'string'], record)
      else assert.equal(type, 'string', record)
    }
  })

  test('what leads to a duty or comes of one says whether it was an exercise', () => {
    const records = [
      'raw-block',
      'event',
      'enriched-event',
      'match',
      'detection',
      'incident',
      'incident-change',
      'clock-event',
    ]
    records.push('notice', 'delivery', 'report', 'request', 'response-action', 'ticket', 'feed-record', 'received-item')
    for (const record of records) assert.equal(fieldOf(record, 'exercise')?.type, 'boolean', record)
  })

  test('what leaves the centre carries its sharing mark', () => {
    for (const record of ['event', 'enriched-event', 'detection', 'incident', 'notice', 'feed-record', 'indicator'])
      assert.equal(fieldOf(record, 'tlp')?.type, 'string', record)
  })

  test('T0 of the legal clocks is on the detection and on all that is made of it', () => {
    for (const record of ['detection', 'incident', 'ticket', 'feed-record'])
      assert.match(JSON.stringify(fieldOf(record, 'detectedAt')?.type), /timestamp-millis/, record)
  })

  test('every record that is made once has an id of its own as its first field', () => {
    for (const [record, { fields }] of schemas) {
      if (record === 'match') continue // Two kinds of records share that topic; a match is known by rule and event.
      assert.match(fields[0]?.name ?? '', /Id$/, record)
      assert.equal(fields[0]?.type, 'string', record)
    }
  })
})

describe('the enriched event', () => {
  test('begins with exactly the fields of the event, in order, so that enrichment appends bytes', () => {
    const event = schemas.get('event')?.fields ?? []
    const enriched = schemas.get('enriched-event')?.fields ?? []
    assert.ok(enriched.length > event.length && event.length > 60)
    assert.deepEqual(enriched.slice(0, event.length), event)
  })

  test('puts first what routers and filters need', () => {
    const event = schemas.get('event')?.fields.slice(0, 6) ?? []
    assert.deepEqual(
      event.map(({ name }) => name),
      ['eventId', 'occurredAt', 'constituent', 'sourceId', 'severity', 'dataset'],
    )
  })
})

// The second lock: the registry itself. What we register is under FULL_TRANSITIVE, keeps its id, and a schema that would
// break a reader is refused; a record is decoded by the version that wrote it, never by a guess.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type AvroSchema, schemaOf } from '@tocsin/avro'
import { openCodecs } from '@tocsin/avro/registry'
import { type ClockEvent, RECORD_NAMES, topicOf } from '@tocsin/events'
import { type Stack, startStack } from '../support/stack.ts'
import { isSame } from './releases.ts'

const json = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
const subject = 'clock-events-value'
const present = schemaOf('clock-event')
const withField = (field: object) => ({ ...present, fields: [...present.fields, field] })
const happening: ClockEvent = {
  clockEventId: 'c-1',
  caseId: 'case-1',
  constituent: 'body-1',
  clockId: 'C1/event',
  requirementIds: ['KZ-10.3g'],
  pack: 'kz-order-199',
  exercise: true,
  what: 'started',
  at: 1_700_000_000_000,
  recordedAt: 1_700_000_000_001,
  startAt: 1_700_000_000_000,
  dueAt: 1_700_000_900_000,
  proof: null,
}

let stack: Stack
const registry = async (
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const answer = await fetch(stack.registry + path, {
    method,
    headers: json,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json().catch(() => ({}))) as Record<string, unknown> }
}
/** Registers a version beside ours, under a subject of the test's own, and gives its id. */
const registered = async (schema: object): Promise<number> => {
  const { status, body } = await registry(
    'POST',
    `/subjects/registry-test-${process.pid}-${Math.random().toString(36).slice(2)}/versions`,
    {
      schema: JSON.stringify(schema),
    },
  )
  assert.equal(status, 200, JSON.stringify(body))
  return body['id'] as number
}

before(async () => {
  stack = await startStack({ registry: true })
})
after(() => stack.stop())

describe('the schema registry', () => {
  test('has every schema of ours after the start, under <topic>-value and FULL_TRANSITIVE', async () => {
    const codecs = await openCodecs(stack.registry)
    for (const record of RECORD_NAMES) {
      const name = `${topicOf(record)}-value`
      const { body } = await registry('GET', `/config/${name}`)
      assert.equal(body['compatibilityLevel'], 'FULL_TRANSITIVE', name)
      const known = await registry('GET', `/schemas/ids/${codecs.codec(record).schemaId}`)
      assert.ok(isSame(JSON.parse(known.body['schema'] as string) as AvroSchema, schemaOf(record)), name)
    }
  })

  test('OPS-R13 gives the same ids at every start', async () => {
    const [first, second] = [await openCodecs(stack.registry), await openCodecs(stack.registry)]
    for (const record of RECORD_NAMES) assert.equal(first.codec(record).schemaId, second.codec(record).schemaId, record)
  })

  test('OPS-R13 refuses a version that would break a reader', async () => {
    await openCodecs(stack.registry, ['clock-event'])
    const wrong = withField({ name: 'later', type: 'string', doc: 'Without a default.' })
    const { status } = await registry('POST', `/subjects/${subject}/versions`, { schema: JSON.stringify(wrong) })
    assert.equal(status, 409)
    const asked = await registry('POST', `/compatibility/subjects/${subject}/versions/latest`, {
      schema: JSON.stringify(wrong),
    })
    assert.equal(asked.body['is_compatible'], false)
  })

  test('an id that nobody registered is an unknown schema, and stays one', async () => {
    const codecs = await openCodecs(stack.registry, ['clock-event'])
    const framed = Buffer.from(codecs.codec('clock-event').encode(happening))
    framed.writeUInt32BE(2_000_000_000, 1)
    for (let times = 0; times < 2; times++)
      await assert.rejects(async () => codecs.decode('clock-event', framed), { code: 'unknown_schema' })
  })

  test('OPS-R13 the id of another record never decodes as ours', async () => {
    const codecs = await openCodecs(stack.registry, ['clock-event', 'delivery'])
    const framed = Buffer.from(codecs.codec('clock-event').encode(happening))
    framed.writeUInt32BE(codecs.codec('delivery').schemaId, 1)
    await assert.rejects(async () => codecs.decode('clock-event', framed), { code: 'unknown_schema' })
  })

  test('records of an older and of a newer version decode into ours, asked for once', async () => {
    const codecs = await openCodecs(stack.registry, ['clock-event'])
    const own = Buffer.from(codecs.codec('clock-event').encode(happening))
    const newer = Buffer.concat([own, Buffer.from([0])])
    newer.writeUInt32BE(
      await registered(withField({ name: 'later', type: ['null', 'string'], default: null, doc: 'New.' })),
      1,
    )
    const first = codecs.decode('clock-event', newer)
    assert.ok(first instanceof Promise)
    assert.deepEqual({ ...(await first) }, { ...codecs.codec('clock-event').decode(own) })
    assert.equal(codecs.decode('clock-event', newer) instanceof Promise, false)

    const last = present.fields.at(-1)
    assert.ok(last !== undefined && 'default' in last, 'the last field of the record has a default')
    const older = own.subarray(0, own.length - 1)
    const cut = Buffer.from(older)
    cut.writeUInt32BE(await registered({ ...present, fields: present.fields.slice(0, -1) }), 1)
    const read = await codecs.decode('clock-event', cut)
    assert.equal(read[last.name as keyof ClockEvent], last.default)
    assert.equal(read.clockEventId, 'c-1')
  })

  test('a registry that is away is said to be away, so that the caller waits', async () => {
    await assert.rejects(openCodecs('http://127.0.0.1:9/apis/ccompat/v7', ['clock-event']), {
      code: 'registry_unreachable',
    })
  })
})

// Chapter 4: bad input never stops a partition (design.md 2.5). A record that cannot be handled goes whole, octets
// untouched, to `dead-letters`, with its coordinates and the cause, in the same transaction that moves the offset. So
// nobody loses it, nobody waits for it, and a reader of the topic can repair it and send it again.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { DeadLetter, Match } from '@tocsin/events'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import kafkajs from 'kafkajs'
import { emit, emitWithRejected, reject, type StageDefinition } from '../src/index.ts'
import { matchOf } from './match-of.ts'
import { type Corner, openCorner, type Running, until } from './real-kafka.ts'
import { numbered } from './recount-sender.ts'

const RECORDS = process.env['TOCSIN_TEST_DOSE'] === 'full' ? 100_000 : 2_000
const POISON_EVERY = 100
const MEBIBYTE = 1024 * 1024

/** Passes each record on; what it does with a record stands in the record's level. */
const passer: StageDefinition<'health-events'> = {
  name: 'passer',
  inputs: ['health-events'],
  create: () => ({
    process: ({ key, value }) => {
      const output = { topic: 'matches' as const, key, value: matchOf(value.healthId, key) }
      const part = (text: string) => ({
        code: 'test_part',
        message: text,
        original: Buffer.from(text),
        constituent: 'body-7',
      })
      switch (value.level) {
        case 'refuse':
          return reject('test_refusal', 'The test asked for it.', 'body-7')
        case 'partly':
          return emitWithRejected([output], [part('first'), part('second')])
        case 'misfit':
          return emit({ ...output, value: { ...output.value, sourcePartition: 'four' as unknown as number } })
        case 'too long':
          return emit({ ...output, value: { ...output.value, groupKey: 'x'.repeat(MEBIBYTE) } })
        default:
          return emit(output)
      }
    },
  }),
}

let stack: Stack
let corner: Corner
let running: Running
const passed: Match[] = []
before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  corner = await openCorner(stack, 'letters', ['health-events', 'matches'])
  await corner.kafka.follow(['matches'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) passed.push(value)
  })
  running = await corner.run(passer)
})
after(async () => {
  await running.stop()
  await corner.close()
})

const framed = (level = 'info', id = 'n'): Buffer =>
  corner.kafka.codecs.codec('health-event').encode({ ...numbered(0, 1), healthId: id, level })

/** Every way in which a record can be no record of ours: octets, key, and the code that its dead letter must carry. */
function poisons(): Record<string, { key: string | null; value: Buffer | null; code: string; gzip?: boolean }> {
  const good = framed()
  const withHead = (octets: number[], from = octets.length) => Buffer.concat([Buffer.from(octets), good.subarray(from)])
  const otherRecord = corner.kafka.codecs.codec('match').encode(matchOf('1', 'k'))
  const claimed = Buffer.concat([good.subarray(0, -1), Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01])])
  return {
    'wrong magic byte': { key: 'k', value: withHead([7]), code: 'undecodable_record' },
    'no octets at all': { key: 'k', value: Buffer.alloc(0), code: 'undecodable_record' },
    'plain text': { key: 'k', value: Buffer.from('{"hello":"world"}'), code: 'undecodable_record' },
    'a schema id that nobody registered': { key: 'k', value: withHead([0, 0x7f, 0, 0, 1]), code: 'unknown_schema' },
    'the schema of another record': { key: 'k', value: otherRecord, code: 'unknown_schema' },
    'cut short': { key: 'k', value: good.subarray(0, good.length - 3), code: 'undecodable_record' },
    'octets left over': { key: 'k', value: Buffer.concat([good, Buffer.from('more')]), code: 'undecodable_record' },
    'a map that claims 2^40 entries': { key: 'k', value: claimed, code: 'undecodable_record' },
    'over the bound, not compressible': {
      key: 'k',
      value: Buffer.concat([good.subarray(0, 5), randomBytes(MEBIBYTE - 4_096)]),
      code: 'oversize_record',
    },
    '20 MiB that compress well': {
      key: 'k',
      value: Buffer.concat([good.subarray(0, 5), Buffer.alloc(20 * MEBIBYTE)]),
      code: 'oversize_record',
      gzip: true,
    },
    'no value': { key: 'k', value: null, code: 'null_value' },
    'no key': { key: null, value: good, code: 'null_key' },
    'refused by the stage': { key: 'k', value: framed('refuse'), code: 'test_refusal' },
    'leads to a record that does not fit its schema': { key: 'k', value: framed('misfit'), code: 'unencodable_record' },
    'leads to a record over the bound': { key: 'k', value: framed('too long'), code: 'oversize_record' },
  }
}

const lettersWith = (mark: string): DeadLetter[] =>
  corner.letters.filter(({ headers }) => headers['mark']?.toString() === mark)

describe('records that cannot be handled', () => {
  test('OPS-R9 each kind goes to dead letters whole, with its cause and coordinates', async (t) => {
    for (const [kind, { key, value, code, gzip }] of Object.entries(poisons())) {
      await t.test(kind, async () => {
        const message = {
          key,
          value,
          partition: 1,
          headers: { mark: kind, traceparent: 'no context', 'x-binary': randomBytes(9) },
        }
        const compression = gzip === true ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None
        await corner.sendRaw('health-events', [message], compression)
        await until(
          () => lettersWith(kind).length > 0,
          () => `no dead letter of "${kind}"`,
        )
        const [letter] = lettersWith(kind) as [DeadLetter]
        assert.equal(letter.code, code)
        assert.ok(letter.original.equals(value ?? Buffer.alloc(0)), 'the octets were changed')
        assert.deepEqual(letter.key, key === null ? null : Buffer.from(key))
        assert.deepEqual([letter.topic, letter.partition], [`${corner.prefix}health-events`, 1])
        assert.ok(letter.offset >= 0 && letter.timestamp > 0)
        assert.deepEqual(letter.headers['x-binary'], message.headers['x-binary'])
        assert.equal(letter.traceparent, null, 'what is no trace context is handed on')
        assert.ok(letter.message.length > 10 && letter.message.length <= 512)
      })
    }
  })

  test('parts of a record that are rejected become dead letters of their own; the rest goes on', async () => {
    await corner.sendRaw('health-events', [{ key: 'k', value: framed('partly', 'parts'), headers: { mark: 'parts' } }])
    await until(
      () => lettersWith('parts').length === 2,
      () => `${lettersWith('parts').length} of 2 parts`,
    )
    assert.deepEqual(
      lettersWith('parts').map(({ code, original }) => [code, original.toString()]),
      [
        ['test_part', 'first'],
        ['test_part', 'second'],
      ],
    )
    assert.equal(new Set(lettersWith('parts').map(({ deadLetterId }) => deadLetterId)).size, 2)
    assert.deepEqual(
      lettersWith('parts').map(({ constituent }) => constituent),
      ['body-7', 'body-7'],
    )
    await until(
      () => passed.some(({ eventId }) => eventId === 'parts'),
      () => 'the rest of the record did not go on',
    )
  })

  test(`OPS-R9 one poison in ${POISON_EVERY} of ${RECORDS} records: no stop, all others once, each poison kept`, async (t) => {
    const kinds = Object.values(poisons()).filter(({ value }) => (value?.length ?? 0) < MEBIBYTE / 2)
    const before = { passed: passed.length, letters: corner.letters.length }
    let poisoned = 0
    for (let from = 0; from < RECORDS; from += 1_000) {
      const messages = Array.from({ length: 1_000 }, (_, index) => {
        const n = from + index
        const key = `body-${n % 20}`
        if (n % POISON_EVERY !== 0) return { key, value: framed('info', `run-${n}`) }
        const poison = kinds[poisoned++ % kinds.length] as (typeof kinds)[number]
        return { key: poison.key === null ? null : key, value: poison.value }
      })
      await corner.sendRaw('health-events', messages)
    }
    await until(
      () => passed.length - before.passed >= RECORDS - poisoned && corner.letters.length - before.letters >= poisoned,
      () =>
        `${passed.length - before.passed} of ${RECORDS - poisoned} passed, ${corner.letters.length - before.letters} of ${poisoned} kept`,
      process.env['TOCSIN_TEST_DOSE'] === 'full' ? 600_000 : 60_000,
    )
    t.diagnostic(`${RECORDS} records, ${poisoned} of them poison`)
    assert.equal(new Set(passed.map(({ eventId }) => eventId)).size, passed.length, 'a record was doubled')
    assert.equal(corner.letters.length - before.letters, poisoned)
  })

  test('a dead letter that cannot be handled makes no other dead letter', async () => {
    const reader = await corner.run({
      name: 'letter-reader',
      inputs: ['dead-letters'],
      create: () => ({ process: () => reject('test_refusal', 'Every dead letter is refused.') }),
    } satisfies StageDefinition<'dead-letters'>)
    const count = corner.letters.length
    const refused = async (): Promise<number> => {
      const text = await reader.context.metrics.registry.metrics()
      return Number(/outcomes_total\{stage="letter-reader",outcome="reject",[^}]*\} (\d+)/.exec(text)?.[1] ?? 0)
    }
    await until(
      async () => (await refused()) >= count,
      () => `not all of ${count} dead letters were read`,
    )
    await reader.stop()
    assert.equal(corner.letters.length, count)
  })
})

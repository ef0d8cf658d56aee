// Chapter 1: a stage is one step. A record goes in, an outcome comes out: emit, drop or reject. The stage sees no broker
// and no clock, so a test needs neither: `harnessOf` gives it records by hand and collects what it says.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HealthEvent } from '@tocsin/events'
import { drop, emit, emitWithRejected, RetryableError, reject, type StageDefinition } from '../src/index.ts'
import { harnessOf } from '../src/testing/index.ts'
import { matchOf } from './match-of.ts'
import { numbered } from './recount-sender.ts'

/** The whole of a small stage: errors go on, chatter is dropped, nonsense is refused. */
const triage: StageDefinition<'health-events'> = {
  name: 'triage',
  inputs: ['health-events'],
  create: () => ({
    process: ({ key, value }, nowMs) => {
      const output = { topic: 'matches' as const, key, value: { ...matchOf(value.healthId, key), occurredAt: nowMs } }
      switch (value.level) {
        case 'error':
          return emit(output)
        case 'info':
          return drop('below_error')
        case 'half':
          return emitWithRejected(
            [output],
            [{ code: 'bad_half', message: 'Its other half.', original: Buffer.from('b'), constituent: null }],
          )
        case 'away':
          throw new RetryableError('lookup_away', 'The look-up does not answer.', new Error('socket'))
        default:
          return reject('bad_level', `No such level: ${value.level}.`, value.constituent, new Error('cause'))
      }
    },
  }),
}

const health = (level: string, n = 1): HealthEvent => ({ ...numbered(n, 1), level })

describe('an outcome', () => {
  test('emit: what it names is written, in order, under its key', async () => {
    const stage = harnessOf(triage, 5_000)
    await stage.give('health-events', 'body-1', health('error', 1))
    await stage.give('health-events', 'body-2', health('error', 2))
    assert.deepEqual(
      stage.outputs().map(({ topic, key }) => [topic, key]),
      [
        ['matches', 'body-1'],
        ['matches', 'body-2'],
      ],
    )
    assert.deepEqual(
      stage.written('matches').map(({ eventId, occurredAt }) => [eventId, occurredAt]),
      [
        ['1', 5_000],
        ['2', 5_000],
      ],
    )
  })

  test('drop: nothing is written, the reason is counted', async () => {
    const stage = harnessOf(triage)
    assert.deepEqual(await stage.give('health-events', 'k', health('info')), { kind: 'drop', reason: 'below_error' })
    assert.deepEqual(stage.outputs(), [])
  })

  test('reject: code, one sentence, whose it is, and the cause', async () => {
    const outcome = await harnessOf(triage).give('health-events', 'k', health('odd'))
    assert.equal(outcome.kind, 'reject')
    const { code, message, constituent, cause } = outcome as Extract<typeof outcome, { kind: 'reject' }>
    assert.deepEqual(
      [code, message, constituent, (cause as Error).message],
      ['bad_level', 'No such level: odd.', null, 'cause'],
    )
  })

  test('emit with rejected parts: the good half goes on, the bad half keeps its octets', async () => {
    const outcome = await harnessOf(triage).give('health-events', 'k', health('half'))
    assert.equal(outcome.kind === 'emit' && outcome.rejected[0]?.original.toString(), 'b')
    assert.equal(outcome.kind === 'emit' && outcome.outputs.length, 1)
  })

  test('a throw is none of these: an outage says that it is one, with its code and cause', async () => {
    await assert.rejects(harnessOf(triage).give('health-events', 'k', health('away')), (error) => {
      assert.ok(error instanceof RetryableError && error.cause instanceof Error)
      return error.code === 'lookup_away'
    })
  })

  test('time comes in as an argument: the same records at the same time give the same outputs', async () => {
    const run = async () => {
      const stage = harnessOf(triage, 7)
      for (let n = 0; n < 20; n++)
        await stage.give('health-events', `k${n % 3}`, health(['error', 'info', 'odd'][n % 3] ?? '', n))
      stage.now(9)
      await stage.give('health-events', 'k', health('error', 99))
      return stage.outputs()
    }
    assert.deepEqual(await run(), await run())
  })
})

describe('a stage may also', () => {
  test('take many records at once, say something after each batch, and wake up without any', async () => {
    const batches: StageDefinition<'health-events'> = {
      name: 'batches',
      inputs: ['health-events'],
      create: ({ partition }) => ({
        process: () => drop('not_called'),
        processBatch: async (records) =>
          records.map(({ key, value }) => emit({ topic: 'matches', key, value: matchOf(value.healthId, key) })),
        endOfBatch: () => [{ topic: 'matches', key: 'end', value: matchOf('end', 'end') }],
        tick: (nowMs) => [
          { topic: 'matches', key: 'tick', value: { ...matchOf(`tick-${partition}`, 'tick'), occurredAt: nowMs } },
        ],
      }),
    }
    const stage = harnessOf(batches)
    await stage.give('health-events', 'k', health('info', 1))
    await stage.give('health-events', 'k', health('info', 2), 3)
    assert.deepEqual(
      (await stage.tick(60)).map(({ value }) => (value as { eventId: string }).eventId),
      ['tick-0', 'tick-3'],
    )
    assert.deepEqual(
      stage.written('matches').map(({ eventId }) => eventId),
      ['1', 'end', '2', 'end', 'tick-0', 'tick-3'],
    )
  })
})

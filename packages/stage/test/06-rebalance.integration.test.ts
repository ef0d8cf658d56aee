// Chapter 6: partitions change hands without loss or doubling. A worker first drains what it has in hand and commits, then
// gives a partition away; the next owner restores its state up to exactly that point, then reads on. Inputs of one stage
// move together: partition n of every topic is always with one worker.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { IncidentCommand } from '@tocsin/events'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { emit, type StageDefinition } from '../src/index.ts'
import { matchOf } from './match-of.ts'
import { type Corner, openCorner, PARTITIONS, type Running, until } from './real-kafka.ts'
import { keyOf, numbered } from './recount-sender.ts'

const RECORDS = process.env['TOCSIN_TEST_DOSE'] === 'full' ? 200_000 : 12_000

let stack: Stack
let corner: Corner
const seen = new Map<string, number>()
/** `key/n` of each passed record, where n is the count that the store held for the key: a plain recount must give the same. */
const counts = new Set<string>()
before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  const changelogs = ['mover.counts.changelog', 'pair.counts.changelog']
  corner = await openCorner(stack, 'rebalance', ['health-events', 'incident-commands', 'matches', ...changelogs])
  await corner.kafka.follow(['matches'], { from: 'beginning' }, ({ value }) => {
    if (value === null) return
    seen.set(value.eventId, (seen.get(value.eventId) ?? 0) + 1)
    if (value.groupKey !== '') counts.add(`${value.constituent}/${value.groupKey}`)
  })
})
after(() => corner.close())

/** Counts the records of each key in its store and passes each on with its number. */
const mover: StageDefinition<'health-events'> = {
  name: 'mover',
  inputs: ['health-events'],
  stores: ['counts'],
  maxBatchRecords: 200,
  create: (task) => {
    const store = task.store<number>('counts')
    return {
      process: ({ key, value }) => {
        const n = (store.get(key) ?? 0) + 1
        store.set(key, n)
        return emit({ topic: 'matches', key, value: { ...matchOf(value.healthId, key), groupKey: String(n) } })
      },
    }
  },
}

const ownedIn = (text: string): number => Number(/owns (\d+)/.exec(text)?.[1] ?? 0)
const owns = ({ context }: Running, name: string): number =>
  ownedIn(context.health.report('ready').parts[name]?.detail ?? '')

describe('a rebalance under load', () => {
  test('OPS-R17 a worker joins, works, leaves and comes back: nothing lost, nothing doubled, the state unbroken', async (t) => {
    const publisher = await corner.kafka.publisher()
    let sent = 0
    let isSending = true
    const sending = (async () => {
      while (sent < RECORDS || isSending) {
        const sends: Promise<void>[] = []
        for (const end = sent + 100; sent < end; sent++)
          sends.push(publisher.send({ topic: 'health-events', key: keyOf(sent), value: numbered(sent, 1) }))
        await Promise.all(sends)
        await pause(20)
      }
    })()
    const first = await corner.run(mover, { slot: 0 })
    await until(
      () => seen.size > RECORDS / 10,
      () => `${seen.size} passed with one worker`,
    )
    for (let round = 0; round < 2; round++) {
      const second = await corner.run(mover, { slot: 1 })
      await until(
        () => owns(first, 'mover') === PARTITIONS / 2 && owns(second, 'mover') === PARTITIONS / 2,
        () => `the workers own ${owns(first, 'mover')} and ${owns(second, 'mover')}`,
      )
      const before = seen.size
      await until(
        () => seen.size > before + 500,
        () => 'no progress with two workers',
      )
      await second.stop()
      // A static member that stops keeps its partitions until its session ends, so that a restart moves nothing.
      await until(
        () => owns(first, 'mover') === PARTITIONS,
        () => `the first worker owns ${owns(first, 'mover')} after the second left`,
      )
    }
    isSending = false
    await sending
    await publisher.close()
    await until(
      () => seen.size >= sent,
      () => `${seen.size} of ${sent} passed`,
    )
    await first.stop()
    t.diagnostic(`${sent} records, four changes of hands`)
    assert.deepEqual(
      [...seen].filter(([, times]) => times !== 1),
      [],
      'doubled',
    )
    assert.equal(seen.size, sent, 'lost')
    const expected = new Set<string>()
    const plain = new Map<string, number>()
    for (let n = 0; n < sent; n++) {
      const key = keyOf(n)
      plain.set(key, (plain.get(key) ?? 0) + 1)
      expected.add(`${key}/${plain.get(key)}`)
    }
    assert.deepEqual([...counts].sort(), [...expected].sort(), 'the state was not carried over')
    assert.deepEqual(corner.letters, [])
  })

  test('inputs of one stateful stage stay together: partition n of each topic is with the same worker', async () => {
    const got = new Set<string>()
    const pair = (slot: number): StageDefinition<'health-events' | 'incident-commands'> => ({
      name: 'pair',
      inputs: ['health-events', 'incident-commands'],
      stores: ['counts'],
      create: ({ partition }) => ({
        process: ({ topic, key }) => {
          if (key === 'together') got.add(`${partition} ${slot} ${topic}`)
          return { kind: 'drop', reason: 'test' }
        },
      }),
    })
    const workers = await Promise.all([0, 1].map((slot) => corner.run(pair(slot), { slot })))
    const each = () => workers.map((worker) => owns(worker, 'pair'))
    await until(
      () => each().every((count) => count === PARTITIONS),
      () => `the workers own ${each().join(' and ')} partitions of two topics`,
    )
    const { codecs } = corner.kafka
    const values = {
      'health-events': codecs.codec('health-event').encode(numbered(0, 1)),
      'incident-commands': codecs.codec('incident-command').encode(command),
    }
    for (const [topic, value] of Object.entries(values)) {
      const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
      await corner.sendRaw(
        topic,
        partitions.map((partition) => ({ key: 'together', partition, value })),
      )
    }
    await until(
      () => got.size === 2 * PARTITIONS,
      () => [...got].join(', '),
    )
    const owners = new Set([...got].map((entry) => entry.split(' ').slice(0, 2).join(' ')))
    assert.equal(owners.size, PARTITIONS, `a partition is with both workers: ${[...owners].sort().join(', ')}`)
    await Promise.all(workers.map((worker) => worker.stop()))
  })
})

const command: IncidentCommand = {
  commandId: 'c',
  constituent: 'body',
  caseId: '',
  action: 'create',
  expectedRevision: null,
  actor: 'test',
  actorRoles: [],
  channel: 'cli',
  issuedAt: 1,
  reason: null,
  fields: {},
}

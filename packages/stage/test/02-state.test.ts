// Chapter 2: state. A store is a map of one task; what changes in it goes to a compacted changelog in the transaction that
// commits the outputs and offsets. So after any crash the state is exactly what the committed records made of it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { changelogTopic, emit, type StageDefinition, TaskStores } from '../src/index.ts'
import { addChangelogRecords } from '../src/kafka/wire.ts'
import { harnessOf } from '../src/testing/index.ts'
import { matchOf } from './match-of.ts'
import { numbered } from './recount-sender.ts'

/** Numbers the records of each key. */
const numbering: StageDefinition<'health-events'> = {
  name: 'numbering',
  inputs: ['health-events'],
  stores: ['counts'],
  create: (task) => {
    const counts = task.store<number>('counts')
    return {
      process: ({ key, value }) => {
        const n = (counts.get(key) ?? 0) + 1
        counts.set(key, n)
        return emit({ topic: 'matches', key, value: { ...matchOf(value.healthId, key), groupKey: String(n) } })
      },
    }
  },
}

describe('a store', () => {
  test('tells its changes once, the newest of each key; a deletion is a change', () => {
    const stores = new TaskStores()
    const store = stores.store<{ n: number }>('s')
    store.set('a', { n: 1 })
    store.set('a', { n: 2 })
    store.set('b', { n: 3 })
    store.delete('b')
    store.delete('never there')
    assert.deepEqual(stores.drain(), [
      { store: 's', key: 'a', value: '{"n":2}' },
      { store: 's', key: 'b', value: null },
    ])
    assert.deepEqual(stores.drain(), [])
    assert.deepEqual(
      [store.size, store.has('a'), store.get('b'), [...store.entries()]],
      [1, true, undefined, [['a', { n: 2 }]]],
    )
  })

  test('restored from its changelog is the same map, whatever was done to it', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', '__proto__', ''),
      value: fc.option(fc.integer()),
      drain: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const stores = new TaskStores()
        const store = stores.store<number>('s')
        const changelog: { key: string; value: string | null }[] = []
        for (const { key, value, drain } of steps) {
          if (value === null) store.delete(key)
          else store.set(key, value)
          if (drain) changelog.push(...stores.drain())
        }
        changelog.push(...stores.drain())
        const restored = new TaskStores()
        for (const { key, value } of changelog) restored.restore('s', key, value)
        assert.deepEqual(new Map(restored.store('s').entries()), new Map(store.entries()))
        assert.deepEqual(restored.drain(), [], 'what was restored is no change')
      }),
    )
  })

  test('has its changelog under the name of its stage', () => {
    assert.equal(changelogTopic('numbering', 'counts'), 'numbering.counts.changelog')
  })

  test('that changes in 200,000 keys at once, as when rules are taken out, writes each of them', () => {
    const stores = new TaskStores()
    const groups = stores.store<number>('groups')
    for (let n = 0; n < 200_000; n++) groups.set(`g${n}`, n)
    stores.drain()
    for (let n = 0; n < 200_000; n++) groups.delete(`g${n}`)
    const records: Parameters<typeof addChangelogRecords>[0] = []
    addChangelogRecords(records, 'x.', 'numbering', 2, stores.drain())
    assert.equal(records.length, 200_000)
    const { topic, partition, key, value } = records[7] ?? assert.fail()
    assert.deepEqual([topic, partition, key, value], ['x.numbering.groups.changelog', 2, 'g7', null])
  })
})

describe('a stateful stage', () => {
  test('goes on after a crash as if nothing had been', async () => {
    const [calm, crashed] = [harnessOf(numbering), harnessOf(numbering)]
    for (let n = 0; n < 60; n++) {
      for (const stage of [calm, crashed]) await stage.give('health-events', `k${n % 7}`, numbered(n, 1), n % 2)
      if (n % 5 === 0) crashed.crash()
    }
    assert.deepEqual(crashed.outputs(), calm.outputs())
  })

  test('keeps the state of each partition for itself', async () => {
    const stage = harnessOf(numbering)
    for (const partition of [0, 1, 1]) await stage.give('health-events', 'same key', numbered(1, 1), partition)
    assert.deepEqual(
      stage.written('matches').map(({ groupKey }) => groupKey),
      ['1', '1', '2'],
    )
  })
})

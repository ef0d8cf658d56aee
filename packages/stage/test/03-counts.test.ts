// Chapter 3: counts. Each hop counts what it did, per source and minute of receipt, and writes the differences in the
// transaction that holds the records it counted. So the sums of two hops agree after any crash, and where they do not,
// something is lost and the reporter says so (design.md 2.1).
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type CountField, SourceCounter } from '../src/index.ts'

const MINUTE_MS = 60_000
const FIELDS: readonly CountField[] = ['received', 'accepted', 'refused', 'dropped', 'normalized', 'rejected']

describe('counts of a hop', () => {
  test('are kept per source and minute of receipt, with the reasons', () => {
    const counter = new SourceCounter('normalizer', 2)
    counter.add('s1', 'body-1', 5 * MINUTE_MS, 'normalized', 3)
    counter.add('s1', 'body-1', 6 * MINUTE_MS - 1, 'rejected', 1, 'empty_frame')
    counter.add('s1', 'body-1', 6 * MINUTE_MS, 'normalized')
    counter.add('s2', 'body-2', 5 * MINUTE_MS, 'rejected', 2, 'empty_frame')
    const rows = counter.drain('batch-1').map(({ topic, key, value }) => {
      assert.ok(topic === 'source-counts' && value !== null && !Buffer.isBuffer(value))
      assert.deepEqual([value.service, value.slot], ['normalizer', '2'])
      return [key, value.constituent, value.minute / MINUTE_MS, value.normalized, value.rejected, value.reasons]
    })
    assert.deepEqual(rows, [
      ['s1', 'body-1', 5, 3, 1, { empty_frame: 1 }],
      ['s1', 'body-1', 6, 1, 0, {}],
      ['s2', 'body-2', 5, 0, 2, { empty_frame: 2 }],
    ])
  })

  test('are differences: each drain gives what came since the last, so the drains sum up to all', () => {
    const add = fc.record({
      source: fc.constantFrom('a', 'b'),
      minute: fc.nat(3),
      field: fc.constantFrom(...FIELDS),
      count: fc.nat(9),
      drain: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(add), (adds) => {
        const counter = new SourceCounter('s', 0)
        const drained: { key: string; value: unknown }[] = []
        const expected = new Map<string, number>()
        for (const { source, minute, field, count, drain } of adds) {
          counter.add(source, 'body', minute * MINUTE_MS + 7, field, count)
          const key = `${source} ${minute} ${field}`
          expected.set(key, (expected.get(key) ?? 0) + count)
          if (drain) drained.push(...counter.drain(`p${drained.length}`))
        }
        drained.push(...counter.drain('last'))
        const sums = new Map<string, number>()
        for (const { key, value } of drained) {
          const row = value as Record<CountField, number> & { minute: number }
          for (const field of FIELDS) {
            const name = `${key} ${row.minute / MINUTE_MS} ${field}`
            sums.set(name, (sums.get(name) ?? 0) + row[field])
          }
        }
        for (const [name, count] of expected) assert.equal(sums.get(name) ?? 0, count, name)
        assert.deepEqual(counter.drain('again'), [])
      }),
    )
  })

  test('have ids that come from the position, so that a repeat is recognised', () => {
    const idsAt = (position: string): string[] => {
      const counter = new SourceCounter('s', 0)
      counter.add('a', 'body', 1, 'received')
      counter.add('b', 'body', 1, 'received')
      return counter.drain(position).map(({ value }) => (value as { countId: string }).countId)
    }
    assert.deepEqual(idsAt('0:17'), idsAt('0:17'))
    assert.equal(new Set([...idsAt('0:17'), ...idsAt('0:18')]).size, 4)
  })
})

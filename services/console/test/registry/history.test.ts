import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RegistryChange } from '@tocsin/events'
import fc from 'fast-check'
import { differences, differenceText } from '../../src/registry/difference.ts'
import { type Entry, readEntry } from '../../src/registry/entries.ts'
import { copyOf, emptyRegistry, type Registry } from '../../src/registry/held.ts'
import { asOf, changeOf, historyText, pointInTime } from '../../src/registry/history.ts'

function assetOf(id: string, os: string): Entry {
  const read = readEntry('assets', { id, constituent: 'body-a', circuit: 'inner', ip: '10.0.0.1', os, unit: 'IT' })
  assert.ok('entry' in read)
  return read.entry
}

describe('the registry as of any date', () => {
  test('after any sequence of changes each past state is found again', () => {
    const step = fc.record({ id: fc.constantFrom('a', 'b', 'c'), os: fc.constantFrom('Linux', 'Windows 11', null) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const registry = emptyRegistry()
        const changes: RegistryChange[] = []
        const states: Registry[] = [copyOf(registry)]
        for (const [index, { id, os }] of steps.entries()) {
          const changedAt = (index + 1) * 10
          const after = os === null ? undefined : assetOf(id, os)
          const by = { changedBy: 'tester', changedAt, reason: 'test', origin: null }
          const made = changeOf('assets', registry.assets.get(id)?.entry, after, by)
          if (made !== null) changes.push(made)
          if (after === undefined) registry.assets.delete(id)
          else if (made !== null) registry.assets.set(id, { entry: after, changedAt })
          states.push(copyOf(registry))
        }
        for (const [index, state] of states.entries()) {
          assert.deepEqual(differences(asOf(registry, changes, index * 10), state), [])
          assert.deepEqual(differences(asOf(registry, changes, index * 10 + 9), state), [])
        }
      }),
    )
  })

  test('an entry written without history is there from its own date on', () => {
    const registry = emptyRegistry()
    registry.assets.set('a', { entry: assetOf('a', 'Linux'), changedAt: 50 })
    assert.equal(asOf(registry, [], 49).assets.size, 0)
    assert.equal(asOf(registry, [], 50).assets.size, 1)
  })

  test('a change that was written and whose record was not does not count', () => {
    const registry = emptyRegistry()
    const by = { changedBy: 'tester', changedAt: 50, reason: 'test', origin: null }
    const made = changeOf('assets', undefined, assetOf('a', 'Linux'), by)
    assert.ok(made)
    assert.equal(asOf(registry, [made], 60).assets.size, 0)
  })

  test('nothing changed is no change', () => {
    const by = { changedBy: 'tester', changedAt: 50, reason: 'test', origin: null }
    assert.equal(changeOf('assets', assetOf('a', 'Linux'), assetOf('a', 'Linux'), by), null)
  })

  test('a day is its end in UTC; what is no date is refused', () => {
    assert.equal(pointInTime('2026-09-30'), Date.parse('2026-10-01T00:00:00Z') - 1)
    assert.equal(pointInTime('2026-09-30T18:00:00+05:00'), Date.parse('2026-09-30T13:00:00Z'))
    for (const text of ['yesterday', '2026-13-01', '2026-09-30T18:00', '2026', 'quarter-3', './now'])
      assert.notEqual(typeof pointInTime(text), 'number', text)
  })

  test('a difference and a change are text that moves no cursor', () => {
    const before = { ...emptyRegistry(), assets: new Map([['a', { entry: assetOf('a', 'Linux'), changedAt: 0 }]]) }
    const after = { ...before, assets: new Map([['a', { entry: assetOf('a', 'Linux\u001b[2J'), changedAt: 0 }]]) }
    assert.equal(differences(before, after).map(differenceText).join(''), '~ assets a\n    os: Linux → Linux [2J\n')
    const by = { changedBy: 'tester', changedAt: 0, reason: 'act\u001b[2J 14', origin: 'a.csv' }
    const made = changeOf('assets', assetOf('a', 'Linux'), assetOf('a', 'BSD'), by)
    assert.ok(made)
    assert.equal(historyText(made), '1970-01-01T00:00:00.000Z tester changed assets a (os): act [2J 14, from a.csv\n')
  })
})

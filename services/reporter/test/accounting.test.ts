import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HealthEvent, SourceCount } from '@tocsin/events'
import { TaskStores } from '@tocsin/stage'
import fc from 'fast-check'
import { Accounting, imbalances } from '../src/accounting.ts'
import { countOf, DAY0, MINUTE } from './world.ts'

const SECOND = 1_000
const open = () => new Accounting(new TaskStores().store('counts'))

/** The counts of a minute in which `lines` went all the way; each hop may be changed. */
function hops(lines: number, over: Partial<Record<string, Partial<SourceCount>>> = {}): SourceCount[] {
  return [
    countOf({ received: lines, accepted: lines, ...over['syslog-ingest'] }),
    countOf({ service: 'normalizer', received: lines, normalized: lines, ...over['normalizer'] }),
    countOf({ service: 'enrichment', received: lines, accepted: lines, ...over['enrichment'] }),
    countOf({ service: 'correlation-engine', received: lines, accepted: lines, ...over['correlation-engine'] }),
  ]
}

/** Checks every ten seconds from the minute on, as a running service does. */
function watch(accounting: Accounting, fromMs: number, forMs: number): HealthEvent[] {
  const events: HealthEvent[] = []
  for (let at = fromMs; at <= fromMs + forMs; at += 10 * SECOND) events.push(...accounting.check(at))
  return events
}

test('sums that agree raise nothing', () => {
  const accounting = open()
  for (const count of hops(10)) accounting.take(count, DAY0)
  assert.deepEqual(watch(accounting, DAY0, 10 * MINUTE), [])
})

for (const [name, over] of Object.entries({
  'a line lost at the door': { 'syslog-ingest': { accepted: 9 } },
  'a line lost in the normalizer': { normalizer: { normalized: 9 } },
  'a line lost before enrichment': { enrichment: { received: 9 } },
  'a line lost before the rules': { 'correlation-engine': { received: 9 } },
  'a line doubled before the rules': { 'correlation-engine': { received: 11 } },
}))
  test(`${name} is one health event after the grace, for its source and minute, and is cleared when it agrees`, () => {
    const accounting = open()
    for (const count of hops(10, over)) accounting.take(count, DAY0)
    assert.deepEqual(watch(accounting, DAY0, 2 * MINUTE), [], 'within the grace')
    const raised = watch(accounting, DAY0 + 2 * MINUTE, 20 * MINUTE)
    assert.deepEqual(
      raised.map(({ code, state, sourceId }) => [code, state, sourceId]),
      [['counts_disagree', 'raised', 'vn-web']],
    )
    const [service, change] = Object.entries(over)[0] ?? ['', {}]
    const [field, value] = Object.entries(change)[0] ?? ['accepted', 10]
    accounting.take(countOf({ service, [field]: 10 - Number(value) }), DAY0 + 23 * MINUTE)
    const cleared = watch(accounting, DAY0 + 23 * MINUTE, MINUTE)
    assert.deepEqual(
      cleared.map(({ state }) => state),
      ['cleared'],
    )
    assert.equal(cleared[0]?.healthId, raised[0]?.healthId)
  })

test('refused, dropped and rejected lines are in the sums', () => {
  const accounting = open()
  accounting.take(countOf({ received: 10, accepted: 6, refused: 3, dropped: 1 }), DAY0)
  accounting.take(countOf({ service: 'normalizer', received: 6, normalized: 5, rejected: 1 }), DAY0)
  accounting.take(countOf({ service: 'enrichment', received: 5 }), DAY0)
  accounting.take(countOf({ service: 'correlation-engine', received: 5 }), DAY0)
  assert.deepEqual(watch(accounting, DAY0, 10 * MINUTE), [])
})

test('a moved clock gives everybody the grace again', () => {
  const accounting = open()
  accounting.check(DAY0)
  accounting.take(countOf({ received: 1, accepted: 1 }), DAY0)
  assert.deepEqual(accounting.check(DAY0 + 60 * MINUTE), [])
  for (const count of hops(1).slice(1)) accounting.take(count, DAY0 + 60 * MINUTE)
  assert.deepEqual(watch(accounting, DAY0 + 60 * MINUTE, 10 * MINUTE), [])
})

test('in whatever parts and order counts come, sums agree exactly when every hop saw every line', () => {
  const parts = fc.array(fc.nat(20), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(parts, fc.integer({ min: 0, max: 3 }), fc.integer({ min: -3, max: 3 }), (sizes, hop, fault) => {
      const stores = new TaskStores()
      const accounting = new Accounting(stores.store('counts'))
      const counts = sizes.flatMap((lines) => hops(lines))
      const services = ['syslog-ingest', 'normalizer', 'enrichment', 'correlation-engine']
      const field = ['accepted', 'normalized', 'received', 'received'][hop] ?? 'received'
      counts.unshift(countOf({ service: services[hop] ?? '', [field]: fault }))
      for (const count of counts.reverse()) accounting.take(count, DAY0)
      const row = [...stores.store<Parameters<typeof imbalances>[0]>('counts').entries()][0]?.[1]
      assert.equal(row !== undefined && imbalances(row).length > 0, fault !== 0)
    }),
  )
})

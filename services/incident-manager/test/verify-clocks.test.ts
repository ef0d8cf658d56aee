import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationOf } from '../src/adapters/clock-commands.ts'
import { verifyClocks } from '../src/verify-clocks.ts'
import { HOUR, MINUTE, registry, T0, world } from './world.ts'

async function topicsOfAStory() {
  const w = world()
  await w.detect({ detectionId: 'a' })
  await w.detect({ detectionId: 'b', constituent: 'tw-agency' })
  await w.detect({ detectionId: 'c', constituent: 'vn-province', level: 'high', severity: 70 })
  const [notice] = w.notices('constituent')
  assert.ok(notice)
  await w.until(T0 + 35 * MINUTE)
  await w.deliver(notice, T0 + 40 * MINUTE)
  await w.until(T0 + 50 * HOUR)
  const changes = w.harness.written('incident-changes')
  const deliveries: never[] = []
  const requests: never[] = []
  return { changes, clockEvents: w.harness.written('clock-events'), deliveries, requests }
}

test('clocks recomputed from the topics equal what was recorded', async () => {
  const topics = await topicsOfAStory()
  const result = verifyClocks(topics, registry, T0 + 50 * HOUR, 0)
  assert.deepEqual(result.faults, [])
  assert.equal(result.cases, 3)
})

test('a clock event that was lost, invented or moved is found, and so is a lost change', async () => {
  const topics = await topicsOfAStory()
  const at = T0 + 50 * HOUR
  const faultsOf = (change: Partial<typeof topics>) =>
    verifyClocks({ ...topics, ...change }, registry, at, 0).faults.map(({ fault }) => fault)
  const breach = topics.clockEvents.findIndex((event) => event.what === 'breached')
  assert.deepEqual(faultsOf({ clockEvents: topics.clockEvents.filter((_, index) => index !== breach) }), ['missing'])
  const invented = topics.clockEvents.map((event, index) =>
    index === 0 ? { ...event, clockEventId: 'invented' } : event,
  )
  assert.deepEqual(faultsOf({ clockEvents: invented }).sort(), ['missing', 'unfounded'])
  const moved = topics.clockEvents.map((event, index) => (index === breach ? { ...event, at: event.at + 1 } : event))
  assert.deepEqual(faultsOf({ clockEvents: moved }), ['wrong-instant'])
  assert.deepEqual(
    faultsOf({ changes: topics.changes.filter((change) => change.revision !== 1) }).filter(
      (fault) => fault !== 'unfounded',
    ).length > 0,
    true,
  )
})

test('durations of the clock command are hours, minutes, seconds, days or ISO 8601', () => {
  assert.equal(durationOf('48h'), 48 * HOUR)
  assert.equal(durationOf('PT29M59S'), 30 * MINUTE - 1000)
  assert.equal(durationOf('P1M'), null)
  assert.equal(durationOf('-5m'), null)
})

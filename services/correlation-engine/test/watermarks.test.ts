import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Match } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import { ChainWatermarks } from '../src/chain-watermarks.ts'
import { matchRules } from '../src/match-rules.ts'
import { compileSets, type RulesInForce } from '../src/rules-in-force.ts'
import { login, START } from './logins.ts'

const inForce = compileSets([]).inForce as RulesInForce
const LATENESS_MS = 60_000

/** One partition of events; `say` gives a source's event of a second, `ticks` lets ticks pass and gives what was said last. */
function partition() {
  const stage = harnessOf(
    matchRules({ rules: () => inForce, matchPartitions: 1, latenessMs: LATENESS_MS, slot: 0 }),
    START,
  )
  stage.open(0)
  const said = (): { atSeconds: number; idle: boolean } | null => {
    const last = stage.written('matches').at(-1) as Match | undefined
    if (last === undefined) return null
    return { atSeconds: (last.occurredAt - START) / 1_000, idle: last.fields['idle'] === 'true' }
  }
  return {
    stage,
    say: (sourceId: string, second: number) =>
      stage.give('enriched-events', sourceId, login(second, 'failure', { sourceId })),
    ticks: async (count: number, nowMs = START) => {
      for (let tick = 0; tick < count; tick++) await stage.tick(nowMs)
      return said()
    },
  }
}

test('SIG-5.1 after a restart a source that lags behind the others of its partition still holds the watermark', async () => {
  const { stage, say, ticks } = partition()
  await say('ahead', 1_000)
  await say('behind', 400)
  assert.deepEqual(await ticks(1), { atSeconds: 340, idle: false })
  stage.crash()
  await say('ahead', 1_100)
  assert.equal((await ticks(1))?.atSeconds, 340)
  await say('behind', 900)
  assert.equal((await ticks(1))?.atSeconds, 840)
})

test('SIG-5.1 a source that is new and holds the watermark where it is still holds it after a crash', async () => {
  const { stage, say, ticks } = partition()
  await say('ahead', 1_000)
  assert.equal((await ticks(1))?.atSeconds, 940)
  await say('new and behind', 950)
  stage.crash()
  await say('ahead', 1_100)
  assert.equal((await ticks(1))?.atSeconds, 940)
})

test('SIG-5.1 a source that says nothing more is let go after thirty ticks, and again after a restart without waiting', async () => {
  const { stage, say, ticks } = partition()
  await say('ends', 400)
  for (let second = 0; second < 40; second++) {
    await say('goes on', 1_000 + second)
    await ticks(1)
  }
  assert.equal((await ticks(1))?.atSeconds, 979)
  stage.crash()
  await say('goes on', 1_100)
  assert.equal((await ticks(1))?.atSeconds, 1_040)
})

test('OPS-R8 a clock that jumps and a process that stood still make no source idle', async () => {
  const { say, ticks } = partition()
  await say('ahead', 1_000)
  await say('behind', 400)
  await ticks(1)
  for (const hours of [2, -3, 24 * 365, -24 * 365]) {
    await say('ahead', 2_000 + hours)
    assert.equal((await ticks(1, START + hours * 3_600_000))?.atSeconds, 340)
  }
})

test('a partition that was never heard holds the others for five ticks only', async () => {
  const { ticks } = partition()
  assert.equal((await ticks(5))?.idle, false)
  assert.equal((await ticks(1))?.idle, true)
})

test('SIG-5.5 each level of a chain waits for every task that may hand on to it', () => {
  const watermarks = new ChainWatermarks({ eventPartitions: 2, matchPartitions: 2 })
  watermarks.reportPartition(0, { atMs: 50, idle: false })
  assert.equal(watermarks.at(1), 0, 'the other partition may be anywhere')
  watermarks.reportPartition(1, { atMs: 30, idle: false })
  assert.equal(watermarks.at(1), 30)
  assert.deepEqual(watermarks.below(3), [30, 0])
  watermarks.reportTask(0, [30, 0])
  assert.equal(watermarks.at(2), 0)
  watermarks.reportTask(1, [20])
  assert.deepEqual([watermarks.at(2), watermarks.at(3)], [20, 0])
  watermarks.reportPartition(1, { atMs: 30, idle: true })
  assert.equal(watermarks.at(1), 50)
  watermarks.reportPartition(0, { atMs: 80, idle: false })
  assert.deepEqual([watermarks.at(1), watermarks.at(2)], [80, 20])
  const restored = new ChainWatermarks({ eventPartitions: 2, matchPartitions: 2 }, watermarks.stored())
  assert.deepEqual(restored.stored(), watermarks.stored())
  restored.reportTask(1, [10])
  assert.equal(restored.at(2), 20, 'no level goes back')
})

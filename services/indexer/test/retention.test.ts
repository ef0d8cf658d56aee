import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { calendarDaysCovering, localDayAt } from '@tocsin/obligations'
import { loadPacks } from '../src/adapters/packs.ts'
import { plans } from '../src/indices/index.ts'
import { eventDaysFault, floorFaults, floorOf, isBound, lawsOf, plansWithFloor, timeOf } from '../src/retention.ts'

const NOW = Date.UTC(2026, 10, 22)
const DAY_MS = 86_400_000
const packs = loadPacks(join(import.meta.dirname, '../../../regulations'), (folder) => assert.fail(folder))
const floorFor = (...ids: string[]) =>
  floorOf(
    lawsOf(
      ids.map((pack) => ({ pack })),
      packs,
    ),
    NOW,
  )

test('VN-5.3h working days are turned into the longest stretch of calendar days ahead, the holidays of Tết within', () => {
  const floor = floorFor('vn-circular-31')
  const { timeZone, workCalendar } = packs.get('vn-circular-31') ?? assert.fail()
  const today = localDayAt(timeZone, NOW)
  const ahead = Array.from({ length: 400 }, (_, at) => calendarDaysCovering(workCalendar, today + at, 30))
  assert.equal(floor?.days, Math.max(...ahead))
  assert.ok((floor?.days ?? 0) > 42, `${floor?.days} days`)
  assert.deepEqual(floor?.requirements, ['VN-5.3h'])
})

test('the highest floor of the registered bodies binds; bodies of a law that is not here bind nothing', () => {
  assert.equal(floorFor('kz-order-199')?.days, 60)
  assert.deepEqual([floorFor('kz-order-199', 'tw-soc-1.3')?.days, floorFor('tw-soc-1.3')?.pack], [180, 'tw-soc-1.3'])
  assert.equal(floorFor('nowhere'), null)
})

test('everything about a body is kept for the floor, our own counts are not, and nothing is kept for less than was meant', () => {
  const raised = plansWithFloor(plans, floorFor('tw-soc-1.3'), undefined)
  for (const [at, plan] of raised.entries()) {
    const before = plans[at]?.retentionDays ?? 0
    assert.ok(plan.retentionDays >= before, plan.record)
    if (isBound(plan)) assert.ok(plan.retentionDays >= 180, plan.record)
  }
  const days = (record: string, list = raised) => list.find((plan) => plan.record === record)?.retentionDays
  assert.deepEqual([days('enriched-event'), days('source-count'), days('dead-letter')], [180, 90, 180])
  assert.equal(days('enriched-event', plansWithFloor(plans, floorFor('tw-soc-1.3'), 365)), 365)
})

test('a setting below the floor is refused with law and days', () => {
  const floor = floorFor('tw-soc-1.3')
  assert.equal(
    eventDaysFault(90, floor),
    'INDEXER_EVENT_DAYS is 90, but tw-soc-1.3 (TW-3.1) wants 180 days; set at least these or leave it out.',
  )
  assert.equal(eventDaysFault(180, floor), null)
  assert.equal(eventDaysFault(undefined, floor), null)
  assert.equal(eventDaysFault(1, null), null)
})

test('a lifecycle or policy that lets records go before the law does is told; one for ever is not', () => {
  const [events, counts] = ['enriched-event', 'source-count'].map((record) =>
    plans.find((plan) => plan.record === record),
  )
  const at = (plan = events, keptMs: number | null = 36 * 3_600_000) => ({
    plan: plan ?? assert.fail(),
    place: 'The policy x',
    keptMs,
  })
  const floor = floorFor('kz-order-199')
  assert.deepEqual(floorFaults([at(), at(counts), at(events, null), at(events, 60 * DAY_MS)], floor), [
    'The policy x lets enriched-event go after 1.5 days; kz-order-199 (KZ-2.8) wants 60: raise it.',
  ])
  assert.deepEqual(floorFaults([at()], null), [])
})

test('times are read as Elasticsearch writes them', () => {
  assert.deepEqual(['60d', '36h', '90m', '5s', '1500ms', '0.5d'].map(timeOf), [
    60 * DAY_MS,
    36 * 3_600_000,
    5_400_000,
    5_000,
    1_500,
    DAY_MS / 2,
  ])
  assert.deepEqual(['', '5', 'd', '-1d', undefined, 7].map(timeOf), [null, null, null, null, null, null])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { happeningsOf, periodClock, runsOf } from '../src/index.ts'
import { at, pack, packNames } from './packs.ts'

const kz = pack('kz-order-199')
const c6 = kz.schedules.find((schedule) => schedule.id === 'C6')
assert.ok(c6 !== undefined)
const run = runsOf(kz, c6, at('2026-09-15T00:00:00Z'), at('2026-10-15T00:00:00Z'))[0]
assert.ok(run !== undefined)

test('C6 the summary that nobody proves delivered is reminded three days before and overdue when day 10 ends', () => {
  const none = periodClock(kz, c6, run, 'national', [], at('2026-10-12T00:00:00Z'))
  assert.ok(none !== null)
  const lines = happeningsOf(none.subject.caseId, none.clock, at('2026-10-12T00:00:00Z')).map(
    (each) => `${new Date(each.at).toISOString()} ${each.what}`,
  )
  assert.deepEqual(lines, [
    '2026-09-30T19:00:00.000Z started',
    '2026-10-07T19:00:00.000Z warned',
    '2026-10-10T19:00:00.000Z breached',
  ])
})

test('C6 a proven delivery on day 10 meets the clock', () => {
  const sent = {
    name: 'delivery',
    at: at('2026-10-10T12:00:00Z'),
    role: 'nsc',
    proof: 'delivered',
    clocks: ['C6/period'],
  } as const
  assert.equal(periodClock(kz, c6, run, 'national', [sent], at('2026-10-20T00:00:00Z'))?.clock.state, 'met')
})

test('a run does not exist before its period begins', () => {
  assert.equal(periodClock(kz, c6, run, 'national', [], run.startAt - 1), null)
})

test('asking window by window gives each run of every schedule once, as asking for the whole', () => {
  const from = at('2026-01-01T00:00:00Z')
  const to = at('2027-01-01T00:00:00Z')
  const schedules = packNames.map(pack).flatMap((law) => law.schedules.map((schedule) => ({ law, schedule })))
  fc.assert(
    fc.property(
      fc.constantFrom(...schedules),
      fc.array(fc.integer({ min: from, max: to }), { maxLength: 8 }),
      ({ law, schedule }, cuts) => {
        const edges = [from, ...cuts.sort((a, b) => a - b), to]
        const pieces = edges.slice(1).flatMap((edge, index) => runsOf(law, schedule, edges[index] ?? from, edge))
        assert.deepEqual(pieces, runsOf(law, schedule, from, to))
      },
    ),
    { numRuns: 100 },
  )
})

test('no run opens before the law is in force', () => {
  const vn = pack('vn-circular-31')
  const daily = vn.schedules.find((schedule) => schedule.id === 'daily-report')
  assert.ok(daily !== undefined)
  assert.equal(runsOf(vn, daily, at('2018-01-01T00:00:00Z'), at('2018-01-17T18:00:00Z'))[0]?.period, '2018-01-15')
})

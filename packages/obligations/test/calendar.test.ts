import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addMonths,
  addWorkingDays,
  calendarDaysCovering,
  dateOf,
  dayOf,
  instantOf,
  localDayAt,
  localTime,
  PERIODS,
  periodEnd,
  periodStart,
  wallTimeAt,
  weekdayOf,
} from '../src/index.ts'
import { at, pack } from './packs.ts'

const day = (text: string): number => {
  const found = dayOf(text)
  assert.ok(found !== null, text)
  return found
}

test('XC-3 the same instants read right on 29 February and 1 March 2024 in Almaty', () => {
  assert.equal(localTime('Asia/Almaty', at('2024-02-29T12:00:00Z')), '2024-02-29 18:00:00 +06:00')
  assert.equal(localTime('Asia/Almaty', at('2024-03-01T12:00:00Z')), '2024-03-01 17:00:00 +05:00')
  assert.equal(localTime('Asia/Ho_Chi_Minh', at('2024-03-01T12:00:00Z')), '2024-03-01 19:00:00 +07:00')
  assert.equal(localTime('Asia/Taipei', at('2024-03-01T12:00:00Z')), '2024-03-01 20:00:00 +08:00')
})

test('an hour that the clock shows twice gives the first, and one that it skips gives the instant after the jump', () => {
  // Almaty showed 23:00 to 24:00 of 29 February 2024 twice.
  assert.equal(instantOf('Asia/Almaty', day('2024-02-29'), 23.5 * 3_600_000), at('2024-02-29T17:30:00Z'))
  assert.equal(instantOf('Asia/Almaty', day('2024-03-01')), at('2024-02-29T19:00:00Z'))
  // Brussels skipped 02:00 to 03:00 of 29 March 2026.
  assert.equal(instantOf('Europe/Brussels', day('2026-03-29'), 2.5 * 3_600_000), at('2026-03-29T01:30:00Z'))
})

test('local day and wall time lead back to the instant, in zones of all three countries', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('Asia/Almaty', 'Asia/Ho_Chi_Minh', 'Asia/Taipei', 'Europe/Brussels'),
      fc.integer({ min: at('2018-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') }),
      (zone, instant) => {
        const back = instantOf(zone, localDayAt(zone, instant), wallTimeAt(zone, instant))
        // Only the repeated hour may lead to its first showing.
        assert.ok(back === instant || instant - back === 3_600_000, `${zone} ${instant} ${back}`)
      },
    ),
  )
})

test('thirty working days before the end of Tet need 48 calendar days (VN-5.3h)', () => {
  const { workCalendar } = pack('vn-circular-31')
  assert.equal(calendarDaysCovering(workCalendar, day('2026-02-23'), 30), 48)
  assert.ok(calendarDaysCovering(workCalendar, day('2026-02-23'), 30) <= pack('vn-circular-31').retention.defaultDays)
})

test('working days skip weekends and holidays and count weekend days worked in exchange', () => {
  const { workCalendar } = pack('vn-circular-31')
  assert.equal(dateOf(addWorkingDays(workCalendar, day('2025-12-31'), 1)), '2026-01-05')
  assert.equal(dateOf(addWorkingDays(workCalendar, day('2026-01-09'), 1)), '2026-01-10')
})

test('months are cut to the length of the month reached, and weeks begin on Monday', () => {
  assert.equal(dateOf(addMonths(day('2024-01-31'), 1)), '2024-02-29')
  assert.equal(dateOf(addMonths(day('2025-12-31'), 2)), '2026-02-28')
  assert.equal(weekdayOf(periodStart('week', day('2026-11-22'))), 1)
})

test('periods follow each other without gap or overlap', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PERIODS), fc.integer({ min: 10_000, max: 30_000 }), (period, start) => {
      const first = periodStart(period, start)
      const next = periodEnd(period, first)
      assert.ok(first <= start && start < next)
      assert.equal(periodStart(period, next), next)
      assert.equal(periodStart(period, next - 1), first)
    }),
  )
})

test('a date that does not exist is no day', () => {
  for (const text of ['2026-02-29', '2026-13-01', '26-01-01', '2026-1-1', '']) assert.equal(dayOf(text), null)
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readTime } from '../src/time/read-time.ts'
import { wallClockToUtc } from '../src/time/zone.ts'

interface Case {
  readonly what: string
  readonly text: string
  readonly received: string
  readonly zone?: string
  /** Undefined: no date. */
  readonly at: string | undefined
}

const cases: readonly Case[] = [
  {
    what: 'a line of December that arrives in January',
    text: 'Dec 31 23:59:58',
    received: '2026-01-01T00:00:05Z',
    at: '2025-12-31T23:59:58.000Z',
  },
  {
    what: 'a line of 1 January from further east, received on 31 December',
    text: 'Jan  1 04:30:00',
    zone: 'Asia/Almaty',
    received: '2025-12-31T23:30:05Z',
    at: '2025-12-31T23:30:00.000Z',
  },
  {
    what: 'a line kept back for ten months',
    text: 'Mar  1 10:00:00',
    received: '2026-01-05T00:00:00Z',
    at: '2025-03-01T10:00:00.000Z',
  },
  {
    what: '29 February without a year',
    text: 'Feb 29 12:00:00',
    received: '2026-03-01T00:00:00Z',
    at: '2024-02-29T12:00:00.000Z',
  },
  {
    what: '29 February of a year that has none',
    text: '2026-02-29T12:00:00Z',
    received: '2026-03-01T00:00:00Z',
    at: undefined,
  },
  { what: '31 September', text: '2026-09-31 12:00:00', received: '2026-10-01T00:00:00Z', at: undefined },
  {
    what: 'a leap second',
    text: '2016-12-31T23:59:60Z',
    received: '2017-01-01T00:00:01Z',
    at: '2017-01-01T00:00:00.000Z',
  },
  {
    what: 'a leap second without year or zone, in Taipei',
    text: 'Jan  1 07:59:60',
    zone: 'Asia/Taipei',
    received: '2017-01-01T00:00:01Z',
    at: '2017-01-01T00:00:00.000Z',
  },
  {
    what: 'the year after the day',
    text: 'Jan 12 2026 08:09:10',
    zone: '+07:00',
    received: '2026-01-12T02:00:00Z',
    at: '2026-01-12T01:09:10.000Z',
  },
  {
    what: 'letters with two meanings, which the source decides',
    text: 'Jan 12 2026 08:09:10 CST',
    zone: 'Asia/Taipei',
    received: '2026-01-12T02:00:00Z',
    at: '2026-01-12T00:09:10.000Z',
  },
  {
    what: 'an offset of nearly a day',
    text: '2018-12-31T23:59:59-23:59',
    received: '2019-01-02T00:00:00Z',
    at: '2019-01-01T23:58:59.000Z',
  },
  {
    what: 'Kazakhstan before it moved to one zone',
    text: '2024-02-29 23:30:00',
    zone: 'Asia/Almaty',
    received: '2024-03-01T00:00:00Z',
    at: '2024-02-29T17:30:00.000Z',
  },
  {
    what: 'Kazakhstan after it',
    text: '2024-03-02 00:30:00',
    zone: 'Asia/Almaty',
    received: '2024-03-02T00:00:00Z',
    at: '2024-03-01T19:30:00.000Z',
  },
]

describe('a time is read', () => {
  for (const one of cases)
    test(`of ${one.what}`, () => {
      const found = readTime(one.text, { receivedAt: Date.parse(one.received), timeZone: one.zone })
      assert.equal(found === undefined ? undefined : new Date(found.at).toISOString(), one.at)
    })

  test('that comes twice when clocks go back as the first, in zones on either side of Greenwich', () => {
    assert.equal(iso(wallClockToUtc(Date.UTC(2025, 9, 26, 2, 30), 'Europe/Berlin')), '2025-10-26T00:30:00.000Z')
    assert.equal(iso(wallClockToUtc(Date.UTC(2025, 10, 2, 1, 30), 'America/New_York')), '2025-11-02T05:30:00.000Z')
  })

  test('that is skipped when clocks go forward as counted from before the change', () => {
    assert.equal(iso(wallClockToUtc(Date.UTC(2025, 2, 30, 2, 30), 'Europe/Berlin')), '2025-03-30T01:30:00.000Z')
    assert.equal(iso(wallClockToUtc(Date.UTC(2025, 2, 9, 2, 30), 'America/New_York')), '2025-03-09T07:30:00.000Z')
  })
})

function iso(at: number): string {
  return new Date(at).toISOString()
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalIp } from '../../../src/feeds/tw-nccst-1.3/address.ts'
import { EVENT_ID, eventIdOf, PARTITION_SLOTS } from '../../../src/feeds/tw-nccst-1.3/ticket-number.ts'

const NOW = Date.parse('2026-11-22T16:00:00Z')

test('two counters or two partitions never give the same number on one day', () => {
  const counter = fc.nat(1_000_000)
  const partition = fc.nat(PARTITION_SLOTS - 1)
  fc.assert(
    fc.property(counter, partition, counter, partition, (a, p, b, q) => {
      const same = eventIdOf('EXSOC', NOW, a, p).eventId === eventIdOf('EXSOC', NOW, b, q).eventId
      assert.equal(same, a === b && p === q)
    }),
  )
})

test('the id is a safe name, its day is the one in Taipei, and a partition that does not fit is refused', () => {
  const { eventId, number } = eventIdOf('EXSOC', NOW, 0, 3)
  assert.equal(eventId, 'EXSOC-20261123-000004')
  assert.equal(number, 4)
  assert.match(eventId, EVENT_ID)
  assert.throws(() => eventIdOf('EXSOC', NOW, 0, PARTITION_SLOTS), RangeError)
})

test('addresses are written as RFC 5952 says, and what is none is refused', () => {
  const written: readonly [string, string | null][] = [
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::ABCD', '2001:db8::abcd'],
    ['::', '::'],
    ['::1', '::1'],
    ['::ffff:c000:0201', '::ffff:192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.01', null],
    ['fe80::1%eth0', null],
    ['1:2:3', null],
    [':::', null],
    ['', null],
  ]
  for (const [text, expected] of written) assert.equal(canonicalIp(text), expected, text)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressText, isInRange, parseAddress, parseRange, textOf } from '../src/address.ts'

function holds(range: string, address: string): boolean {
  const parsedRange = parseRange(range)
  const parsedAddress = parseAddress(address)
  assert.ok(parsedRange !== null, range)
  assert.ok(parsedAddress !== null, address)
  return isInRange(parsedAddress, parsedRange)
}

test('a CIDR holds exactly its addresses, in IPv4, IPv6 and mapped form', () => {
  assert.equal(holds('10.1.0.0/16', '10.1.255.255'), true)
  assert.equal(holds('10.1.0.0/16', '10.2.0.0'), false)
  assert.equal(holds('192.0.2.128/25', '192.0.2.127'), false)
  assert.equal(holds('192.0.2.7', '192.0.2.7'), true)
  assert.equal(holds('10.1.0.0/16', '::ffff:10.1.2.3'), true)
  assert.equal(holds('::ffff:10.0.0.0/104', '10.9.9.9'), true)
  assert.equal(holds('2001:db8::/32', '2001:db8:ffff::1'), true)
  assert.equal(holds('2001:db8::/33', '2001:db8:8000::1'), false)
  assert.equal(holds('fe80::/10', 'fe80::1%eth0'), true)
  assert.equal(holds('0.0.0.0/0', '203.0.113.9'), true)
})

test('an IPv6 range never lets an IPv4 sender in, and the other way round', () => {
  assert.equal(holds('::/0', '192.0.2.1'), false)
  assert.equal(holds('0.0.0.0/0', '2001:db8::1'), false)
})

test('what is no address is none', () => {
  for (const text of [
    '',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '1:2:3',
    '::1::2',
    '12345::',
    '1:2:3:4:5:6:7:8:9',
    'x',
  ]) {
    assert.equal(parseAddress(text), null, text)
  }
  for (const text of ['10.0.0.0/33', '::/129', '10.0.0.0/x', '10.0.0.0/8/8', '10.0.0.0/']) {
    assert.equal(parseRange(text), null, text)
  }
})

test('a prefix of n bits holds an address just when the first n bits agree', () => {
  const octet = fc.nat(255)
  const v4 = fc.tuple(octet, octet, octet, octet)
  fc.assert(
    fc.property(v4, v4, fc.nat(32), (a, b, bits) => {
      const number = (parts: readonly number[]) => parts.reduce((sum, part) => sum * 256 + part, 0)
      const agree = Math.floor(number(a) / 2 ** (32 - bits)) === Math.floor(number(b) / 2 ** (32 - bits))
      assert.equal(holds(`${a.join('.')}/${bits}`, b.join('.')), agree)
    }),
  )
})

test('a mapped peer is written as IPv4, a zone is left out', () => {
  assert.equal(addressText('::ffff:192.0.2.1'), '192.0.2.1')
  assert.equal(addressText('FE80::1%eth0'), 'fe80::1')
})

test('an address has one text, whatever it was written as', () => {
  for (const [written, text] of [
    ['2001:DB8:0:0:0::5', '2001:db8::5'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:db8::', '2001:db8::'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['10:0:0:0:100:0:0:0', '10::100:0:0:0'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['192.0.2.7', '192.0.2.7'],
  ] as const)
    assert.equal(textOf(parseAddress(written) as Uint8Array), text)
})

import assert from 'node:assert/strict'
import { BlockList, isIPv4 } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { isGlobal, parseAddress, parseBlock, prefixOf } from '../src/address.ts'

const address = fc.oneof(fc.ipV4(), fc.ipV6())

test('a block holds exactly the addresses that Node says it holds', () => {
  fc.assert(
    fc.property(address, address, fc.nat(128), (base, probe, length) => {
      const bits = Math.min(length, isIPv4(base) ? 32 : 128)
      const block = parseBlock(`${base}/${bits}`)
      const parsed = parseAddress(probe)
      assert.ok(block !== null && parsed !== null)
      const list = new BlockList()
      list.addSubnet(base, bits, isIPv4(base) ? 'ipv4' : 'ipv6')
      // Node counts IPv4-mapped addresses as IPv4 too; other families never meet.
      fc.pre(isIPv4(base) === isIPv4(probe))
      const own = block.family === parsed.family && prefixOf(parsed, block.bits) === block.base
      assert.equal(own, list.check(probe, isIPv4(probe) ? 'ipv4' : 'ipv6'))
    }),
  )
})

test('what is no address is null', () => {
  for (const text of ['', '1.2.3', '1.2.3.4.5', '::g', '999.1.1.1', 'host', '1.2.3.4/33'])
    assert.equal(parseBlock(text), null)
})

test('private, documentation and loopback addresses are not global', () => {
  for (const text of [
    '10.1.2.3',
    '192.168.0.1',
    '127.0.0.1',
    '203.0.113.9',
    '::1',
    'fe80::1',
    '2001:db8::1',
    '::ffff:10.0.0.1',
  ]) {
    assert.equal(isGlobal(parseAddress(text) ?? assert.fail(text)), false, text)
  }
  for (const text of ['8.8.8.8', '2001:4860:4860::8888'])
    assert.equal(isGlobal(parseAddress(text) ?? assert.fail(text)), true, text)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openGeoTable, readAsnTable } from '../src/adapters/ip-tables.ts'
import { emptyTail } from '../src/lookup.ts'
import { asnLookup } from '../src/lookups/asn.ts'
import { AssetIndex, assetLookup } from '../src/lookups/assets.ts'
import { geoLookup } from '../src/lookups/geo.ts'
import { IndicatorIndex, indicatorLookup } from '../src/lookups/indicators.ts'
import { readScanners, scannerLookup } from '../src/lookups/scanners.ts'
import { userAgentLookup } from '../src/lookups/user-agent.ts'
import { assetWith, eventWith, indicatorWith } from './samples.ts'

test('two bodies with the same 10.0.0.5 each get their own asset', () => {
  const index = new AssetIndex()
  index.put('a', assetWith({ assetId: 'a' }))
  index.put('b', assetWith({ assetId: 'b', constituent: 'body-b', hostname: 'other' }))
  assert.equal(index.find('body-a', 'inner', '10.0.0.5', 1)?.assetId, 'a')
  assert.equal(index.find('body-b', 'inner', '10.0.0.5', 1)?.assetId, 'b')
  assert.equal(index.find('body-c', 'inner', '10.0.0.5', 1), null)
})

test('an asset is found by circuit, longest prefix and the time of the event, and no more after it is withdrawn', () => {
  const index = new AssetIndex()
  index.put('net', assetWith({ assetId: 'net', ip: '10.0.0.0/24' }))
  index.put('old', assetWith({ assetId: 'old', validFrom: 0, validTo: 500 }))
  index.put('new', assetWith({ assetId: 'new', validFrom: 500 }))
  index.put('out', assetWith({ assetId: 'out', circuit: 'outer', validFrom: 0 }))
  assert.equal(index.find('body-a', 'inner', '10.0.0.5', 100)?.assetId, 'old')
  assert.equal(index.find('body-a', 'inner', '10.0.0.5', 500)?.assetId, 'new')
  assert.equal(index.find('body-a', 'outer', '10.0.0.5', 500)?.assetId, 'out')
  assert.equal(index.find('body-a', 'inner', '10.0.0.9', 500)?.assetId, 'net')
  for (const id of ['old', 'new', 'out', 'net']) index.put(id, null)
  assert.equal(index.find('body-a', 'inner', '10.0.0.5', 500), null)
})

test('KZ-A columns 3 to 8 of the asset behind the source address stand in the tail', () => {
  const index = new AssetIndex()
  index.put('asset-1', assetWith({}))
  const tail = emptyTail(0)
  assetLookup(index).apply(eventWith({ source_ip: '10.0.0.5' }), tail)
  assert.deepEqual(tail.sourceAsset, {
    assetId: 'asset-1',
    systemId: 'sys-1',
    hostname: 'ws-5',
    unit: 'Finance',
    location: '3, 301',
    responsible: 'A. Person',
    os: 'Example OS 12',
    criticality: 50,
  })
  assert.equal(tail.destinationAsset, null)
})

test('indicators hit by address, block, domain and parent domain, URL and hash, strongest first; expired and withdrawn do not', () => {
  const index = new IndicatorIndex()
  index.put('1', indicatorWith({ indicatorId: '1', confidence: 60 }))
  index.put('2', indicatorWith({ indicatorId: '2', type: 'cidr', value: '198.51.100.0/24', confidence: 90 }))
  index.put('3', indicatorWith({ indicatorId: '3', type: 'domain', value: 'Bad.example' }))
  index.put('4', indicatorWith({ indicatorId: '4', type: 'hash', value: 'ABCD' }))
  index.put('5', indicatorWith({ indicatorId: '5', validUntil: 900 }))
  index.put('6', indicatorWith({ indicatorId: '6', revoked: true }))
  index.put('7', indicatorWith({ indicatorId: '7', verification: 'rejected' }))
  const hits = (fields: Parameters<typeof eventWith>[0]) => {
    const tail = emptyTail(0)
    indicatorLookup(index).apply(eventWith(fields), tail)
    return tail.indicators.map((hit) => `${hit.indicatorId}:${hit.field}`)
  }
  assert.deepEqual(hits({ destination_ip: '198.51.100.7' }), ['2:destination.ip', '1:destination.ip'])
  assert.deepEqual(hits({ dns_question_name: 'a.b.bad.example.' }), ['3:dns.question.name'])
  assert.deepEqual(hits({ dns_question_name: 'notbad.example' }), [])
  assert.deepEqual(hits({ file_hash_sha256: 'abcd' }), ['4:file.hash.sha256'])
})

test('the shipped tables know a public address and say nothing of a private one', async () => {
  const geo = await openGeoTable(undefined)
  const asn = readAsnTable()
  const tail = emptyTail(0)
  const event = eventWith({ source_ip: '8.8.8.8', destination_ip: '10.0.0.1' })
  geoLookup(() => geo).apply(event, tail)
  asnLookup(() => asn).apply(event, tail)
  assert.equal(tail.source_geo_country_iso_code, 'US')
  assert.equal(typeof tail.source_geo_lon, 'number')
  assert.equal(tail.source_as_number, 15169)
  assert.equal(tail.destination_geo_country_iso_code, null)
  assert.equal(tail.destination_as_number, null)
})

test('a known scanner is named by its narrowest block, and a list with a faulty row is not taken', () => {
  const table = readScanners(
    'name,address\n# research\nresearch,203.0.113.0/24\nown,203.0.113.7\nresearch,2001:db8::/32\n',
  )
  const scannerOf = (source_ip: string | null): string | null => {
    const tail = emptyTail(0)
    scannerLookup(() => table).apply(eventWith({ source_ip }), tail)
    return tail.sourceScanner
  }
  assert.deepEqual(['203.0.113.7', '203.0.113.8', '2001:db8::1', '198.51.100.1', 'x', null].map(scannerOf), [
    'own',
    'research',
    'research',
    null,
    null,
    null,
  ])
  assert.throws(() => readScanners('a,203.0.113.0/33\n'), /row 1: "203\.0\.113\.0\/33" is no address/)
  const tail = emptyTail(0)
  scannerLookup(() => null).apply(eventWith({ source_ip: '203.0.113.7' }), tail)
  assert.equal(tail.sourceScanner, null)
})

test('a user agent gives program, version, system and device, whatever it is', () => {
  const lookup = userAgentLookup()
  const read = (user_agent_original: string | null): (string | null)[] => {
    const tail = emptyTail(0)
    lookup.apply(eventWith({ user_agent_original }), tail)
    return [tail.user_agent_name, tail.user_agent_version, tail.user_agent_os_name, tail.user_agent_device_name]
  }
  const chrome =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'
  assert.deepEqual(read(chrome), ['Chrome', '126.0.0.0', 'Windows', 'desktop'])
  assert.deepEqual(read('sqlmap/1.7.2#stable (https://sqlmap.org)'), ['sqlmap', '1.7.2', null, null])
  assert.deepEqual(read('curl'), ['curl', null, null, null])
  assert.deepEqual(read(null), [null, null, null, null])
  const told = emptyTail(0)
  lookup.apply(eventWith({ user_agent_original: null, extra: { 'user_agent.name': 'Edge' } }), told)
  assert.equal(told.user_agent_name, 'Edge')
  assert.deepEqual(read(''), [null, null, null, null])
  for (const text of [
    'x'.repeat(100_000),
    '('.repeat(5_000),
    'Android '.repeat(5_000),
    '\u0000',
    '\ud800',
    '${jndi:ldap://x}',
  ])
    assert.equal(read(text).length, 4)
})

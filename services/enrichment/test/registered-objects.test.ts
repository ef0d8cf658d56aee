import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Indicator, RegistrySystem } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import fc from 'fast-check'
import { IndicatorIndex } from '../src/lookups/indicators.ts'
import { followRegistry, tellListedObjects } from '../src/registered/listed-objects.ts'
import { objectOfAsset, objectOfSystem, RegisteredObjects } from '../src/registered/registered-objects.ts'
import { assetWith, indicatorWith, systemWith } from './samples.ts'

function concernsOf(objects: RegisteredObjects, type: string, value: string): string[] {
  return objects
    .concernedBy({ type, value })
    .map(({ object, value: own }) => `${object.asset.systemId} ${own}`)
    .sort()
}

describe('what an indicator is about', () => {
  const objects = new RegisteredObjects()
  objects.put(
    'asset/1',
    objectOfAsset(assetWith({ ip: '203.0.113.80', hostname: 'www.body.example', systemId: 'web' })),
  )
  objects.put('asset/2', objectOfAsset(assetWith({ ip: '10.0.0.5', hostname: 'ws-5', systemId: 'office' })))
  objects.put(
    'system/1',
    objectOfSystem(systemWith({ systemId: 'net', ips: ['198.51.100.0/26'], domains: ['mail.body.example'] })),
  )

  test('an address, a block around it and a block around that; a private address is about nobody', () => {
    assert.deepEqual(concernsOf(objects, 'ip', '203.0.113.80'), ['web 203.0.113.80'])
    assert.deepEqual(concernsOf(objects, 'ip', '198.51.100.9'), ['net 198.51.100.0/26'])
    assert.deepEqual(concernsOf(objects, 'ip', '198.51.100.64'), [])
    assert.deepEqual(concernsOf(objects, 'cidr', '198.51.0.0/16'), ['net 198.51.100.0/26'])
    assert.deepEqual(concernsOf(objects, 'cidr', '198.51.100.0/27'), [])
    assert.deepEqual(concernsOf(objects, 'ip', '10.0.0.5'), [])
    assert.deepEqual(concernsOf(objects, 'cidr', '::/0'), [])
  })

  test('a name, a name below a listed one, a listed name below it, and a URL on either', () => {
    assert.deepEqual(concernsOf(objects, 'domain', 'WWW.body.example.'), ['web www.body.example'])
    assert.deepEqual(concernsOf(objects, 'domain', 'body.example'), ['net mail.body.example', 'web www.body.example'])
    assert.deepEqual(concernsOf(objects, 'domain', 'a.www.body.example'), ['web www.body.example'])
    assert.deepEqual(concernsOf(objects, 'domain', 'ody.example'), [])
    assert.deepEqual(concernsOf(objects, 'domain', 'example'), [])
    assert.deepEqual(concernsOf(objects, 'url', 'https://www.body.example/x.php?a'), ['web www.body.example'])
    assert.deepEqual(concernsOf(objects, 'url', 'http://203.0.113.80:8080/x'), ['web 203.0.113.80'])
    assert.deepEqual(concernsOf(objects, 'url', 'no address'), [])
    assert.deepEqual(concernsOf(objects, 'hash', 'ab'), [])
  })

  test('an object that changes or goes leaves nothing behind', () => {
    const few = new RegisteredObjects()
    const octet = fc.integer({ min: 0, max: 3 })
    const ip = fc.tuple(octet, fc.constantFrom(24, 30, 32)).map(([last, bits]) => `203.0.113.${last}/${bits}`)
    const name = fc.constantFrom('a.example', 'b.a.example', 'c.example')
    const change = fc.record({ id: fc.constantFrom('x', 'y'), ip, name, isGone: fc.boolean() })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const now = new Map<string, { ip: string; name: string }>()
        for (const { id, isGone, ...rest } of changes) {
          few.put(id, isGone ? null : objectOfAsset(assetWith({ ...rest, hostname: rest.name, systemId: id })))
          if (isGone) now.delete(id)
          else now.set(id, rest)
        }
        const named = concernsOf(few, 'domain', 'b.a.example')
        const expected = [...now].flatMap(([id, row]) => (row.name === 'c.example' ? [] : [`${id} ${row.name}`])).sort()
        assert.deepEqual(named, expected)
        assert.equal(concernsOf(few, 'cidr', '203.0.113.0/24').length, now.size)
        for (const id of now.keys()) few.put(id, null)
        assert.deepEqual(concernsOf(few, 'cidr', '0.0.0.0/0'), [])
      }),
    )
  })
})

describe('lists that name what is registered', () => {
  function world() {
    const objects = new RegisteredObjects()
    const indicators = new IndicatorIndex()
    const stage = harnessOf(tellListedObjects({ objects, indicators, settled: async () => {} }), 10_000)
    return {
      stage,
      listed: () =>
        stage.written('enriched-events').map(({ constituent, source_ip, destination_domain, indicators: hits }) => {
          const [hit] = hits
          return `${constituent} ${source_ip ?? destination_domain} ${hit?.feed} ${hit?.verification}`
        }),
      list: async (fields: Partial<Indicator>): Promise<void> => {
        const indicator = indicatorWith({ importedAt: 5_000, ...fields })
        indicators.put(indicator.indicatorId, indicator)
        await stage.give('indicators', indicator.indicatorId, indicator)
      },
      system: async (fields: Partial<RegistrySystem>): Promise<void> => {
        const system = systemWith({ changedAt: 5_000, ...fields })
        objects.put(`system/${system.systemId}`, objectOfSystem(system))
        await stage.give('registry-systems', system.systemId, system)
      },
    }
  }

  test('VN-4.3a a listed address or name that is registered is told once, whichever came first, and again when somebody has verified the entry', async () => {
    const { listed, list, system } = world()
    await list({ value: '203.0.113.80', feed: 'cert' })
    assert.deepEqual(listed(), [])
    await system({ ips: ['203.0.113.64/26'], domains: ['www.body.example'] })
    await system({ ips: ['203.0.113.64/26'], domains: ['www.body.example'], reason: 'another word' })
    await list({ value: '203.0.113.80', feed: 'cert', description: 'said again' })
    assert.deepEqual(listed(), ['body-a 203.0.113.80 cert unverified'])
    await list({ indicatorId: 'i-2', type: 'url', value: 'http://www.body.example/kit.zip', feed: 'urls' })
    await list({ value: '203.0.113.80', feed: 'cert', verification: 'verified' })
    assert.deepEqual(listed(), [
      'body-a 203.0.113.80 cert unverified',
      'body-a www.body.example urls unverified',
      'body-a 203.0.113.80 cert verified',
    ])
  })

  test('are not told where they are withdrawn, rejected or over', async () => {
    const { listed, list, system } = world()
    await system({ ips: ['203.0.113.80'] })
    await list({ value: '203.0.113.80', revoked: true })
    await list({ value: '203.0.113.80', verification: 'rejected' })
    await list({ value: '203.0.113.80', validUntil: 9_000 })
    await list({ value: '203.0.113.80', validFrom: 6_000 })
    assert.deepEqual(listed(), [])
  })

  test('the event names body, system, channel and list, and has no raw block', async () => {
    const { stage, list, system } = world()
    await system({ systemId: 'portal', ips: ['203.0.113.80'] })
    await list({ value: '203.0.113.80', feed: 'cert', confidence: 85, tlp: 'GREEN' })
    const [event] = stage.written('enriched-events')
    assert.equal(event?.sourceAsset?.systemId, 'portal')
    assert.equal(event?.sourceChannel, 'indirect')
    assert.equal(event?.sourceId, 'indirect:cert')
    assert.equal(event?.occurredAt, 5_000)
    assert.equal(event?.blockId, '')
    assert.equal(event?.tlp, 'GREEN')
    assert.equal(
      event?.message,
      'The list cert names 203.0.113.80 (unverified, confidence 85), which concerns 203.0.113.80 of body-a.',
    )
  })

  test('the tables of the registry are followed, withdrawals included', () => {
    const objects = new RegisteredObjects()
    const listeners: ((key: string, value: null) => void)[] = []
    const table = <Row>(rows: [string, Row][]) => ({
      entries: () => rows,
      onChange: (listener: (key: string, value: Row | null) => void) => void listeners.push(listener),
    })
    const asset = assetWith({ assetId: 'a', ip: '203.0.113.80' })
    followRegistry(objects, table([['a', asset]]), table([['a', systemWith({ ips: ['203.0.113.80'] })]]))
    assert.equal(concernsOf(objects, 'ip', '203.0.113.80').length, 2)
    listeners[0]?.('a', null)
    assert.equal(concernsOf(objects, 'ip', '203.0.113.80').length, 1)
  })
})

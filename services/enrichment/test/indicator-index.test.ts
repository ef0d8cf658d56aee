import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Indicator } from '@tocsin/events'
import fc from 'fast-check'
import { parseBlock } from '../src/address.ts'
import { IndicatorIndex } from '../src/lookups/indicators.ts'
import { indicatorWith } from './samples.ts'

const rowsOf = (index: IndicatorIndex, ask: (rows: number[]) => void, atMs = 1): string[] => {
  const rows: number[] = []
  ask(rows)
  return rows.flatMap((row) => index.hit(row, 'f', atMs)?.indicatorId ?? []).sort()
}

/** What the index should say, by looking at every indicator. */
function slowHits(all: ReadonlyMap<string, Indicator>, ip: string, domain: string): string[] {
  const address = parseBlock(ip)
  const hits = [...all].filter(([, { type, value }]) => {
    if (type === 'domain') return domain === value || domain.endsWith(`.${value}`)
    const block = parseBlock(value)
    if (block === null || address === null || block.family !== address.family) return false
    const shift = BigInt((block.family === 4 ? 32 : 128) - block.bits)
    return address.base >> shift === block.base >> shift
  })
  return hits.map(([id]) => id).sort()
}

const address = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 255 })).map(([a, b]) => `198.51.${100 + a}.${b}`),
  fc.integer({ min: 0, max: 65_535 }).map((n) => `2001:db8::${n.toString(16)}`),
)
const block = fc
  .tuple(address, fc.integer({ min: 20, max: 32 }))
  .map(([ip, bits]) => `${ip}/${ip.includes(':') ? bits * 4 : bits}`)
const domain = fc
  .array(fc.constantFrom('a', 'b', 'bad', 'example'), { minLength: 2, maxLength: 5 })
  .map((labels) => labels.join('.'))
const change = fc.record({
  id: fc.integer({ min: 0, max: 40 }).map((n) => n.toString(16).padStart(32, '0')),
  put: fc.boolean(),
  what: fc.oneof(
    address.map((value) => ({ type: 'ip', value })),
    block.map((value) => ({ type: 'cidr', value })),
    domain.map((value) => ({ type: 'domain', value })),
  ),
})

test('whatever is put and taken away, an address and a name hit what a look at every indicator finds', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 120 }), address, domain, (changes, ip, name) => {
      const index = new IndicatorIndex()
      const all = new Map<string, Indicator>()
      for (const { id, put, what } of changes) {
        const indicator = indicatorWith({ indicatorId: id, ...what })
        index.put(id, put ? indicator : null)
        if (put) all.set(id, indicator)
        else all.delete(id)
      }
      const found = rowsOf(index, (rows) => {
        index.ofAddress(ip, rows)
        index.ofDomain(name, rows)
      })
      assert.deepEqual(found, slowHits(all, ip, name))
      assert.equal(index.size, all.size)
    }),
    { numRuns: 300 },
  )
})

test('rows are used again and the index grows: a hundred thousand indicators, each found, none left behind', () => {
  const index = new IndicatorIndex()
  const count = 100_000
  const valueOf = (n: number): string => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
  const idOf = (n: number): string => `odd id ${n}`
  for (let n = 0; n < count; n++) index.put(idOf(n), indicatorWith({ indicatorId: idOf(n), value: valueOf(n) }))
  for (let n = 0; n < count; n += 2) index.put(idOf(n), null)
  for (let n = 0; n < count; n += 97)
    assert.deepEqual(
      rowsOf(index, (rows) => index.ofAddress(valueOf(n), rows)),
      n % 2 === 0 ? [] : [idOf(n)],
    )
  assert.equal(index.size, count / 2)
})

test('validity is asked for the time of the event, not for now', () => {
  const index = new IndicatorIndex()
  index.put('a', indicatorWith({ indicatorId: 'a', value: '198.51.100.7', validFrom: 100, validUntil: 200 }))
  const at = (atMs: number): string[] => rowsOf(index, (rows) => index.ofAddress('198.51.100.7', rows), atMs)
  assert.deepEqual([at(99), at(100), at(199), at(200)], [[], ['a'], ['a'], []])
})

test('a name of one label hits nothing, so a slip in a list cannot hit a whole country', () => {
  const index = new IndicatorIndex()
  index.put('a', indicatorWith({ indicatorId: 'a', type: 'domain', value: 'example' }))
  index.put('b', indicatorWith({ indicatorId: 'b', type: 'domain', value: 'Bad.Example.' }))
  assert.deepEqual(
    rowsOf(index, (rows) => index.ofDomain('x.bad.example', rows)),
    ['b'],
  )
})

test('more indicators than may be are not taken, and counted', () => {
  const index = new IndicatorIndex(2)
  for (const n of [1, 2, 3]) index.put(`${n}`, indicatorWith({ indicatorId: `${n}`, value: `198.51.100.${n}` }))
  assert.equal(index.size, 2)
  assert.equal(index.refused, 1)
  index.put('1', null)
  index.put('3', indicatorWith({ indicatorId: '3', value: '198.51.100.3' }))
  assert.equal(index.size, 2)
})

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Figure, figureLine, figureTable, isHanging, medianPerEvent, ratioOf } from '../figures.ts'
import { cpuMicrosOf, sideBySide } from '../measure.ts'
import { STAGES } from '../stages.ts'

const figure = (changes: Partial<Figure> = {}): Figure => ({
  stage: 'codec',
  value: 11.049,
  budget: null,
  peer: 'JSON',
  peerValue: 22.5,
  what: 'an event',
  ...changes,
})

test('the figure is the median of the rounds by the events of one, so one bad round does not move it', () => {
  assert.equal(medianPerEvent([100, 300, 90_000], 10), 30)
  assert.equal(medianPerEvent([100, 200], 10), 15)
  assert.throws(() => medianPerEvent([], 10), RangeError)
  assert.throws(() => medianPerEvent([1], 0), RangeError)
})

test('the ratio is our cost over the peer’s, and there is none without a peer', () => {
  assert.equal(ratioOf({ value: 11, peerValue: 22 }), 0.5)
  assert.equal(ratioOf({ value: 11, peerValue: null }), null)
  assert.equal(ratioOf({ value: 11, peerValue: 0 }), null)
})

test('the line for machines has exactly the six names of the design', () => {
  assert.equal(
    figureLine(figure()),
    '{"stage":"codec","value":11,"unit":"µs CPU per event","peer":"JSON","peerValue":22.5,"ratio":0.491}',
  )
  assert.match(figureLine(figure({ peer: null, peerValue: null })), /"peer":null,"peerValue":null,"ratio":null\}$/)
})

test('over the budget is told and no failure; five times over it is one', () => {
  assert.equal(isHanging({ value: 50, budget: 10 }), false)
  assert.equal(isHanging({ value: 50.1, budget: 10 }), true)
  assert.equal(isHanging({ value: 1e9, budget: null }), false)
  assert.match(figureTable([figure({ value: 30, budget: 12 })])[2] ?? '', /\| 12 \(2\.5 times\) \|/)
})

test('the table has a column for each thing and rows of one width', () => {
  const table = figureTable([figure(), figure({ stage: 'receive/tcp', peer: null, peerValue: null })])
  assert.equal(new Set(table.map((row) => row.length)).size, 1)
  assert.equal(table[2]?.split('|').length, 8)
})

test('contestants are measured in turns, warmed up first, and work costs more than none', async () => {
  const calls: string[] = []
  const work = () => {
    calls.push('work')
    for (let n = 0, sum = 0; n < 3_000_000; n++) sum += n
  }
  const [busy, idle] = await sideBySide([work, () => void calls.push('idle')], {
    events: 1,
    rounds: 2,
    warmUpRounds: 1,
  })
  assert.deepEqual(calls, ['work', 'idle', 'work', 'idle', 'work', 'idle'])
  assert.ok((busy ?? 0) > (idle ?? 0))
  assert.ok((await cpuMicrosOf(() => {})) >= 0)
})

test('every stage has its benchmark where the list says', () => {
  for (const file of Object.values(STAGES)) assert.ok(existsSync(join(import.meta.dirname, '../..', file)), file)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadTimeline, parseDuration, simulate } from '../src/index.ts'
import { pack } from './packs.ts'

const reasonOf = (text: string): string => {
  const loaded = loadTimeline(text, 'timeline.json')
  return loaded.ok ? '' : loaded.faults.map((fault) => `${fault.line} ${fault.path} ${fault.reason}`).join('; ')
}

test('a timeline that is wrong is refused with line and reason', () => {
  assert.match(reasonOf('{"until": "tomorrow", "cases": []}'), /1 until an instant as/)
  assert.match(
    reasonOf('{"until": "2026-01-01T00:00:00Z",\n "cases": [{"caseId": "a", "kind": "alarm", "facts": []}]}'),
    /2 cases\[0\]\.kind/,
  )
  assert.match(reasonOf('{'), /not YAML/)
  assert.match(reasonOf(`${'a: &a [x]\n'}b: ${'*a '.repeat(3)}`), /not YAML|Invalid|expected/i)
})

test('no text makes the reader throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => typeof loadTimeline(text, 'x').ok === 'boolean'))
})

test('cases of one timeline are told in order of time', () => {
  const facts = (minute: string) => [{ at: `2026-01-01T00:${minute}:00+05:00`, name: 'detectedAt' }]
  const loaded = loadTimeline(
    JSON.stringify({
      until: '2026-01-01T00:00:00+05:00',
      cases: [{ caseId: 'b', kind: 'event', facts: facts('00') }],
    }),
    'timeline.json',
  )
  assert.ok(loaded.ok)
  const { events } = simulate(pack('kz-order-199'), loaded.timeline)
  assert.deepEqual(
    events.map((event) => [event.at, event.clock, event.dueAt]),
    [
      ['2025-12-31T19:00:00.000Z', 'C1/event', '2025-12-31T19:30:00.000Z'],
      ['2025-12-31T19:00:00.000Z', 'C2/event', '2025-12-31T22:00:00.000Z'],
    ],
  )
})

test('durations are read as ISO 8601 writes them, and nothing else is one', () => {
  assert.deepEqual(parseDuration('P1Y2M3W4DT5H6M7S'), { months: 14, days: 25, elapsedMs: 18_367_000 })
  for (const text of ['', 'P', 'PT', 'P1H', '30m', 'PT1.5H', '-PT1H', 'P1M '])
    assert.equal(parseDuration(text), null, text)
})

test('a month of incidents is read, and one that is too long or wrong is refused', () => {
  const cases = Array.from({ length: 5000 }, (_, index) => ({
    caseId: `case-${index}`,
    kind: 'event',
    facts: [{ at: '2026-01-01T00:00:00Z', name: 'detectedAt' }],
  }))
  const text = JSON.stringify({ until: '2026-02-01T00:00:00Z', cases })
  const loaded = loadTimeline(text, 'month.json')
  assert.ok(loaded.ok)
  assert.equal(
    simulate(pack('kz-order-199'), loaded.timeline).events.filter((event) => event.what === 'breached').length,
    10_000,
  )
  assert.match(
    reasonOf(text.replace('"case-4999","kind":"event"', '"case-4999","kind":"alarm"')),
    /cases\[4999\]\.kind/,
  )
  assert.match(reasonOf(text.slice(0, -1)), /must be JSON/)
})

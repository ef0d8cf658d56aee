import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Correlator, ObservationIndex, viewOf } from '../src/index.ts'
import { baseRules, correlationText, fold, type Happening, heldAt, run } from './correlation-run.ts'
import { load, refusals } from './rule-text.ts'

const span = 10
const gap = 3
type Kind = 'sentence' | 'ordered' | 'tumbling' | 'session' | 'orderedSession' | 'absence'

const bodies: Record<Kind, string> = {
  sentence: 'type: temporal\n    rules: [a, b, c]\n    condition: (a or b) and not c',
  ordered: 'type: temporal_ordered\n    rules: [a, b, c]\n    condition: a and not c and b',
  tumbling: 'type: event_count\n    rules: [a, b]\n    window: tumbling\n    condition:\n        gte: 3',
  session: `type: value_sum\n    rules: [a, b]\n    window: session\n    gap: ${gap}s\n    condition:\n        field: n\n        gt: 6`,
  orderedSession: `type: temporal_ordered\n    rules: [a, b]\n    window: session\n    gap: ${gap}s`,
  absence: 'type: absence\n    rules: [a, b, c]',
}
const kinds = Object.keys(bodies) as Kind[]
const textOf = (kind: Kind, name = 'main'): string =>
  correlationText(`    ${bodies[kind]}\n    group-by: [ip]\n    timespan: ${span}s`, name)

/** The definitions, straight from their sentences: what holds at an event is looked up in all events of its group. */
function bruteForce(kind: Kind, happenings: readonly Happening[]): string[] {
  const members = kind === 'tumbling' || kind.endsWith('ession') ? 'ab' : 'abc'
  const sorted = happenings
    .filter((event) => event.kind.split('').some((letter) => members.includes(letter)))
    .toSorted((p, q) => p.at - q.at || (String(p.id) < String(q.id) ? -1 : 1))
  return sorted.flatMap((event, index) => {
    const all = sorted.filter((other) => other['ip'] === event['ip'])
    const before = sorted.slice(0, index + 1).filter((other) => other['ip'] === event['ip'])
    return holds(kind, event, before, all) ? [String(event.id)] : []
  })
}

function holds(kind: Kind, event: Happening, before: Happening[], all: Happening[]): boolean {
  const sliding = before.filter((other) => other.at >= event.at - span)
  const has = (events: Happening[], letter: string): boolean => events.some((other) => other.kind.includes(letter))
  const inOrder = (events: Happening[]): boolean =>
    events.some((p) => p.kind.includes('a') && events.some((q) => q.kind.includes('b') && q.at >= p.at))
  switch (kind) {
    case 'sentence':
      return (has(sliding, 'a') || has(sliding, 'b')) && !has(sliding, 'c')
    case 'ordered':
      return inOrder(sliding) && !has(sliding, 'c')
    case 'tumbling':
      return before.filter((other) => Math.floor(other.at / span) === Math.floor(event.at / span)).length >= 3
    case 'session':
      return session(sliding).reduce((sum, other) => sum + Number(other['n']), 0) > 6
    case 'orderedSession':
      return inOrder(session(sliding))
    case 'absence': {
      const follows = (other: Happening): boolean => other.at >= event.at && other.at <= event.at + span
      return event.kind.includes('a') && !all.some((other) => follows(other) && /[bc]/.test(other.kind))
    }
  }
}

function session(window: Happening[]): Happening[] {
  const broken = window.findLastIndex(
    (other, index) => index > 0 && other.at - (window[index - 1] as Happening).at > gap,
  )
  return window.slice(Math.max(0, broken))
}

/** OPS-R20 wants 100,000 cases of each kind before a release. */
const runs = process.env['TOCSIN_TEST_DOSE'] === 'full' ? 100_000 : 200
const drawn = fc.record({
  at: fc.integer({ min: 0, max: 60 }),
  kind: fc.constantFrom('a', 'b', 'ab', 'c'),
  ip: fc.constantFrom('x', 'y'),
  n: fc.integer({ min: 0, max: 4 }),
})
const named = (events: Omit<Happening, 'id'>[]): Happening[] =>
  events.map((event, index) => ({ ...(event as Happening), id: `e${String(index).padStart(3, '0')}` }))
const disturb = (events: Happening[], delays: number[]): Happening[] =>
  events
    .map((event, index) => ({ event, arrival: event.at + (delays[index % delays.length] ?? 0) }))
    .toSorted((p, q) => p.arrival - q.arrival)
    .map(({ event }) => event)

const rows: Record<Kind, string> = {
  sentence: 'SIG-C7',
  ordered: 'SIG-C7',
  tumbling: 'SIG-C16',
  session: 'SIG-C16',
  orderedSession: 'SIG-C16',
  absence: 'SIG-5.1',
}
for (const kind of kinds) {
  test(`OPS-R20 ${rows[kind]} ${kind}: in any order of arrival within the lateness, what held is what the definition says`, () => {
    fc.assert(
      fc.property(
        fc.array(drawn, { maxLength: 40 }),
        fc.array(fc.nat(29), { minLength: 1, maxLength: 20 }),
        (events, delays) => {
          const happenings = named(events)
          const result = run(textOf(kind), disturb(happenings, delays), { latenessSeconds: 30 })
          const found = result.positions.map((position) => position.eventId)
          assert.deepEqual(found.sort(), bruteForce(kind, happenings).sort())
          assert.deepEqual(result.late, [])
        },
      ),
      { numRuns: runs },
    )
  })
}

test('a correlator with every extension goes on after a crash as if there had been none', () => {
  const chain = textOf('ordered', 'above').replace('[a, b, c]', '[absent, b, c]').replace('a and', 'absent and')
  const text = baseRules + kinds.map((kind) => textOf(kind, kind === 'absence' ? 'absent' : kind)).join('') + chain
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 30 }), fc.nat(29), (events, cut) => {
      const happenings = named(events).toSorted((p, q) => p.at - q.at)
      assert.deepEqual(reports(text, happenings, cut), reports(text, happenings, -1))
    }),
    { numRuns: 100 },
  )
})

function reports(text: string, happenings: Happening[], cut: number): string[] {
  const { rules } = load(text)
  const index = new ObservationIndex(rules.correlations)
  const store = new Map<string, string>()
  const given: string[] = []
  const keep = (output: { firings: unknown[]; positions: unknown[] }): number =>
    given.push(...[...output.firings, ...output.positions].map((report) => JSON.stringify(report)))
  let correlator = new Correlator(rules.correlations, { positions: true })
  for (const [position, happening] of happenings.entries()) {
    const watermarkMs = happening.at * 1_000 - 5_000
    keep(correlator.advance(watermarkMs))
    const view = viewOf(happening)
    const event = { eventId: String(happening.id), atMs: happening.at * 1_000, constituent: 'm', view }
    for (const observation of index.observe(event, rules.matchIds(view, { product: 'test' })))
      keep(correlator.observe(observation))
    for (const { key, state } of correlator.takeChanges()) {
      if (state === null) store.delete(key)
      else store.set(key, JSON.stringify(state))
    }
    if (position !== cut) continue
    correlator = new Correlator(rules.correlations, { watermark: watermarkMs, positions: true })
    correlator.restore([...store].map(([key, state]) => [key, JSON.parse(state) as unknown]))
  }
  keep(correlator.finish())
  return given.sort()
}

test('SIG-5.1 an absence is told when its time has passed, once, with the event that was left alone', () => {
  const happenings = [
    { at: 0, kind: 'a', ip: 'x', id: 'answered' },
    { at: 5, kind: 'b', ip: 'x', id: 'answer' },
    { at: 20, kind: 'a', ip: 'x', id: 'alone' },
    { at: 30, kind: 'b', ip: 'y', id: 'elsewhere' },
  ]
  const before = run(textOf('absence'), happenings, { latenessSeconds: 0 })
  assert.deepEqual(heldAt(before), [20])
  const [firing] = fold(before.firings)
  assert.equal(firing?.anchorEventId, 'alone')
})

test('SIG-C7 a condition that holds when nothing happened, or names a rule that is not there, is refused', () => {
  const text = (condition: string, type = 'temporal'): string =>
    baseRules + correlationText(`    type: ${type}\n    rules: [a, b]\n    timespan: 5m\n    condition: ${condition}`)
  for (const bad of ['not a', 'a or not b', 'a and c', 'a and (b', 'a and nothing'])
    assert.equal(refusals(text(bad)).length, 1, bad)
  assert.deepEqual(refusals(text('a or b', 'temporal_ordered')), ['rule_bad_correlation'])
  assert.deepEqual(refusals(text('a and b', 'event_count')), ['rule_bad_correlation'])
  assert.deepEqual(refusals(text('1 of them and not b')), [])
})

test('SIG-C16 a window of an unknown kind, a session without a gap and a gap without a session are refused', () => {
  const text = (lines: string): string =>
    baseRules +
    correlationText(
      `    type: event_count\n    rules: [a]\n    timespan: 5m\n    condition:\n        gte: 2\n    ${lines}`,
    )
  for (const bad of ['window: hopping', 'window: session', 'gap: 5s', 'window: session\n    gap: soon'])
    assert.deepEqual(refusals(text(bad)), ['rule_bad_correlation'], bad)
})

test('SIG-C4 SIG-C3 sums and percentiles of a window do not drift, however much went through it', () => {
  const texts = ['value_sum', 'value_percentile'].map((type) =>
    correlationText(
      `    type: ${type}\n    rules: [a]\n    timespan: ${span}s\n    condition:\n        field: n\n${type.endsWith('e') ? '        percentile: 90\n' : ''}        gte: -1e30`,
      type,
    ),
  )
  const events = Array.from({ length: 3_000 }, (_, i) => ({
    at: i * 0.5,
    kind: 'a',
    n: ((i * 7919) % 1000) / 10 - 50 + i * 1e-6,
  }))
  const { positions } = run(texts.join(''), events, { latenessSeconds: 0 })
  const window = events.slice(-21).map(({ n }) => n)
  const last = (name: string): number =>
    positions.findLast(({ correlationId }) => correlationId === name)?.value ?? Number.NaN
  assert.ok(Math.abs(last('value_sum') - window.reduce((sum, n) => sum + n, 0)) < 1e-9)
  const sorted = window.toSorted((p, q) => p - q)
  assert.equal(last('value_percentile'), sorted[18])
})

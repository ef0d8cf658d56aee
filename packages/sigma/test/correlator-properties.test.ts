import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Correlator, ObservationIndex, viewOf } from '../src/index.ts'
import { baseRules, correlationText, fold, type Happening, run } from './correlation-run.ts'
import { load } from './rule-text.ts'

const spanSeconds = 10
/** OPS-R20 wants 100,000 cases of each kind before a release. */
const runs = process.env['TOCSIN_TEST_DOSE'] === 'full' ? 100_000 : 150
const types: Record<string, string> = {
  event_count: 'condition:\n        gte: 3',
  value_count: 'condition:\n        field: n\n        gte: 2',
  value_sum: 'condition:\n        field: n\n        gt: 6',
  value_avg: 'condition:\n        field: n\n        gte: 2',
  value_median: 'condition:\n        field: n\n        lt: 2',
  temporal: 'condition:\n        gte: 2',
  temporal_ordered: '',
  exact: 'condition:\n        eq: 2',
}
const textFor = (type: string): string =>
  correlationText(
    `    type: ${type === 'exact' ? 'event_count' : type}\n    rules: [a, b]\n    group-by: [ip]\n    timespan: ${spanSeconds}s\n    ${types[type]}`,
  )

interface Drawn {
  at: number
  kind: string
  ip: string
  n: number
}
const drawn = fc.record({
  at: fc.integer({ min: 0, max: 60 }),
  kind: fc.constantFrom('a', 'b', 'ab', 'c'),
  ip: fc.constantFrom('x', 'y'),
  n: fc.integer({ min: 0, max: 4 }),
})

/** The definition, a line a type: what holds at an event is a matter of the window that ends there. */
function bruteForce(type: string, events: Happening[]): string[] {
  const sorted = events
    .filter((event) => event.kind !== 'c')
    .toSorted((p, q) => p.at - q.at || (String(p.id) < String(q.id) ? -1 : 1))
  return sorted.flatMap((event, index) => {
    const inWindow = sorted
      .slice(0, index + 1)
      .filter((other) => other['ip'] === event['ip'] && other.at >= event.at - spanSeconds)
    const value = valueOf(type, inWindow)
    return holds(type, value) ? [`${event.id} ${value}`] : []
  })
}

function valueOf(type: string, events: Happening[]): number {
  const numbers = events.map((event) => Number(event['n'])).sort((p, q) => p - q)
  const sum = numbers.reduce((total, number) => total + number, 0)
  const middle = (numbers.length - 1) / 2
  switch (type) {
    case 'value_count':
      return new Set(numbers).size
    case 'value_sum':
      return sum
    case 'value_avg':
      return sum / numbers.length
    case 'value_median':
      return ((numbers[Math.floor(middle)] ?? 0) + (numbers[Math.ceil(middle)] ?? 0)) / 2
    case 'temporal':
      return new Set(events.flatMap((event) => event.kind.split(''))).size
    case 'temporal_ordered':
      return events.some((p) => p.kind.includes('a') && events.some((q) => q.kind.includes('b') && q.at >= p.at))
        ? 2
        : 0
    default:
      return events.length
  }
}

function holds(type: string, value: number): boolean {
  switch (type) {
    case 'value_sum':
      return value > 6
    case 'value_median':
      return value < 2
    case 'exact':
      return value === 2
    case 'event_count':
      return value >= 3
    default:
      return value >= 2
  }
}

const named = (events: Drawn[]): Happening[] =>
  events.map((event, index) => ({ ...event, id: `e${String(index).padStart(3, '0')}` }))
/** An order of arrival in which nothing comes more than the lateness behind. */
const disturb = (events: Happening[], delays: number[], latenessSeconds: number): Happening[] =>
  events
    .map((event, index) => ({ event, arrival: event.at + ((delays[index % delays.length] ?? 0) % latenessSeconds) }))
    .toSorted((p, q) => p.arrival - q.arrival)
    .map(({ event }) => event)

for (const type of Object.keys(types)) {
  test(`OPS-R20 SIG-C1 ${type}: whatever the order of arrival within the lateness, what held is what brute force finds`, () => {
    fc.assert(
      fc.property(
        fc.array(drawn, { maxLength: 40 }),
        fc.array(fc.nat(29), { minLength: 1, maxLength: 20 }),
        (events, delays) => {
          const happenings = named(events)
          const result = run(textFor(type), disturb(happenings, delays, 30), { latenessSeconds: 30 })
          const found = result.positions.map((position) => `${position.eventId} ${position.value}`)
          assert.deepEqual(found.sort(), bruteForce(type, happenings).sort())
          assert.deepEqual(result.late, [])
        },
      ),
      { numRuns: runs },
    )
  })

  test(`SIG-C17 ${type}: folded episodes are the same in order and in disturbed arrival`, () => {
    const facts = (happenings: Happening[]): string[] =>
      fold(run(textFor(type), happenings, { latenessSeconds: 30 }).firings)
        .map((firing) =>
          JSON.stringify([firing.groupKey, firing.windowStartMs, firing.windowEndMs, firing.value, firing.eventCount]),
        )
        .sort()
    fc.assert(
      fc.property(
        fc.array(drawn, { maxLength: 40 }),
        fc.array(fc.nat(29), { minLength: 1, maxLength: 20 }),
        (events, delays) => {
          const happenings = named(events)
          const inOrder = happenings.toSorted((p, q) => p.at - q.at)
          assert.deepEqual(facts(disturb(happenings, delays, 30)), facts(inOrder))
        },
      ),
      { numRuns: runs },
    )
  })
}

test('a correlator that is stored and restored between any two events reports what an undisturbed one reports', () => {
  const chain = textFor('temporal_ordered').replaceAll('main', 'chain').replace('[a, b]', '[main, b]')
  const text = baseRules + textFor('event_count') + chain + textFor('value_avg').replaceAll('main', 'average')
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 30 }), fc.nat(29), (events, cut) => {
      const happenings = named(events).toSorted((p, q) => p.at - q.at)
      assert.deepEqual(firingsOf(text, happenings, cut), firingsOf(text, happenings, -1))
    }),
    { numRuns: runs },
  )
})

/** Every firing and position; at event `cut` the correlator is replaced by one made from its stored groups. */
function firingsOf(text: string, happenings: Happening[], cut: number): string[] {
  const { rules } = load(text)
  const index = new ObservationIndex(rules.correlations)
  const store = new Map<string, string>()
  const firings: string[] = []
  const keep = (output: { firings: unknown[]; positions: unknown[] }): number =>
    firings.push(...[...output.firings, ...output.positions].map((given) => JSON.stringify(given)))
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
    assert.deepEqual(correlator.restore(parsed(store)), [])
  }
  keep(correlator.finish())
  return firings.sort()
}

const parsed = (store: Map<string, string>): [string, unknown][] =>
  [...store].map(([key, state]) => [key, JSON.parse(state) as unknown])

test('a stored group of another meaning is not taken back', () => {
  const { rules } = load(baseRules + textFor('event_count'))
  const other = load(baseRules + textFor('event_count').replace('10s', '20s'))
  const correlator = new Correlator(rules.correlations)
  const index = new ObservationIndex(rules.correlations)
  const event = { eventId: 'e', atMs: 0, constituent: 'm', view: viewOf({ kind: 'a', ip: 'x' }) }
  for (const observation of index.observe(event, [String(rules.rules[0]?.metadata.id)])) correlator.observe(observation)
  const stored = correlator.takeChanges().map(({ key, state }): [string, unknown] => [key, state])
  assert.equal(stored.length, 1)
  assert.deepEqual(new Correlator(other.rules.correlations).restore(stored), [stored[0]?.[0]])
  assert.deepEqual(new Correlator(rules.correlations).restore(stored), [])
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type CaseFacts, clocksOf, due, type Fact, historyOf, nextWakeOf, type Pack } from '../src/index.ts'
import { at, pack } from './packs.ts'

const T0 = at('2026-11-20T16:00:00Z')
const HOUR = 3_600_000
const END = T0 + 120 * HOUR

const kz = pack('kz-order-199')
const vn = pack('vn-circular-31')

/** Any facts of a case after its detection, at any instants, deliveries to any role for any clock among them. */
const facts = (law: Pack): fc.Arbitrary<Fact[]> => {
  const instant = fc.oneof(
    fc.integer({ min: T0, max: END }),
    fc.constantFrom(0.5, 3, 24, 48).map((h) => T0 + h * HOUR),
  )
  const keys = law.clocks.flatMap((clock) => clock.kinds.map((kind) => `${clock.id}/${kind}`))
  const moments = [
    'promotedAt',
    'verifiedAt',
    'acknowledgedAt',
    'analysisReceivedAt',
    'measuresReceivedAt',
    'handledAt',
  ]
  const ends = ['causesEliminatedAt', 'consequencesEliminatedAt', 'falsePositiveAt', 'mergedAt', 'closedAt']
  const moment = fc.record({ name: fc.constantFrom(...moments, ...ends), at: instant })
  const delivery = fc.record({
    name: fc.constant('delivery'),
    at: instant,
    role: fc.constantFrom(...Object.keys(law.roles)),
    proof: fc.constantFrom('sent' as const, 'delivered' as const, 'acknowledged' as const),
    clocks: fc.subarray(keys, { minLength: 1 }),
  })
  return fc.array(fc.oneof(moment, delivery), { maxLength: 12 })
}

const subject = (list: readonly Fact[]): CaseFacts => ({
  caseId: 'case-1',
  constituent: 'body-1',
  kind: list.some((fact) => fact.name === 'promotedAt') ? 'incident' : 'event',
  attributes: { severity: 70 },
  facts: [{ name: 'detectedAt', at: T0 }, ...list],
})

const ticks = fc.array(fc.integer({ min: T0, max: END }), { maxLength: 20 })

for (const law of [kz, vn]) {
  describe(law.id, () => {
    test('facts that come one by one between any ticks and restarts record the same as all at once', () => {
      fc.assert(
        fc.property(facts(law), ticks, (list, instants) => {
          const whole = subject(list)
          const recorded = new Set<string>()
          for (const now of [...instants, END].sort((a, b) => a - b)) {
            const known = { ...whole, facts: whole.facts.filter((fact) => fact.at <= now) }
            // What is known has the kind that it had then, as the record on the topic would.
            known.kind = known.facts.some((fact) => fact.name === 'promotedAt') ? 'incident' : 'event'
            const { owed, withdrawn } = due(law, known, recorded, now)
            assert.deepEqual(withdrawn, [], 'nothing recorded is taken back while facts come in order')
            for (const happening of owed) recorded.add(happening.eventId)
          }
          assert.deepEqual(
            [...recorded].sort(),
            historyOf(law, whole, END)
              .map((each) => each.eventId)
              .sort(),
          )
        }),
        { numRuns: 300 },
      )
    })

    test('start and due instants do not depend on when they are asked for', () => {
      fc.assert(
        fc.property(facts(law), ticks, (list, instants) => {
          const whole = subject(list)
          const final = new Map(clocksOf(law, whole, END).map((clock) => [clock.key, clock]))
          for (const now of instants) {
            for (const clock of clocksOf(law, whole, now)) {
              assert.equal(clock.startAt, final.get(clock.key)?.startAt)
              assert.equal(clock.dueAt, final.get(clock.key)?.dueAt)
            }
          }
        }),
        { numRuns: 300 },
      )
    })

    test('the order in which facts are known does not matter', () => {
      fc.assert(
        fc.property(
          facts(law).chain((list) =>
            fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
          ),
          ([list, mixed]) => {
            assert.deepEqual(historyOf(law, subject(mixed), END), historyOf(law, subject(list), END))
          },
        ),
        { numRuns: 200 },
      )
    })

    test('waking only at the instants that the clocks name misses nothing', () => {
      fc.assert(
        fc.property(facts(law), (list) => {
          const whole = subject(list)
          const recorded = new Set<string>()
          const stops = [T0, ...list.map((fact) => fact.at), END].sort((a, b) => a - b)
          let now = T0
          for (const stop of stops) {
            // Sleep from alarm to alarm until the next fact arrives.
            while (now <= stop) {
              for (const happening of due(law, whole, recorded, now).owed) {
                assert.equal(happening.lateMs, 0, `${happening.clockKey} ${happening.what}`)
                recorded.add(happening.eventId)
              }
              const wake = nextWakeOf(clocksOf(law, whole, now), now)
              if (wake === null || wake > stop) break
              now = wake
            }
            now = stop
          }
          due(law, whole, recorded, END).owed.forEach((each) => assert.equal(each.at, END))
        }),
        { numRuns: 200 },
      )
    })
  })
}

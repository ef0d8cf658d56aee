import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DailyFact } from '@tocsin/events'
import fc from 'fast-check'
import { type FactRecord, recount } from '../src/recount.ts'
import {
  changeOf,
  clockEventOf,
  countOf,
  DAY,
  DAY0,
  detectionOf,
  HOUR,
  healthOf,
  incidentOf,
  MINUTE,
  world,
} from './world.ts'

const count = (records: readonly FactRecord[]): DailyFact[] => recount(world, records, DAY0)
const sum = (facts: readonly DailyFact[], name: string, where: Partial<DailyFact> = {}): number =>
  facts
    .filter((fact) => fact.name === name && (where.day === undefined || fact.day === where.day))
    .reduce((total, { value }) => total + value, 0)

const falsePositive = changeOf(
  incidentOf({ revision: 2, status: 'false-positive', modifiedAt: DAY0 + DAY + HOUR, closedAt: DAY0 + DAY + HOUR }),
  DAY0 + DAY + HOUR,
)
const seen: FactRecord[] = [
  { topic: 'detections', value: detectionOf() },
  { topic: 'incident-changes', value: changeOf(incidentOf(), DAY0 + HOUR) },
]

test('days are local days of the pack: the last minute before midnight in Viet Nam belongs to the day before', () => {
  const facts = count([
    { topic: 'detections', value: detectionOf({ detectionId: 'a', detectedAt: DAY0 - 1 }) },
    { topic: 'detections', value: detectionOf({ detectionId: 'b', detectedAt: DAY0 }) },
  ])
  assert.deepEqual(
    facts.map(({ day }) => day),
    ['2026-02-28', '2026-03-01'],
  )
})

test('a detection counts once however often its episode is updated', () => {
  const facts = count([0, 1, 2].map((revision) => ({ topic: 'detections', value: detectionOf({ revision }) })))
  assert.equal(sum(facts, 'detections'), 1)
})

test('VN-4.2b-4 a false positive leaves the totals of its day, is counted as such, and comes back when it is reopened', () => {
  const found = count([...seen, { topic: 'incident-changes', value: falsePositive }])
  assert.equal(sum(found, 'detections'), 0)
  assert.equal(sum(found, 'cases'), 0)
  assert.equal(sum(found, 'detections-excluded', { day: '2026-03-01' }), 1)
  assert.equal(sum(found, 'false-positives', { day: '2026-03-02' }), 1)
  const reopened = changeOf(incidentOf({ revision: 3 }), DAY0 + DAY + 2 * HOUR)
  const back = count([
    ...seen,
    { topic: 'incident-changes', value: falsePositive },
    { topic: 'incident-changes', value: reopened },
  ])
  assert.equal(sum(back, 'detections'), 1)
  assert.equal(sum(back, 'cases'), 1)
  assert.equal(sum(back, 'false-positives'), 0)
  assert.equal(sum(back, 'detections-excluded'), 0)
})

test('XC-11 an exercise counts nowhere', () => {
  const facts = count([
    { topic: 'detections', value: detectionOf({ exercise: true }) },
    { topic: 'incident-changes', value: changeOf(incidentOf({ exercise: true }), DAY0) },
    { topic: 'clock-events', value: clockEventOf({ exercise: true }) },
  ])
  assert.equal(facts.filter(({ value }) => value !== 0).length, 0)
})

test('a change of class or severity moves a case and leaves nothing behind', () => {
  const facts = count([
    ...seen,
    {
      topic: 'incident-changes',
      value: changeOf(incidentOf({ revision: 2, severity: 90, rsitClass: 'intrusions' }), DAY0 + 2 * HOUR),
    },
  ])
  const cases = facts.filter(({ name, value }) => name === 'cases' && value !== 0)
  assert.deepEqual(
    cases.map(({ dimensions, value }) => [dimensions, value]),
    [[{ kind: 'incident', class: 'intrusions', severity: 'critical' }, 1]],
  )
})

test('in whatever order the topics come, the facts are the same', () => {
  const histories: FactRecord[][] = [
    [
      { topic: 'detections', value: detectionOf() },
      { topic: 'detections', value: detectionOf({ detectionId: 'd2', severity: 20 }) },
    ],
    [
      { topic: 'incident-changes', value: changeOf(incidentOf({ detectionIds: ['d1', 'd2'] }), DAY0 + HOUR) },
      { topic: 'incident-changes', value: falsePositive },
    ],
    [
      { topic: 'source-counts', value: countOf({ received: 3, accepted: 3 }) },
      { topic: 'source-counts', value: countOf({ minute: DAY0 + 5 * MINUTE, received: 1, accepted: 1 }) },
    ],
    [
      { topic: 'health-events', value: healthOf() },
      { topic: 'health-events', value: healthOf({ state: 'cleared', at: DAY0 + 3 * HOUR }) },
    ],
  ]
  const state = (facts: readonly DailyFact[]) =>
    new Map(facts.filter(({ value }) => value !== 0).map(({ factId, value }) => [factId, value]))
  const expected = state(count(histories.flat()))
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 40 }), (picks) => {
      const left = histories.map((history) => [...history])
      const order: FactRecord[] = []
      for (const pick of [...picks, 0, 0, 1, 1, 2, 2, 3, 3]) {
        const next = left[pick]?.shift()
        if (next !== undefined) order.push(next)
      }
      assert.deepEqual(state(count(order)), expected)
    }),
  )
})

test('a source is heard in as many slots as its minutes touch, and its last minute is kept', () => {
  const minutes = [0, 1, 14, 15, 60 * 23 + 59]
  const facts = count(
    minutes.map((minute) => ({
      topic: 'source-counts',
      value: countOf({ minute: DAY0 + minute * MINUTE, received: 2, accepted: 2 }),
    })),
  )
  assert.equal(sum(facts, 'source-slots-seen'), 3)
  assert.equal(sum(facts, 'source-last-seen'), DAY0 + (60 * 23 + 59) * MINUTE)
  assert.equal(sum(facts, 'source-accepted'), 10)
})

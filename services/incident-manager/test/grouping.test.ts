import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Detection } from '@tocsin/events'
import { CASE_WINDOW_MS, caseGroupOf } from '@tocsin/events'
import fc from 'fast-check'
import { detection, HOUR, side, T0, world } from './world.ts'

/** Detections of few bodies, sources and techniques, some of them updates of one another. */
const detections = fc
  .array(
    fc.record({
      number: fc.integer({ min: 0, max: 9 }),
      revision: fc.integer({ min: 0, max: 2 }),
      constituent: fc.constantFrom('kz-ministry', 'kz-ministry', 'vn-province'),
      source: fc.constantFrom('203.0.113.9', '203.0.113.9', '203.0.113.10'),
      technique: fc.constantFrom('T1110.001', 'T1110.003', 'T1110', 'T1595'),
      level: fc.constantFrom('low', 'medium', 'high'),
      hours: fc.constantFrom(0, 1, 2, 30),
      rsitClass: fc.constantFrom('intrusions', 'intrusion-attempts'),
      exercise: fc.constantFrom(false, false, false, true),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((rows) => {
    const first = new Map<number, (typeof rows)[number]>()
    return rows.map((row) => {
      // An update is about the same thing as the record that it updates, and carries the same T0.
      const same = first.get(row.number) ?? row
      first.set(row.number, same)
      return detection({
        detectionId: `detection-${row.number}`,
        revision: row.revision,
        constituent: same.constituent,
        groupBy: { 'source.ip': same.source },
        techniques: [same.technique],
        exercise: same.exercise,
        rsitClass: same.rsitClass,
        level: same.level,
        severity: { low: 30, medium: 50, high: 70 }[same.level] ?? 0,
        detectedAt: T0 + same.hours * HOUR,
        eventCount: 10 + row.revision,
        participants: [side('source', same.source, 10 + row.revision)],
      })
    })
  })

const NOW = T0 + 61 * HOUR

async function casesFrom(records: readonly Detection[]): Promise<{ cases: string[]; gapless: boolean }> {
  const w = world(NOW)
  for (const record of records) await w.detect(record, NOW)
  const newest = new Map(w.harness.written('incidents').map((record) => [record.caseId, record]))
  const revisions = new Map<string, number>()
  let gapless = true
  for (const change of w.harness.written('incident-changes')) {
    gapless &&= change.revision === (revisions.get(change.caseId) ?? 0) + 1
    revisions.set(change.caseId, change.revision)
  }
  const cases = [...newest.values()].map((record) =>
    JSON.stringify([
      record.caseId,
      record.kind,
      record.constituent,
      record.exercise,
      record.detectionIds,
      record.detectionCount,
      record.eventCount,
      record.severity,
      record.rsitClass,
      record.techniques,
      record.participants,
      record.occurredFirst,
      record.occurredLast,
      revisions.get(record.caseId) === record.revision,
    ]),
  )
  return { cases: cases.sort(), gapless }
}

test('any order and repetition of detections gives the same cases, with gapless revisions', async () => {
  const shuffled = detections.chain((records) =>
    fc.tuple(
      fc.constant(records),
      fc
        .shuffledSubarray([...records, ...records.slice(0, 4)], { minLength: records.length })
        .map((order) => [...order, ...records]),
    ),
  )
  await fc.assert(
    fc.asyncProperty(shuffled, async ([records, again]) => {
      const one = await casesFrom(records)
      const other = await casesFrom(again)
      assert.deepEqual(other.cases, one.cases)
      assert.ok(one.gapless && other.gapless)
    }),
    { numRuns: 150 },
  )
})

test('a later detection of the same source and technique joins the open case within the window', async () => {
  const start = Math.ceil(T0 / CASE_WINDOW_MS) * CASE_WINDOW_MS
  const w = world(start)
  await w.detect({ detectionId: 'a', detectedAt: start })
  await w.detect({ detectionId: 'b', detectedAt: start + 23 * HOUR, ruleId: 'other-rule', techniques: ['T1110'] })
  assert.deepEqual(w.latest().detectionIds, ['a', 'b'])
  assert.equal(w.latest().detectedAt, start)
  const first = w.latest().caseId
  await w.detect({ detectionId: 'c', detectedAt: start + 24 * HOUR })
  assert.notEqual(w.latest().caseId, first)
  assert.deepEqual(w.latest().related, [`continues:${first}`])
})

test('after a case is closed the next detection of its group opens another one', async () => {
  const w = world()
  await w.detect({ detectionId: 'a' })
  const first = w.latest().caseId
  await w.command('close', T0 + HOUR)
  await w.detect({ detectionId: 'b', detectedAt: T0 + 2 * HOUR })
  assert.notEqual(w.latest().caseId, first)
})

test('a graver detection of the same group makes the event an incident and keeps its id', async () => {
  const w = world()
  await w.detect({ detectionId: 'a' })
  const { caseId } = w.latest()
  const at = T0 + HOUR
  await w.detect({
    detectionId: 'b',
    detectedAt: at,
    level: 'critical',
    severity: 90,
    rsitClass: 'intrusions',
    rsitType: 'system-compromise',
  })
  const record = w.latest()
  assert.deepEqual([record.caseId, record.kind, record.promotedAt, record.detectedAt], [caseId, 'incident', at, T0])
  assert.equal(record.rsitClass, 'intrusions')
  assert.ok(w.whats('C1/event').length > 0)
  assert.equal(w.events('C1/incident')[0]?.startAt, at)
})

test('an update that makes its detection graver promotes the case at that moment; the event keeps its clocks', async () => {
  const w = world()
  await w.detect({ detectionId: 'a' })
  const now = T0 + 2 * HOUR
  const graver = { level: 'critical', severity: 90, rsitClass: 'intrusions', rsitType: 'system-compromise' }
  await w.detect({ detectionId: 'a', revision: 1, detectedAt: T0, ...graver }, now)
  assert.deepEqual([w.latest().kind, w.latest().promotedAt, w.latest().detectedAt], ['incident', now, T0])
  assert.equal(w.events('C1/incident')[0]?.startAt, now)
  assert.ok(!w.whats('C1/event').includes('withdrawn'))
})

test('a detection below the pack’s level starts nothing and is counted', async () => {
  const w = world()
  assert.equal(await w.detect({ level: 'low', severity: 30 }), 'not-a-legal-event')
  assert.deepEqual(w.harness.outputs(), [])
})

test('a detection of an unknown body or of a body without its pack goes to the dead letters', async () => {
  const w = world()
  assert.equal(await w.detect({ constituent: 'nobody' }), 'unknown_constituent')
  assert.equal(await w.detect({ constituent: 'lost' }), 'pack_unavailable')
})

test('a single event without group-by values is grouped with a correlation over the same source', () => {
  const single = detection({ kind: 'event', groupBy: {}, groupKey: 'event-1' })
  assert.deepEqual(caseGroupOf(single), caseGroupOf(detection()))
})

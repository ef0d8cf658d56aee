// Many clocks at once. In CI a tenth of the dose; TOCSIN_TEST_DOSE=full runs 100,000 open clocks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detection, MINUTE, T0, world } from './world.ts'

const FULL = process.env['TOCSIN_TEST_DOSE'] === 'full'
const CLOCKS = FULL ? 100_000 : 3_000
/** C1, C2 and C4 of an incident that nobody has been told of. */
const CLOCKS_PER_CASE = 3
const RESTART_LIMIT_MS = 10_000

const grave = (index: number, detectedAt: number) =>
  detection({
    detectionId: `d-${index}`,
    detectedAt,
    level: 'critical',
    rsitClass: 'intrusions',
    rsitType: 'system-compromise',
    groupBy: { 'source.ip': `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` },
  })

test(`a restart over ${CLOCKS} open clocks takes less than ten seconds, and each is due to the millisecond`, async (t) => {
  const w = world()
  const cases = Math.ceil(CLOCKS / CLOCKS_PER_CASE)
  const heapBefore = process.memoryUsage().heapUsed
  // All within a minute, so that their due times lie a few milliseconds apart.
  const t0Of = (index: number): number => T0 + Math.floor((index * MINUTE) / cases)
  for (let index = 0; index < cases; index += 1) {
    const value = grave(index, t0Of(index))
    w.harness.now(t0Of(index))
    await w.harness.give('detections', value.constituent, value)
  }
  const open = w.harness.written('incidents').reduce((sum, { clocks }) => sum + clocks.length, 0)
  assert.ok(open >= CLOCKS)
  const startedAt = performance.now()
  w.harness.crash()
  await w.until(T0 + MINUTE)
  const restartMs = performance.now() - startedAt
  t.diagnostic(`${open} open clocks, restart ${Math.round(restartMs)} ms, ${cases} cases`)
  t.diagnostic(
    `heap ${Math.round((process.memoryUsage().heapUsed - heapBefore) / cases)} bytes a case, outputs of the test included`,
  )
  assert.ok(restartMs < RESTART_LIMIT_MS, `${restartMs} ms`)

  const breaches = () => w.harness.written('clock-events').filter(({ what }) => what === 'breached')
  await w.until(t0Of(0) + 30 * MINUTE - 1)
  assert.equal(breaches().length, 0)
  // A tick looks at a bounded number of cases; the rest follow in the next ones.
  const last = t0Of(cases - 1) + 30 * MINUTE
  for (let tick = 0; tick <= cases / 500 + 1; tick += 1) await w.until(last)
  const found = breaches().filter(({ clockId }) => clockId === 'C1/incident')
  assert.equal(found.length, cases)
  for (const { at, startAt, dueAt } of found)
    assert.deepEqual([at, dueAt], [startAt + 30 * MINUTE, startAt + 30 * MINUTE])
  assert.equal(
    new Set(found.map(({ startAt }) => startAt)).size,
    new Set(Array.from({ length: cases }, (_, i) => t0Of(i))).size,
  )
})

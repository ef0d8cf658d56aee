import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Output } from '@tocsin/stage'
import fc from 'fast-check'
import { command, delivery, detection, MINUTE, T0, world } from './world.ts'

/** One thing that may happen, at minutes after T0. */
type Step =
  | { what: 'detection'; number: number; level: string }
  | { what: 'command'; action: string }
  | { what: 'delivery'; place: number; state: string }
  | { what: 'tick' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    what: fc.constant('detection' as const),
    number: fc.integer({ min: 0, max: 4 }),
    level: fc.constantFrom('medium', 'critical'),
  }),
  fc.record({
    what: fc.constant('command' as const),
    action: fc.constantFrom(
      'acknowledge',
      'verify',
      'promote',
      'causes-eliminated',
      'consequences-eliminated',
      'close',
      'reopen',
      'mark-false-positive',
      'answer',
    ),
  }),
  fc.record({
    what: fc.constant('delivery' as const),
    place: fc.nat({ max: 20 }),
    state: fc.constantFrom('sent', 'delivered', 'acknowledged', 'refused'),
  }),
  fc.constant({ what: 'tick' as const }),
)
const story = fc.array(fc.record({ step, minutes: fc.integer({ min: 0, max: 600 }), crash: fc.boolean() }), {
  minLength: 1,
  maxLength: 25,
})

async function play(
  plot: readonly { step: Step; minutes: number; crash: boolean }[],
  crashes: boolean,
): Promise<readonly Output[]> {
  const w = world()
  let now = T0
  for (const [index, { step, minutes, crash }] of plot.entries()) {
    now += minutes * MINUTE
    w.harness.now(now)
    if (crashes && crash) w.harness.crash()
    switch (step.what) {
      case 'detection': {
        const rsitClass = step.level === 'critical' ? 'intrusions' : 'intrusion-attempts'
        const value = detection({ detectionId: `d-${step.number}`, detectedAt: now, level: step.level, rsitClass })
        await w.harness.give('detections', value.constituent, value)
        break
      }
      case 'command': {
        const caseId = w.harness.written('incidents').at(-1)?.caseId ?? 'none'
        const fields = { effects: 'receipt', serial: 'serial', kind: 'measures', text: 'done', evidence: 'log' }
        const value = command(step.action, now, { commandId: `c-${index}`, caseId, fields, reason: 'so' })
        await w.harness.give('incident-commands', value.constituent, value)
        break
      }
      case 'delivery': {
        const notice = w.harness.written('notices').at(step.place)
        if (notice !== undefined)
          await w.harness.give('deliveries', notice.constituent, delivery(notice, now, step.state, index))
        break
      }
      case 'tick':
        await w.harness.tick(now)
        break
    }
  }
  return w.harness.outputs()
}

test('KZ-10.3g crashes at any moment change nothing that is written: clocks, notices and revisions survive a restart', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (plot) => {
      assert.deepEqual(await play(plot, true), await play(plot, false))
    }),
    { numRuns: 100 },
  )
})

test('an outage over several due instants makes all of them at once, each at its legal instant and once', async () => {
  const w = world()
  await w.detect()
  w.harness.crash()
  await w.until(T0 + 5 * 60 * MINUTE)
  assert.deepEqual(
    w.events('C1/event').map((event) => [event.what, event.at - T0, event.recordedAt - T0]),
    [
      ['started', 0, 0],
      ['warned', 20 * MINUTE, 300 * MINUTE],
      ['breached', 30 * MINUTE, 300 * MINUTE],
    ],
  )
  const written = w.harness.outputs().length
  await w.until(T0 + 5 * 60 * MINUTE + 1)
  assert.equal(w.harness.outputs().length, written)
})

test('a case that waits for nothing costs a tick nothing, and one tick wakes a bounded number', async () => {
  const w = world()
  for (let number = 0; number < 600; number += 1) {
    await w.detect({ detectionId: `d-${number}`, groupBy: { 'source.ip': `203.0.${number >> 8}.${number & 255}` } }, T0)
  }
  assert.deepEqual(await w.harness.tick(T0 + MINUTE), [])
  const warned = (outputs: readonly Output[]) =>
    new Set(outputs.filter((output) => output.topic === 'incidents').map((output) => output.key)).size
  assert.equal(warned(await w.harness.tick(T0 + 20 * MINUTE)), 500)
  assert.equal(warned(await w.harness.tick(T0 + 20 * MINUTE)), 100)
  assert.deepEqual(await w.harness.tick(T0 + 20 * MINUTE), [])
})

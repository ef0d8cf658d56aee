// A manager's own regulation changes while a clock runs: what may move and what may not (VN-5.3b).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CaseFacts, clocksOf, happeningsOf, loadPack } from '../src/index.ts'

const HOUR = 3_600_000
const folder = join(import.meta.dirname, '../../../regulations/vn-circular-31')
const loaded = loadPack(readFileSync(join(folder, 'pack.yaml'), 'utf8'), 'pack.yaml')
assert.ok(loaded.ok)
const { pack } = loaded
const START = pack.inForceFrom + 1_000 * HOUR

const hours = fc.integer({ min: 1, max: 30 })
const changes = fc
  .array(fc.record({ after: fc.integer({ min: 1, max: 20 }), hours }), { maxLength: 6 })
  .map((steps) => {
    let at = START
    return steps.map((step) => {
      at += step.after * HOUR
      return { at, settings: { handlingResultEvery: `PT${step.hours}H` } }
    })
  })

test('whatever is entered when: what was said before an entry stays, nothing falls due before its entry, no reminder comes twice', () => {
  fc.assert(
    fc.property(hours, changes, (first, settingsSince) => {
      const subject = (count: number): CaseFacts => ({
        caseId: 'case',
        constituent: 'body',
        kind: 'incident',
        attributes: {},
        facts: [{ name: 'detectedAt', at: START }],
        settings: { handlingResultEvery: `PT${first}H` },
        settingsSince: settingsSince.slice(0, count),
      })
      const saidOf = (count: number, now: number) =>
        clocksOf(pack, subject(count), now)
          .filter(({ clockId }) => clockId === 'VN-5.3e')
          .flatMap((clock) => happeningsOf('case', clock, now))
      for (const [count, { at }] of settingsSince.entries()) {
        const before = saidOf(count, at - 1).map(({ eventId, ordinal }) => `${eventId} ${ordinal}`)
        const after = saidOf(count + 1, at + 400 * HOUR)
        assert.deepEqual(
          after.filter((one) => one.at < at).map(({ eventId, ordinal }) => `${eventId} ${ordinal}`),
          before,
        )
        const ordinals = after.filter(({ what }) => what === 'warned').map(({ ordinal }) => ordinal)
        assert.deepEqual(
          ordinals,
          ordinals.map((_, index) => index),
        )
      }
    }),
    { numRuns: 100 },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterCrash, noCrashes } from '../src/supervisor/back-off.ts'

/** Crashes without ever being ready, `everyMs` apart; gives what was decided after each. */
function crashes(count: number, everyMs: number): { waitMs: number; isFailing: boolean }[] {
  let history = noCrashes
  return Array.from({ length: count }, (_, index) => {
    const decision = afterCrash(history, false, index * everyMs)
    history = decision.history
    return { waitMs: decision.waitMs, isFailing: decision.isFailing }
  })
}

test('the wait before the next start doubles from half a second up to ten seconds', () => {
  assert.deepEqual(
    crashes(7, 1000).map((decision) => decision.waitMs),
    [500, 1000, 2000, 4000, 8000, 10_000, 10_000],
  )
})

test('the fifth crash inside a minute makes a program failing, the fourth does not', () => {
  assert.deepEqual(
    crashes(5, 10_000).map((decision) => decision.isFailing),
    [false, false, false, false, true],
  )
})

test('five crashes spread over more than a minute do not make a program failing', () => {
  assert.ok(crashes(5, 16_000).every((decision) => !decision.isFailing))
})

test('a crash after the program was ready starts the count and the wait anew', () => {
  let history = noCrashes
  for (let index = 0; index < 4; index += 1) history = afterCrash(history, false, index * 1000).history
  const decision = afterCrash(history, true, 5000)
  assert.equal(decision.waitMs, 500)
  assert.equal(decision.isFailing, false)
})

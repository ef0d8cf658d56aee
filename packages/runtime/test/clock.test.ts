import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, mock, test } from 'node:test'
import { advanceClockFile, createClock, fileClock, manualClock, readClockOffset, systemClock } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-clock-'))
after(() => rmSync(folder, { recursive: true }))
const HOUR_MS = 3_600_000

/** Runs `work` with the machine's clock in hand. */
function withMachineClock(startMs: number, work: (pass: (ms: number) => void) => void): void {
  mock.timers.enable({ apis: ['Date'], now: startMs })
  try {
    work((ms) => mock.timers.tick(ms))
  } finally {
    mock.timers.reset()
  }
}

describe('the clock of a process', () => {
  test('is the machine’s without a file, and the file’s with one', () => {
    assert.equal(createClock(undefined), systemClock)
    const path = join(folder, 'created')
    writeFileSync(path, '1000')
    withMachineClock(5_000_000, () => assert.equal(createClock(path).now(), 5_001_000))
  })

  test('H-CLOCK of a file follows it within its look interval, and not before it looks again', () => {
    const path = join(folder, 'followed')
    withMachineClock(5_000_000, (pass) => {
      const clock = fileClock(path, 200)
      assert.equal(clock.now(), 5_000_000)
      advanceClockFile(path, HOUR_MS)
      pass(199)
      assert.equal(clock.now(), 5_000_199)
      pass(1)
      assert.equal(clock.now(), 5_000_200 + HOUR_MS)
      advanceClockFile(path, HOUR_MS)
      utimesSync(path, 9, 9) // Another time of change than the one before, however fast this test is.
      pass(200)
      assert.equal(clock.now(), 5_000_400 + 2 * HOUR_MS)
    })
  })

  test('H-CLOCK two processes that share a file agree', () => {
    const path = join(folder, 'shared')
    advanceClockFile(path, HOUR_MS)
    withMachineClock(7_000_000, () => assert.equal(fileClock(path).now(), fileClock(path).now()))
  })

  test('H-CLOCK moves forward only, and adds up', () => {
    const path = join(folder, 'forward')
    assert.equal(advanceClockFile(path, 5), 5)
    assert.equal(advanceClockFile(path, 7), 12)
    for (const ms of [-1, Number.NaN]) assert.throws(() => advanceClockFile(path, ms), RangeError)
    assert.equal(readClockOffset(path), 12)
    assert.equal(existsSync(`${path}.part`), false)
  })

  test('takes a file that holds no number for no offset', () => {
    const path = join(folder, 'nonsense')
    writeFileSync(path, 'soon')
    assert.deepEqual([readClockOffset(path), readClockOffset(join(folder, 'none'))], [0, 0])
  })

  test('by hand stands still until it is told', () => {
    const clock = manualClock(1_000)
    clock.advance(5)
    assert.equal(clock.now(), 1_005)
    clock.set(9)
    assert.equal(clock.now(), 9)
  })
})

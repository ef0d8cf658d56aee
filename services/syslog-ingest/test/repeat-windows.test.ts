import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { RepeatJournal } from '../src/adapters/repeat-journal.ts'
import { RepeatWindows, WINDOW_FRAMES } from '../src/repeat-windows.ts'

const COMPACT_BYTES = 100_000
const silent = { sending: () => {}, ended: () => {} }
const line = (number: number) => Buffer.from(`<13>line ${number}`)

/** The windows of one process over a folder; `again` is the next process, as after kill -9. */
function onDisk(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'repeats-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const again = () => {
    const journal: RepeatJournal = new RepeatJournal(folder, 0, () => windows.snapshot(), COMPACT_BYTES)
    const windows = new RepeatWindows(journal, journal.left)
    return windows
  }
  return { again, file: join(folder, 'syslog-ingest', 'slot-0', 'repeat-windows') }
}

test('after a broken session its last frames are recognised once each; other lines and senders are not', () => {
  const windows = new RepeatWindows(silent)
  const first = windows.begin('a')
  for (const number of [1, 2, 2, 3]) assert.equal(first.seen(line(number)), false)
  first.sending()
  first.ended(false)
  const stranger = windows.begin('b')
  assert.equal(stranger.seen(line(1)), false)
  const second = windows.begin('a')
  assert.deepEqual(
    [2, 2, 2, 3, 4].map((number) => second.seen(line(number))),
    [true, true, false, true, false],
  )
})

test('after a goodbye nothing is taken for a repeat', () => {
  const windows = new RepeatWindows(silent)
  const first = windows.begin('a')
  first.seen(line(1))
  first.ended(true)
  assert.equal(windows.begin('a').seen(line(1)), false)
})

test('a sender that has sent two windows without a repeat has none left to send', () => {
  const windows = new RepeatWindows(silent)
  const first = windows.begin('a')
  first.seen(line(-1))
  first.ended(false)
  const second = windows.begin('a')
  for (let number = 0; number <= 2 * WINDOW_FRAMES; number++) second.seen(line(number))
  assert.equal(second.seen(line(-1)), false)
})

test('a session that is half-open still counts: its sender is already back', () => {
  const windows = new RepeatWindows(silent)
  windows.begin('a').seen(line(1))
  assert.equal(windows.begin('a').seen(line(1)), true)
})

test('windows outlive a killed process, and a record that the kill has cut costs only itself', (t) => {
  const { again, file } = onDisk(t)
  const first = again().begin('a')
  first.seen(line(1))
  first.seen(line(2))
  first.sending()
  const whole = readFileSync(file)
  appendFileSync(file, whole.subarray(0, whole.length - 3))
  const second = again().begin('a')
  assert.deepEqual(
    [1, 2, 1].map(line).map((octets) => second.seen(octets)),
    [true, true, false],
  )
})

test('a goodbye outlives the process too', (t) => {
  const { again } = onDisk(t)
  const first = again().begin('a')
  first.seen(line(1))
  first.sending()
  first.ended(true)
  assert.equal(again().begin('a').seen(line(1)), false)
})

test('the journal is written anew before it grows without bound', (t) => {
  const { again, file } = onDisk(t)
  const watch = again().begin('a')
  for (let number = 0; number < 100_000; number++) {
    watch.seen(line(number % 5_000))
    if (number % 500 === 499) watch.sending()
  }
  assert.ok(statSync(file).size < COMPACT_BYTES + 10_000)
  assert.equal(again().begin('a').seen(line(4_999)), true)
})

test('a journal of garbage is none', (t) => {
  const { again, file } = onDisk(t)
  again()
  writeFileSync(file, Buffer.alloc(1_000, 0xff))
  assert.equal(again().begin('a').seen(line(1)), false)
})

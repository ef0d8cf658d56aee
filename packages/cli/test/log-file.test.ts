import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { lastLines, logSize } from '../src/supervisor/log-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-log-'))
after(() => rmSync(folder, { recursive: true }))

test('the last lines are those of the last start, not of an earlier one', () => {
  const file = join(folder, 'a.log')
  writeFileSync(file, 'from the start before\n')
  const from = logSize(file)
  appendFileSync(file, 'one\n\ntwo\nthree\n')
  assert.deepEqual(lastLines(file, 2, from), ['two', 'three'])
  assert.deepEqual(lastLines(file, 20, from), ['one', 'two', 'three'])
})

test('terminal codes in a log do not reach the terminal, and long lines are cut', () => {
  const file = join(folder, 'b.log')
  writeFileSync(file, `\u001b[2Jgone\u0007\n${'x'.repeat(10_000)}\n`)
  assert.deepEqual(lastLines(file, 2), [' [2Jgone ', 'x'.repeat(400)])
})

test('a log that does not exist has no lines', () => {
  assert.deepEqual(lastLines(join(folder, 'none.log'), 20), [])
})

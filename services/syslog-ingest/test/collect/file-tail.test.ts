import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createLog } from '@tocsin/runtime'
import fc from 'fast-check'
import { FileTail } from '../../src/adapters/collect/file-tail.ts'
import { LineCutter } from '../../src/collect/line-cutter.ts'

/** A file and a tail on it; `restart` is a crash right after what was taken so far. */
function setUp(t: TestContext, maxLineBytes = 1_000) {
  const folder = mkdtempSync(join(tmpdir(), 'tail-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'app.log')
  const taken: string[] = []
  const cut: number[] = []
  let position: string | undefined
  const make = () =>
    new FileTail({
      name: 'app',
      path,
      position,
      append: async (lines) => {
        for (const line of lines) {
          taken.push(line.octets.toString())
          cut.push(line.truncatedBytes)
          position = line.position
        }
      },
      nowMs: () => 0,
      maxLineBytes,
      log: createLog('collect', 0, 'silent'),
    })
  let tail = make()
  t.after(() => tail.close())
  return {
    folder,
    path,
    taken,
    cut,
    write: (text: string) => appendFileSync(path, text),
    /** Looks until there is nothing new, and as often again as a rotated file is waited for. */
    follow: async () => {
      for (let quiet = 0; quiet < 6; ) quiet = (await tail.look()) ? 0 : quiet + 1
    },
    restart: async () => {
      await tail.close()
      tail = make()
    },
  }
}

test('lines are taken when they are whole, and none twice after a restart', async (t) => {
  const { write, follow, restart, taken } = setUp(t)
  await follow()
  write('one\ntwo\nthr')
  await follow()
  assert.deepEqual(taken, ['one', 'two'])
  await restart()
  write('ee\n\n\r\nfour\n')
  await follow()
  assert.deepEqual(taken, ['one', 'two', 'three', 'four'])
})

test('a renamed file is read to its end, also what is written into it late and has no line end', async (t) => {
  const { write, follow, path, taken } = setUp(t)
  write('one\n')
  await follow()
  renameSync(path, `${path}.1`)
  appendFileSync(`${path}.1`, 'two\nlate')
  write('new\n')
  await follow()
  assert.deepEqual(taken, ['one', 'two', 'late', 'new'])
})

test('two rotations between two looks hide no file', async (t) => {
  const { write, follow, path, taken } = setUp(t)
  write('one\n')
  await follow()
  renameSync(path, `${path}.2`)
  await new Promise((resolve) => setTimeout(resolve, 5))
  write('two\n')
  renameSync(path, `${path}.1`)
  write('three\n')
  await follow()
  assert.deepEqual(taken, ['one', 'two', 'three'])
})

test('files rotated several times while the collector was away are read in their order', async (t) => {
  const { write, follow, restart, path, taken } = setUp(t)
  write('one\n')
  await follow()
  write('two\n')
  for (const [from, to] of [
    [path, `${path}.2`],
    [path, `${path}.1`],
  ] as const) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (to.endsWith('1')) write('three\n')
    renameSync(from, to)
  }
  write('four\n')
  await restart()
  await follow()
  assert.deepEqual(taken, ['one', 'two', 'three', 'four'])
})

test('a file that is copied and truncated is read from its beginning', async (t) => {
  const { write, follow, restart, path, taken } = setUp(t)
  write('one\ntwo\n')
  await follow()
  copyFileSync(path, `${path}.1`)
  truncateSync(path, 0)
  write('three\n')
  await follow()
  assert.deepEqual(taken, ['one', 'two', 'three'])
  // Truncated and already longer than before, while nobody looked.
  await restart()
  writeFileSync(path, 'four, which is long enough to hide it\nfive\n')
  await follow()
  assert.deepEqual(taken.slice(3), ['four, which is long enough to hide it', 'five'])
})

test('another file with the same name and nothing in common is read whole', async (t) => {
  const { write, follow, restart, path, taken } = setUp(t)
  write('one\n')
  await follow()
  rmSync(path)
  write('two\n')
  await restart()
  await follow()
  assert.deepEqual(taken, ['one', 'two'])
})

test('a line that is too long is cut, counted, and its rest is no line', async (t) => {
  const { write, follow, taken, cut } = setUp(t, 10)
  write(`${'x'.repeat(500_000)}\nshort\n`)
  await follow()
  assert.deepEqual(taken, ['x'.repeat(10), 'short'])
  assert.deepEqual(cut, [499_990, 0])
})

test('however a file is cut into reads, its lines and offsets are the same', () => {
  const whole = fc.string({ maxLength: 200, unit: fc.constantFrom('a', '\n', '\r', 'é') })
  fc.assert(
    fc.property(whole, fc.array(fc.nat(20)), (text, cuts) => {
      const octets = Buffer.from(text)
      const cutter = new LineCutter(0, 50)
      const lines = []
      let at = 0
      for (const bytes of [...cuts, octets.length]) {
        lines.push(...cutter.push(octets.subarray(at, at + bytes)))
        at = Math.min(octets.length, at + bytes)
      }
      for (const { octets: line, endOffset, truncatedBytes } of lines) {
        assert.equal(octets[endOffset - 1], 0x0a)
        assert.ok(!line.includes(0x0a))
        const from = endOffset - 1 - truncatedBytes - line.length
        assert.deepEqual(octets.subarray(from, from + line.length), line)
      }
      const expected = text
        .split('\n')
        .slice(0, -1)
        .filter((line) => line !== '' && line !== '\r')
      assert.equal(lines.length, expected.length)
    }),
    { numRuns: 500 },
  )
})

// OPS-R12 for the collector: a file system that is really full, and one that is really read-only (a small tmpfs).
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { eventually } from '../ingest-under-test.ts'
import { appendAll, openStore, readAll } from './store-under-test.ts'

const LIMITS = { timeout: 90_000 }
const SMALL = { segmentBytes: 65_536, bounds: { maxBytes: 1e9, keepMs: 1e12, policy: 'refuse' as const } }
const line = (number: number) => `line ${number} ${'.'.repeat(2_000)}`

/** A tmpfs of one mebibyte; null where this user may not mount. */
function smallDisk(t: TestContext): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    rmSync(folder, { recursive: true })
    return null
  }
  t.after(() => {
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true })
  })
  return folder
}

test(
  'OPS-R12 a full disk is refused loudly, nothing on it is spoilt, and lines go on when there is room',
  LIMITS,
  async (t) => {
    const disk = smallDisk(t)
    if (disk === null) {
      t.skip('this user may not mount a tmpfs')
      return
    }
    const store = await openStore(join(disk, 'store'), SMALL)
    let waiting: Promise<unknown> = Promise.resolve()
    let number = 0
    while (!store.full) {
      let stored = false
      waiting = appendAll(
        store,
        Array.from({ length: 8 }, () => line((number += 1))),
      ).then(() => {
        stored = true
      })
      await eventually(() => stored || store.full)
    }
    const before = await readAll(store)
    assert.ok(before.length > 300 && before.length === number - 8)
    assert.equal(before.at(-1)?.seq, store.storedSeq)
    // The centre takes some: their segments give way, and what waited is written.
    store.forwarded(200)
    await eventually(() => !store.full)
    store.forwarded(store.storedSeq)
    await waiting
    const lines = await readAll(store, 200)
    assert.deepEqual(
      lines.map(({ seq, octets }) => [seq, octets.toString()]),
      lines.map((_, index) => [number - lines.length + index + 1, line(number - lines.length + index + 1)]),
    )
    await store.close()
    const again = await openStore(join(disk, 'store'), SMALL)
    assert.equal(again.storedSeq, number)
    assert.equal(again.tally.damagedParts, 0)
    await again.close()
  },
)

test(
  'OPS-R12 a disk that is filled by somebody else, then read-only, then well again: nothing is lost',
  LIMITS,
  async (t) => {
    const disk = smallDisk(t)
    if (disk === null) {
      t.skip('this user may not mount a tmpfs')
      return
    }
    const store = await openStore(join(disk, 'store'), { ...SMALL, segmentBytes: 4_096 })
    await appendAll(store, [line(1), line(2)])
    writeFileSync(join(disk, 'others'), Buffer.alloc(900_000))
    const filled = (async () => {
      for (let number = 3; number <= 100; number++) await appendAll(store, [line(number)])
    })()
    await eventually(() => store.full)
    rmSync(join(disk, 'others'))
    await filled
    await store.close()
    execFileSync('mount', ['-o', 'remount,ro', disk])
    await assert.rejects(openStore(join(disk, 'store'), { name: 'other' }))
    const readOnly = await openStore(join(disk, 'store'), SMALL).catch((error: NodeJS.ErrnoException) => error.code)
    assert.equal(readOnly, 'EROFS')
    execFileSync('mount', ['-o', 'remount,rw', disk])
    const well = await openStore(join(disk, 'store'), SMALL)
    await appendAll(well, [line(101)])
    assert.deepEqual(
      (await readAll(well)).map(({ octets }) => octets.toString()),
      Array.from({ length: 101 }, (_, index) => line(index + 1)),
    )
    await well.close()
  },
)

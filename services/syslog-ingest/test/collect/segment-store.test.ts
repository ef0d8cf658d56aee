import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { manualClock } from '@tocsin/runtime'
import fc from 'fast-check'
import { appendAll, openStore, readAll, START, withFolder } from './store-under-test.ts'

const RUNS = process.env['TOCSIN_TEST_DOSE'] === 'full' ? 2_000 : 60
const texts = fc.array(fc.string({ maxLength: 60, unit: 'binary' }), { minLength: 1, maxLength: 40 })
const segmentsIn = (folder: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.seg'))
    .sort()
const text = ({ octets }: { octets: Buffer }) => octets.toString()

describe('lines and their numbers', () => {
  test('are read back as they were taken, over segment borders and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 4 }), (batches) =>
        withFolder(async (folder) => {
          for (const batch of batches) {
            const store = await openStore(folder)
            await appendAll(store, batch)
            await store.close()
          }
          const store = await openStore(folder)
          const lines = await readAll(store)
          assert.deepEqual(lines.map(text), batches.flat())
          assert.deepEqual(
            lines.map(({ seq }) => seq),
            batches.flat().map((_, index) => index + 1),
          )
          await store.close()
        }),
      ),
      { numRuns: RUNS },
    )
  })

  test('wherever a crash tears the last write, the lines before it stand and the next number follows', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (batch, where, zeros) =>
        withFolder(async (folder) => {
          const first = await openStore(folder)
          await appendAll(first, batch)
          await first.close()
          const last = join(folder, segmentsIn(folder).at(-1) as string)
          const size = statSync(last).size
          const cut = Math.floor(where * size)
          truncateSync(last, cut)
          // A power cut may leave the length and lose the content.
          if (zeros) appendFileSync(last, Buffer.alloc(size - cut))
          const store = await openStore(folder)
          const before = (await readAll(store)).map(text)
          assert.deepEqual(before, batch.slice(0, before.length))
          await appendAll(store, ['the next'])
          const lines = await readAll(store)
          assert.deepEqual(lines.map(text), [...before, 'the next'])
          // Zeros behind the beginning of a record may be damage as well: then numbers are left out.
          const seq = lines.at(-1)?.seq ?? 0
          assert.ok(zeros ? seq > before.length : seq === before.length + 1)
          await store.close()
        }),
      ),
      { numRuns: RUNS },
    )
  })

  test('a flipped bit costs one line at most, and no number that was forwarded is given again', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.double({ min: 0, max: 0.999_999, noNaN: true }), fc.nat(7), (batch, where, bit) =>
        withFolder(async (folder) => {
          const first = await openStore(folder)
          await appendAll(first, batch)
          first.forwarded(batch.length)
          await first.close()
          const files = segmentsIn(folder)
          const path = join(folder, files[Math.floor(where * files.length)] as string)
          const octets = readFileSync(path)
          const at = Math.floor(((where * files.length) % 1) * octets.length)
          octets[at] = (octets[at] as number) ^ (1 << bit)
          writeFileSync(path, octets)
          const store = await openStore(folder)
          await appendAll(store, ['the next'])
          const lines = await readAll(store)
          const found = new Set(lines.map(({ seq }) => seq))
          assert.equal(found.size, lines.length)
          const lost = batch.filter((_, index) => !found.has(index + 1))
          assert.ok(lost.length <= 1, `${lost.length} lines lost`)
          for (const line of lines.slice(0, -1)) assert.equal(text(line), batch[line.seq - 1])
          assert.equal(lines.at(-1)?.octets.toString(), 'the next')
          assert.ok((lines.at(-1)?.seq ?? 0) > batch.length)
          await store.close()
        }),
      ),
      { numRuns: RUNS },
    )
  })

  test('where the end is garbage its numbers are left out, because the centre may have seen them', () =>
    withFolder(async (folder) => {
      const first = await openStore(folder)
      await appendAll(first, ['a', 'b'])
      await first.close()
      appendFileSync(join(folder, segmentsIn(folder).at(-1) as string), 'x'.repeat(200))
      const store = await openStore(folder)
      const [seq] = await appendAll(store, ['c'])
      assert.ok((seq as number) > 3)
      assert.equal(store.tally.damagedParts, 1)
      assert.deepEqual((await readAll(store)).map(text), ['a', 'b', 'c'])
      await store.close()
    }))

  test('a store that is made anew has a new id, so that the centre does not take its lines for repeats', () =>
    withFolder(async (folder) => {
      const first = await openStore(folder)
      await first.close()
      const other = await openStore(`${folder}-2`)
      await other.close()
      assert.notEqual(first.identity.collectorId, other.identity.collectorId)
      const again = await openStore(folder)
      await again.close()
      assert.equal(again.identity.collectorId, first.identity.collectorId)
    }))

  test('the folder of one circuit is not opened for the other', () =>
    withFolder(async (folder) => {
      await (await openStore(folder)).close()
      await assert.rejects(openStore(folder, { circuit: 'outer' }), { code: 'collector_folder_taken' })
      await assert.rejects(openStore(folder, { name: 'inner-2' }), { code: 'collector_folder_taken' })
    }))
})

describe('room', () => {
  const batch = Array.from({ length: 100 }, (_, index) => `line ${index + 1} ${'.'.repeat(40)}`)

  test('what the centre has gives way first, oldest first, and nothing is lost by it', () =>
    withFolder(async (folder) => {
      const store = await openStore(folder, { bounds: { maxBytes: 4_000, keepMs: 1e12, policy: 'refuse' } })
      for (const line of batch) {
        const [seq] = await appendAll(store, [line])
        store.forwarded(seq as number)
      }
      assert.ok(store.bytes <= 4_000)
      assert.equal(store.tally.droppedOldest, 0)
      assert.equal((await readAll(store)).at(-1)?.seq, 100)
      await store.close()
    }))

  test('drop-oldest: the oldest lines go, and the count of the lost is exact', () =>
    withFolder(async (folder) => {
      const store = await openStore(folder, { bounds: { maxBytes: 4_000, keepMs: 1e12, policy: 'drop-oldest' } })
      for (const line of batch) await appendAll(store, [line])
      const lines = await readAll(store)
      assert.ok(store.tally.droppedOldest > 0)
      assert.equal(lines.length + store.tally.droppedOldest, batch.length)
      assert.equal(lines.at(-1)?.seq, 100)
      await store.close()
    }))

  test('refuse: new lines wait until the centre has taken old ones, and none is lost', () =>
    withFolder(async (folder) => {
      const store = await openStore(folder, { bounds: { maxBytes: 4_000, keepMs: 1e12, policy: 'refuse' } })
      const all = (async () => {
        for (const line of batch) await appendAll(store, [line])
      })()
      const seen = new Set<number>()
      while (!store.full) await new Promise((resolve) => setImmediate(resolve))
      assert.ok(store.bytes <= 4_000)
      let done = false
      void all.then(() => {
        done = true
      })
      while (!done) {
        for (const { seq } of await readAll(store, store.forwardedSeq)) seen.add(seq)
        store.forwarded(Math.max(0, ...seen))
        await new Promise((resolve) => setImmediate(resolve))
      }
      for (const { seq } of await readAll(store, store.forwardedSeq)) seen.add(seq)
      assert.equal(seen.size, 100)
      assert.equal(store.tally.droppedOldest, 0)
      await store.close()
    }))

  test('what the centre has is kept for the days asked for, and no longer', () =>
    withFolder(async (folder) => {
      const clock = manualClock(START)
      const store = await openStore(folder, { clock, bounds: { maxBytes: 1e9, keepMs: 86_400_000, policy: 'refuse' } })
      for (const line of batch) await appendAll(store, [line])
      clock.advance(90_000_000)
      store.tend()
      assert.equal((await readAll(store)).length, 100, 'not forwarded: kept')
      store.forwarded(100)
      store.tend()
      assert.equal(store.segments.length, 1)
      await store.close()
    }))
})

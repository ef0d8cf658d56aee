import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { SourceCount } from '@tocsin/events'
import { createLog } from '@tocsin/runtime'
import fc from 'fast-check'
import { DatagramSpoolFiles } from '../src/adapters/datagram-spool-files.ts'
import type { SpooledDatagram } from '../src/spool-drain.ts'
import { eventually, startIngest } from './ingest-under-test.ts'
import { source } from './registry-records.ts'

const LIMITS = { timeout: 90_000 }
const log = createLog('test', 0, 'error')
const silent = { ...log, error: () => {} } as unknown as typeof log

const datagram = (number: number, bytes = 20): SpooledDatagram => ({
  listener: 'udp:15514',
  address: '192.0.2.1',
  peerPort: 5_000 + (number % 7),
  receivedAtMs: 1_700_000_000_000 + number,
  truncatedBytes: number % 3,
  octets: Buffer.from(`<13>${number} `.padEnd(bytes, 'x')),
})

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
const segments = (folder: string) => {
  const path = join(folder, 'syslog-ingest', 'slot-0', 'datagrams')
  return readdirSync(path)
    .filter((name) => /^\d+$/.test(name))
    .map((name) => join(path, name))
}

test('first in, first out, across restarts, whatever the order of calls', (t) => {
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.constant('put' as const) },
    { weight: 3, arbitrary: fc.constant('take' as const) },
    { weight: 2, arbitrary: fc.constant('release' as const) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), fc.constantFrom(20, 100, 1_000), (actions, bytes) => {
      const folder = folderOf(t)
      let spool = new DatagramSpoolFiles(folder, 0, 1_000_000, log)
      let written = 0
      let given = 0
      let released = 0
      let givenBefore = 0
      for (const what of actions) {
        if (what === 'put') {
          written += 1
          assert.equal(spool.put(datagram(written)), true)
        } else if (what === 'take') {
          for (const { index, possibleRepeat, ...found } of spool.take(bytes)) {
            given += 1
            assert.deepEqual([index, possibleRepeat], [given, given <= givenBefore])
            assert.deepEqual(found, datagram(given))
          }
        } else if (what === 'release' && given > released) {
          released = given
          spool.release(released)
        } else if (what === 'restart') {
          spool = new DatagramSpoolFiles(folder, 0, 1_000_000, log)
          givenBefore = Math.max(given, givenBefore)
          given = released
        }
        assert.equal(spool.waiting, written - given)
      }
    }),
    { numRuns: 60, examples: [[['put', 'put', 'take', 'take', 'restart', 'take', 'restart', 'take', 'take'], 20]] },
  )
})

test('a segment that Kafka has is deleted; the bound holds and room comes back', (t) => {
  const folder = folderOf(t)
  const spool = new DatagramSpoolFiles(folder, 0, 10 * 1024 * 1024, log)
  let kept = 0
  while (spool.put(datagram(kept + 1, 4_000))) kept += 1
  assert.ok(spool.bytes <= 10 * 1024 * 1024 && spool.bytes > 9.9 * 1024 * 1024)
  assert.equal(segments(folder).length, 3)
  const taken = spool.take(5 * 1024 * 1024)
  spool.release(taken.at(-1)?.index ?? 0)
  assert.equal(segments(folder).length, 2)
  assert.equal(spool.put(datagram(kept + 1, 4_000)), true)
})

test('a record that was cut or flipped ends its segment, the ones before it come back', (t) => {
  for (const damage of [
    (octets: Buffer) => octets.subarray(0, octets.length - 5),
    (octets: Buffer) => {
      octets.writeUInt8(octets.readUInt8(octets.length - 3) ^ 1, octets.length - 3)
      return octets
    },
    (octets: Buffer) => Buffer.concat([octets.subarray(0, -20), Buffer.alloc(5_000, 0xff)]),
  ]) {
    const folder = folderOf(t)
    const spool = new DatagramSpoolFiles(folder, 0, 1_000_000, log)
    for (let number = 1; number <= 3; number++) spool.put(datagram(number))
    const [file] = segments(folder)
    writeFileSync(file as string, damage(readFileSync(file as string)))
    const again = new DatagramSpoolFiles(folder, 0, 1_000_000, log)
    assert.equal(again.waiting, 2)
    assert.equal(again.put(datagram(3)), true)
    assert.deepEqual(
      again.take(1_000).map(({ index, octets }) => [index, octets.toString().trimEnd().slice(0, 5)]),
      [1, 2, 3].map((number) => [number, `<13>${number}`]),
    )
  }
})

test('garbage in the folder stops nothing', (t) => {
  const folder = folderOf(t)
  mkdirSync(join(folder, 'syslog-ingest', 'slot-0', 'datagrams'), { recursive: true })
  for (const name of ['position', '000000000000007', 'other'])
    appendFileSync(join(folder, 'syslog-ingest', 'slot-0', 'datagrams', name), 'garbage')
  const spool = new DatagramSpoolFiles(folder, 0, 1_000_000, log)
  assert.equal(spool.waiting, 0)
  assert.equal(spool.put(datagram(1)), true)
  assert.equal(spool.take(1_000).length, 1)
})

test('a full disk drops and says so, nothing is torn, and it goes on when space returns', async (t) => {
  const folder = folderOf(t)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder])
  if (mounted.status !== 0) {
    t.skip('no size-limited tmpfs can be mounted here')
    return
  }
  try {
    const spool = new DatagramSpoolFiles(folder, 0, 100_000_000, silent)
    let kept = 0
    while (spool.put(datagram(kept + 1, 1_500))) kept += 1
    assert.ok(kept > 100 && kept < 180, `${kept}`)
    const first = spool.take(1_000_000_000)
    assert.equal(first.length, kept)
    spool.release(kept)
    assert.equal(spool.put(datagram(kept + 1, 1_500)), true)
    assert.deepEqual(
      spool.take(10_000).map(({ index }) => index),
      [kept + 1],
    )
  } finally {
    spawnSync('umount', ['-l', folder])
  }
})

/** Sends numbered datagrams; resolves when they have left. */
async function blast(port: number, count: number, bytes: number): Promise<void> {
  const socket = createSocket('udp4')
  for (let sent = 0; sent < count; ) {
    const batch = Array.from({ length: 50 }, () => {
      const octets = Buffer.from(`<13>${String(sent++).padStart(6, '0')} `.padEnd(bytes, 'x'))
      return new Promise<void>((resolve) => socket.send(octets, port, '127.0.0.1', () => resolve()))
    })
    await Promise.all(batch)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const closed = once(socket, 'close')
  socket.close()
  await closed
}

const ONE = [source({ addresses: ['127.0.0.0/8'] })]
const totals = (sent: readonly { topic: string; value: unknown }[]) => {
  const counts = sent.filter(({ topic }) => topic === 'source-counts').map(({ value }) => value as SourceCount)
  const sum = (field: 'received' | 'accepted' | 'dropped') => counts.reduce((total, count) => total + count[field], 0)
  return { received: sum('received'), accepted: sum('accepted'), dropped: sum('dropped') }
}

test('while Kafka stands still datagrams wait on disk and come back in order, with their time', LIMITS, async (t) => {
  const { port, lines, state, release, stop, sent, frames } = await startIngest(
    t,
    { SYSLOG_INGEST_MAX_UNACKNOWLEDGED_MIB: '1' },
    ONE,
  )
  state.acknowledging = false
  const before = Date.now()
  await blast(port('udp'), 6_000, 500)
  const inMemory = lines().length
  assert.ok(inMemory < 3_000, `${inMemory} of 6,000 fit into the bound`)
  await new Promise((resolve) => setTimeout(resolve, 300))
  const released = Date.now()
  release()
  await eventually(() => {
    release()
    return lines().length >= 5_900
  })
  await stop()
  const { received, accepted, dropped } = totals(sent)
  assert.equal(received, 6_000)
  assert.equal(accepted, lines().length)
  assert.equal(accepted + dropped, 6_000)
  assert.deepEqual(lines(), lines().toSorted())
  assert.ok(frames().every(({ receivedAt }) => receivedAt >= before && receivedAt <= released))
})

test('beyond the disk that was granted datagrams are dropped, and every one is accounted for', LIMITS, async (t) => {
  const limits = { SYSLOG_INGEST_MAX_UNACKNOWLEDGED_MIB: '1', SYSLOG_INGEST_UDP_SPOOL_MIB: '1' }
  const { port, state, release, lines, stop, sent } = await startIngest(t, limits, ONE)
  state.acknowledging = false
  await blast(port('udp'), 6_000, 500)
  await eventually(() => {
    release()
    return lines().length > 3_500
  })
  await stop()
  const { received, accepted, dropped } = totals(sent)
  assert.deepEqual([received, accepted + dropped], [6_000, 6_000])
  assert.ok(dropped > 1_500 && dropped < 3_000, `${dropped} dropped`)
  assert.ok(
    sent.some(({ topic, value }) => topic === 'health-events' && (value as { code: string }).code === 'udp_loss'),
  )
})

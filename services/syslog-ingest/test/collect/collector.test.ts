import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { manualClock, systemClock } from '@tocsin/runtime'
import { eventually, startIngest } from '../ingest-under-test.ts'
import {
  collectorSource,
  configText,
  openWire,
  sendDatagram,
  sendLines,
  startCollector,
} from './collector-under-test.ts'
import { readAll } from './store-under-test.ts'

const LIMITS = { timeout: 90_000 }
const RELP = { SYSLOG_INGEST_RELP_PORT: '0' }
const HOUR_MS = 3_600_000

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'collect-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

const numbered = (from: number, count: number, text = 'line') =>
  Array.from({ length: count }, (_, index) => `<13>${text} ${from + index}`)

test('KZ-2.8 a collector alone stores and forwards, and each can be seen also with the link cut', LIMITS, async (t) => {
  const folder = folderOf(t)
  const centre = await startIngest(t, RELP, [collectorSource])
  const wire = await openWire(t, () => centre.port('relp:'))
  const collector = await startCollector(t, configText(folder, `127.0.0.1:${wire.port}`), systemClock)
  await sendLines(collector, numbered(1, 300))
  await sendDatagram(collector.port('udp'), '<13>a datagram')
  await eventually(() => centre.frames().length === 301)
  assert.deepEqual(centre.lines().slice(0, 300), numbered(1, 300))
  assert.deepEqual(
    centre.frames().map(({ collectorSeq }) => collectorSeq),
    Array.from({ length: 301 }, (_, index) => index + 1),
  )
  await eventually(() => collector.store.forwardedSeq === 301)
  wire.cut()
  await sendLines(collector, numbered(301, 50))
  await eventually(() => collector.forwarder.state.trouble !== null)
  assert.equal((await readAll(collector.store)).length, 351, 'forwarded and waiting lines are in the store')
  assert.deepEqual([collector.store.storedSeq, collector.store.forwardedSeq], [351, 301])
  assert.equal(centre.frames().length, 301)
  wire.mend()
  await eventually(() => collector.store.forwardedSeq === 351)
  assert.deepEqual(centre.lines().slice(301), numbered(301, 50))
})

test(
  'KZ-10.3e a centre that is away for 72 hours gets every line once, with the time it was taken',
  LIMITS,
  async (t) => {
    const folder = folderOf(t)
    const start = Date.now() - 80 * HOUR_MS
    const clock = manualClock(start)
    const centre = await startIngest(t, RELP, [collectorSource])
    const wire = await openWire(t, () => centre.port('relp:'))
    wire.cut()
    let collector = await startCollector(t, configText(folder, `127.0.0.1:${wire.port}`), clock)
    for (let hour = 0; hour < 72; hour++) {
      await sendLines(collector, numbered(hour * 20, 20))
      clock.advance(HOUR_MS)
      collector.store.tend()
      if (hour % 24 === 23) {
        await collector.stop()
        collector = await startCollector(t, configText(folder, `127.0.0.1:${wire.port}`), clock)
      }
    }
    assert.equal(centre.frames().length, 0)
    wire.mend()
    await eventually(() => centre.frames().length >= 1_440)
    await eventually(() => collector.store.forwardedSeq === 1_440)
    assert.deepEqual(centre.lines(), numbered(0, 1_440))
    assert.deepEqual(
      centre.frames().map(({ receivedAt }) => (receivedAt - start) / HOUR_MS),
      Array.from({ length: 1_440 }, (_, index) => Math.floor(index / 20)),
    )
  },
)

test('connections that break in the middle lose nothing and double nothing', LIMITS, async (t) => {
  const folder = folderOf(t)
  const centre = await startIngest(t, RELP, [collectorSource])
  const wire = await openWire(t, () => centre.port('relp:'))
  const collector = await startCollector(t, configText(folder, `127.0.0.1:${wire.port}`), systemClock)
  for (let round = 0; round < 20; round++) {
    // What the centre has not acknowledged when the wire breaks goes out again.
    centre.state.acknowledging = round % 3 !== 0
    const { sent } = collector.forwarder.state
    await sendLines(collector, numbered(round * 200, 200))
    await eventually(() => collector.forwarder.state.sent > sent)
    wire.blink()
    centre.release()
  }
  await eventually(() => collector.store.forwardedSeq === 4_000)
  assert.deepEqual(centre.lines().toSorted(), numbered(0, 4_000).toSorted())
  assert.ok(wire.state.connections >= 20)
})

test(
  'VN-5.2a-1 the three kinds of input get through a link that was cut for 8 hours, in order for each source',
  LIMITS,
  async (t) => {
    const folder = folderOf(t)
    const clock = manualClock(Date.now() - 9 * HOUR_MS)
    const centre = await startIngest(t, RELP, [collectorSource])
    const wire = await openWire(t, () => centre.port('relp:'))
    wire.cut()
    const collector = await startCollector(t, configText(folder, `127.0.0.1:${wire.port}`), clock)
    const inputs = [
      ['127.0.0.2', 'application'],
      ['127.0.0.3', 'system'],
      ['127.0.0.4', 'firewall'],
    ] as const
    for (let hour = 0; hour < 8; hour++) {
      for (const [address, kind] of inputs) await sendLines(collector, numbered(hour * 10, 10, kind), address)
      clock.advance(HOUR_MS)
      collector.store.tend()
    }
    wire.mend()
    await eventually(() => centre.frames().length === 240)
    for (const [address, kind] of inputs) {
      const lines = centre
        .blocks()
        .filter(({ peerAddress }) => peerAddress === address)
        .flatMap(({ frames }) => frames.map(({ octets }) => octets.toString()))
      assert.deepEqual(lines, numbered(0, 80, kind))
    }
  },
)

test(
  'syslog instead of RELP: what was sent shortly before a break goes out again and is taken once',
  LIMITS,
  async (t) => {
    const folder = folderOf(t)
    const centre = await startIngest(t, {}, [collectorSource])
    const wire = await openWire(t, () => centre.port('tcp:'))
    const text = configText(folder, `127.0.0.1:${wire.port}`).replace(
      'plaintext: true',
      'plaintext: true, protocol: syslog, settleSeconds: 1',
    )
    const collector = await startCollector(t, text, systemClock)
    for (let round = 0; round < 5; round++) {
      await sendLines(collector, numbered(round * 100, 100))
      wire.blink()
    }
    await eventually(() => collector.store.forwardedSeq === 500)
    assert.deepEqual(centre.lines(), numbered(0, 500))
  },
)

test('a sender that is not on the list is refused and counted, and nothing of it is kept', LIMITS, async (t) => {
  const folder = folderOf(t)
  const text = configText(folder, '127.0.0.1:1').replace('allow: [127.0.0.0/8]', 'allow: [127.0.0.1]')
  const collector = await startCollector(t, text, systemClock)
  const socket = connect({ port: collector.port('tcp'), host: '127.0.0.1', localAddress: '127.0.0.9' })
  socket.end('<13>secret\n')
  await eventually(() => collector.door.tallyOf('tcp').refused === 1)
  await sendLines(collector, ['<13>known'])
  assert.deepEqual(
    (await readAll(collector.store)).map(({ octets }) => octets.toString()),
    ['<13>known'],
  )
})

test('a RELP sender is answered when its line is on disk', LIMITS, async (t) => {
  const folder = folderOf(t)
  const collector = await startCollector(t, configText(folder, '127.0.0.1:1'), systemClock)
  const socket = connect({ port: collector.port('relp'), host: '127.0.0.1' })
  t.after(() => socket.destroy())
  let heard = ''
  socket.on('data', (chunk) => {
    heard += chunk.toString()
    if (/^2 rsp 6 200 OK$/m.test(heard)) answeredAt ??= collector.store.storedSeq
  })
  let answeredAt: number | null = null
  socket.write('1 open 15 commands=syslog\n2 syslog 7 <13>one\n')
  await eventually(() => answeredAt !== null)
  assert.equal(answeredAt, 1)
})

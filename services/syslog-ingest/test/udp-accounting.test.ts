import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startVictim, type Victim } from '@tocsin/test/support/kill'

const FULL = process.env['TOCSIN_TEST_DOSE'] === 'full'
/** Datagrams of each phase; in the full dose 10,000,000 in all. */
const DATAGRAMS = FULL ? 2_500_000 : 15_000
const SENDERS = 8
const PROCESS = join(import.meta.dirname, 'udp-process.ts')

interface Totals {
  received: number
  accepted: number
  refused: number
  dropped: number
  kernel: number
  alarms: number
}

/** Ingests that share one port. */
async function share(t: TestContext, count: number): Promise<{ port: number; ingests: Victim[] }> {
  const ingests: Victim[] = []
  let port = 0
  for (let number = 0; number < count; number++) {
    const ingest = startVictim(PROCESS, { env: { SYSLOG_INGEST_UDP_PORT: String(port) } })
    t.after(() => ingest.kill())
    const line = await ingest.lineLike(/^\{"port":/)
    port = (JSON.parse(line) as { port: number }).port
    ingests.push(ingest)
  }
  return { port, ingests }
}

async function totalsOf(ingest: Victim): Promise<Totals> {
  ingest.child.kill('SIGTERM')
  return (JSON.parse(await ingest.lineLike(/^\{"totals":/)) as { totals: Totals }).totals
}

/** Sends from several sockets, `burst` at a time with a pause between; resolves when all have left. */
async function send(port: number, count: number, burst: number, pauseMs: number): Promise<void> {
  const sockets: Socket[] = Array.from({ length: SENDERS }, () => createSocket('udp4'))
  const octets = Buffer.from(`<13>Nov 22 02:30:11 host app: ${'x'.repeat(200)}`)
  for (let sent = 0; sent < count; ) {
    const batch = Math.min(burst, count - sent)
    const left = Array.from({ length: batch }, (_, index) => {
      const socket = sockets[(sent + index) % SENDERS] as Socket
      return new Promise<void>((resolve, reject) =>
        socket.send(octets, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))),
      )
    })
    await Promise.all(left)
    sent += batch
    if (pauseMs > 0) await pause(pauseMs)
  }
  for (const socket of sockets) {
    const closed = once(socket, 'close')
    socket.close()
    await closed
  }
}

test('OPS-R15 two processes on one port: every datagram sent is received, refused or counted as dropped by the kernel', {
  timeout: FULL ? 1_800_000 : 60_000,
  skip: existsSync('/proc/net/udp') ? false : 'this system has no /proc/net/udp',
}, async (t) => {
  const { port, ingests } = await share(t, 2)
  // Below what they can take, at it, beyond it, and with a reader that stands still.
  await send(port, DATAGRAMS, 20, 1)
  await send(port, DATAGRAMS, 100, 0)
  await send(port, DATAGRAMS, 2_000, 0)
  ingests[0]?.freeze()
  await send(port, DATAGRAMS, 500, 0)
  ingests[0]?.thaw()
  await pause(1_200)
  const totals = await Promise.all(ingests.map(totalsOf))
  for (const each of totals) assert.equal(each.received, each.accepted + each.refused + each.dropped)
  const sum = (field: keyof Totals) => totals.reduce((all, each) => all + each[field], 0)
  assert.equal(sum('received'), 4 * DATAGRAMS, 'sent = received, kernel drops included')
  assert.ok(
    totals.every(({ accepted }) => accepted > 0),
    'both processes have a share',
  )
  assert.ok(sum('kernel') > 0, 'the frozen reader lost some')
  assert.equal(sum('dropped'), sum('kernel'))
  assert.ok(sum('alarms') >= 1, 'the loss was told')
  t.diagnostic(`${4 * DATAGRAMS} sent, ${sum('accepted')} accepted, ${sum('kernel')} dropped by the kernel`)
})

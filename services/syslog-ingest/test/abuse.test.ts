import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { RawBlock } from '@tocsin/events'
import { openSender } from '../src/adapters/syslog-sender.ts'
import type { Target } from '../src/generator/plan.ts'
import { eventually, startIngest } from './ingest-under-test.ts'

const FULL = process.env['TOCSIN_TEST_DOSE'] === 'full'
const IDLE = FULL ? 5_000 : 500
const STALLED = FULL ? 1_000 : 150
const LINES = FULL ? 500_000 : 20_000
const PER_ADDRESS = 50
const HONEST = '127.0.0.9'
const RELP_OPEN = '1 open 30 relp_version=0\ncommands=syslog\n'

async function dial(t: TestContext, port: number, from: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  socket.on('error', () => {})
  socket.resume()
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Loopback addresses enough for so many connections. */
const addressOf = (net: number, index: number) =>
  `127.${net}.${Math.floor(index / PER_ADDRESS / 200)}.${1 + (Math.floor(index / PER_ADDRESS) % 200)}`

const target = (transport: Target['transport'], port: number): Target => ({
  transport,
  host: '127.0.0.1',
  port,
  framing: 'octet-counting',
  caFile: null,
  certFile: null,
  keyFile: null,
  insecure: true,
})

test('OPS-R11 idle connections, endless frames, one octet a second, stalled handshakes: honest senders keep their rate, memory stays bounded', {
  timeout: FULL ? 900_000 : 60_000,
}, async (t) => {
  const { port, metrics, sent, state, ingest } = await startIngest(t, {
    SYSLOG_INGEST_RELP_PORT: '0',
    SYSLOG_INGEST_MAX_CONNECTIONS: String(IDLE + 400),
    SYSLOG_INGEST_MAX_CONNECTIONS_PER_ADDRESS: String(PER_ADDRESS),
    SYSLOG_INGEST_MAX_CONNECTIONS_PER_SOURCE: '100000',
  })
  let arrived = 0
  /** Counts what honest senders got in, and holds nothing. */
  const collect = () => {
    for (const { topic, value } of sent.splice(0)) {
      const block = topic === 'raw-blocks' ? (value as RawBlock) : null
      if (block?.peerAddress === HONEST) arrived += block.frames.length
    }
  }
  /** Seconds in which an honest sender gets its lines in. */
  const honest = async (transport: Target['transport']): Promise<number> => {
    collect()
    const wanted = arrived + LINES
    const line = Buffer.from(`<13>Nov 22 02:30:11 host app: ${'x'.repeat(150)}`)
    const begun = performance.now()
    const sender = await openSender(target(transport, port(`${transport}:`)), HONEST)
    for (let at = 0; at < LINES; at += 500) {
      await sender.send(Array.from({ length: 500 }, () => line))
      collect()
    }
    await sender.close()
    await eventually(() => {
      collect()
      return arrived >= wanted
    })
    return (performance.now() - begun) / 1_000
  }
  await honest('tcp')
  const quiet = Math.min(await honest('tcp'), await honest('tcp'))
  const quietTls = Math.min(await honest('tls'), await honest('tls'))
  const residentBefore = process.memoryUsage().rss

  const idle: Socket[] = []
  for (let index = 0; index < IDLE; index++) idle.push(await dial(t, port('tcp:'), addressOf(2, index)))
  // Each holds the beginning of a frame: an endless one, a huge count, one octet, a RELP head.
  for (const [index, socket] of idle.entries()) {
    if (index % 5 === 0) socket.write(`<13>${'y'.repeat(100_000)}`)
    else if (index % 5 === 1) socket.write('16777216 <')
    else if (index % 5 === 2) socket.write('4294967296 <13>x')
    else if (index % 5 === 3) socket.write('<')
  }
  for (let index = 0; index < STALLED; index++) {
    const socket = await dial(t, port('tls:'), addressOf(3, index))
    if (index % 2 === 0) socket.write(Buffer.from('1603010200010001fc0303', 'hex'))
    const relp = await dial(t, port('relp:'), addressOf(4, index))
    relp.write(index % 2 === 0 ? `${RELP_OPEN}2 syslog 99999 ` : '1')
  }
  const tcp = ingest.listeners.find(({ name }) => name.startsWith('tcp:'))
  await eventually(() => tcp?.connections() === IDLE)
  const loud = Math.min(await honest('tcp'), await honest('tcp'), await honest('tcp'))
  const loudTls = Math.min(await honest('tls'), await honest('tls'), await honest('tls'))
  const grown = process.memoryUsage().rss - residentBefore

  // A further one from an address that has its share is turned away; the honest address is not.
  const more = await dial(t, port('tcp:'), addressOf(2, 0))
  if (!more.closed) await once(more, 'close')
  const stalledMore = await dial(t, port('tls:'), addressOf(3, 0))
  if (!stalledMore.closed) await once(stalledMore, 'close')
  assert.match(
    await metrics.registry.metrics(),
    /listener="tcp:[^}]*too_many_from_address|too_many_from_address[^}]*listener="tcp:/,
  )
  t.diagnostic(
    `${LINES} lines: tcp ${quiet.toFixed(2)} s alone, ${loud.toFixed(2)} s beside; tls ${quietTls.toFixed(2)} s, ${loudTls.toFixed(2)} s; ${Math.round(grown / 1_048_576)} MiB more`,
  )
  // In the short form a run is a fraction of a second on a shared machine: only a collapse is told from noise.
  const floor = FULL ? 0.95 : 0.4
  assert.ok(quiet / loud >= floor, `tcp kept ${(quiet / loud).toFixed(2)} of its rate`)
  assert.ok(quietTls / loudTls >= floor, `tls kept ${(quietTls / loudTls).toFixed(2)} of its rate`)
  const bound = (IDLE + 2 * STALLED) * (65_536 + 32_768) + 100 * 1_048_576
  assert.ok(grown < bound, `${grown} octets more, bound ${bound}`)

  // What takes too long is ended, and what came of it is kept.
  state.monotonicMs = 31_000
  await eventually(() => (tcp?.connections() ?? 0) <= IDLE / 5 + 1)
  assert.match(await metrics.registry.metrics(), /reason="slow_frame"/)
})

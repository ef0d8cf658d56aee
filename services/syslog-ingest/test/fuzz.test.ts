import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { RawBlock } from '@tocsin/events'
import { hostile, randomOf } from './hostile-octets.ts'
import { eventually, startIngest } from './ingest-under-test.ts'

const FULL = process.env['TOCSIN_TEST_DOSE'] === 'full'
/** Hostile frames over all transports together: 10,000,000 by `TOCSIN_TEST_DOSE=full node --test …/fuzz.test.ts`. */
const FRAMES = Number(process.env['TOCSIN_TEST_FRAMES'] ?? (FULL ? 10_000_000 : 8_000))
const BATCH = 400
const SEED = Number(process.env['TOCSIN_TEST_SEED'] ?? 20_261_122)
const TOKEN = 'fuzz'

type Random = (below: number) => number
/** Sends hostile and good frames side by side; resolves when they have left. */
type Way = (hostileFrames: readonly Buffer[], goodLines: readonly Buffer[]) => Promise<void>

const counted = (octets: Buffer): Buffer => Buffer.concat([Buffer.from(`${octets.length} `), octets])
const withoutBreaks = (octets: Buffer): Buffer =>
  Buffer.concat([Buffer.from('<'), octets.map((octet) => (octet === 10 || octet === 0 ? 32 : octet))])
const mixed = (bad: readonly Buffer[], good: readonly Buffer[], frame: (octets: Buffer) => Buffer): Buffer =>
  Buffer.concat(bad.flatMap((octets, index) => [frame(octets), frame(good[index] as Buffer)]))

async function written(socket: Socket, octets: Buffer): Promise<void> {
  if (!socket.write(octets)) await once(socket, 'drain')
}

async function open(t: TestContext, port: number, secure: boolean): Promise<Socket> {
  const socket = secure
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  socket.resume()
  t.after(() => socket.destroy())
  await once(socket, secure ? 'secureConnect' : 'connect')
  return socket
}

async function waysOf(t: TestContext, port: (name: string) => number): Promise<Map<string, Way>> {
  const ways = new Map<string, Way>()
  const udp = createSocket('udp4')
  t.after(() => udp.close())
  ways.set('udp', async (bad, good) => {
    for (const [index, octets] of bad.entries()) {
      await new Promise((resolve) => udp.send(octets, port('udp:'), '127.0.0.1', resolve))
      await new Promise((resolve) => udp.send(good[index] as Buffer, port('udp:'), '127.0.0.1', resolve))
      if (index % 10 === 9) await new Promise((resolve) => setImmediate(resolve))
    }
  })
  const newline = await open(t, port('tcp:'), false)
  ways.set('tcp by newline', (bad, good) =>
    written(
      newline,
      mixed(bad.map(withoutBreaks), good, (octets) => Buffer.concat([octets, Buffer.from('\n')])),
    ),
  )
  // The first counted frame of a connection must begin like a message; after it anything may come.
  const octetCounted = await open(t, port('tcp:'), false)
  octetCounted.write('5 <13>x')
  ways.set('tcp by octet counting', (bad, good) => written(octetCounted, mixed(bad, good, counted)))
  const tls = await open(t, port('tls:'), true)
  ways.set('tls', (bad, good) =>
    written(
      tls,
      mixed(bad.map(withoutBreaks), good, (octets) => Buffer.concat([octets, Buffer.from('\n')])),
    ),
  )
  for (const name of ['relp', 'relp-tls']) {
    const socket = await open(t, port(`${name}:`), name === 'relp-tls')
    let txnr = 1
    const offers = 'relp_version=0\ncommands=syslog'
    socket.write(`${txnr++} open ${offers.length} ${offers}\n`)
    ways.set(name, (bad, good) =>
      written(
        socket,
        mixed(bad, good, (octets) => {
          if (txnr > 999_999_999) txnr = 1
          return Buffer.concat([Buffer.from(`${txnr++} syslog ${octets.length} `), octets, Buffer.from('\n')])
        }),
      ),
    )
  }
  const beats = await open(t, port('beats:'), false)
  ways.set('beats', (bad, good) => {
    const head = Buffer.from('2W\0\0\0\0', 'latin1')
    head.writeUInt32BE(bad.length * 2, 2)
    let seq = 1
    const events = mixed(bad, good, (octets) => {
      const frame = Buffer.alloc(10)
      frame.write('2J')
      frame.writeUInt32BE(seq++, 2)
      frame.writeUInt32BE(octets.length, 6)
      return Buffer.concat([frame, octets])
    })
    return written(beats, Buffer.concat([head, events]))
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  ways.set('https', async (bad, good) => {
    const call = request({
      port: port('https:'),
      host: '127.0.0.1',
      path: '/lines',
      method: 'POST',
      rejectUnauthorized: false,
      agent,
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    call.end(mixed(bad.map(withoutBreaks), good, (octets) => Buffer.concat([octets, Buffer.from('\n')])))
    const [response] = (await once(call, 'response')) as [{ statusCode: number; resume(): void }]
    response.resume()
    assert.equal(response.statusCode, 200)
  })
  return ways
}

/** A connection that keeps no rule of its protocol: octets of a good stream, changed anywhere, then gone. */
async function vandal(port: number, secure: boolean, random: Random): Promise<void> {
  const socket = secure
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  socket.resume()
  const starts = [
    '',
    '1 open 30 relp_version=0\ncommands=syslog\n2 syslog 9 ',
    '2W\0\0\0\x02' + '2J\0\0\0\x01',
    'POST /lines HTTP/1.1\r\n',
    '9 <13>',
    'PROXY TCP4 ',
  ]
  const octets = Buffer.concat([
    Buffer.from(starts[random(starts.length)] as string, 'latin1'),
    ...Array.from({ length: 1 + random(6) }, () => hostile(random)),
  ])
  socket.write(octets)
  const closed = once(socket, 'close')
  if (random(2) === 0) socket.end()
  else socket.once(secure ? 'secureConnect' : 'connect', () => setImmediate(() => socket.destroy()))
  const late = setTimeout(() => socket.destroy(), 1_000)
  await closed
  clearTimeout(late)
}

test(`${FRAMES} hostile frames over all transports: no crash, no good line lost beside a bad one, memory flat`, {
  timeout: FRAMES > 100_000 ? 7_200_000 : 60_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const tokens = join(folder, 'tokens')
  writeFileSync(tokens, `source-a ${createHash('sha256').update(TOKEN).digest('hex')}\n`)
  const off = Object.fromEntries(
    ['RELP', 'RELP_TLS', 'BEATS', 'HTTPS'].map((name) => [`SYSLOG_INGEST_${name}_PORT`, '0']),
  )
  const { port, sent, metrics } = await startIngest(t, { ...off, SYSLOG_INGEST_HTTPS_TOKENS: tokens })
  const random = randomOf(SEED)
  const ways = await waysOf(t, port)
  let lines = 0
  let frames = 0
  /** Counts and forgets what has come in, so that the test itself holds nothing. */
  const found = new Map<string, string>()
  const collect = () => {
    for (const { topic, value } of sent.splice(0)) {
      if (topic !== 'raw-blocks') continue
      for (const { octets } of (value as RawBlock).frames) {
        frames += 1
        if (octets.subarray(0, 9).toString() === '<13>good ')
          found.set(octets.toString('latin1', 9, 19).trim(), octets.toString())
      }
    }
  }
  let residentAtQuarter = 0
  const prototypes = JSON.stringify([
    Object.getOwnPropertyNames(Object.prototype),
    Object.getOwnPropertyNames(Array.prototype),
  ])
  const streams: [string, boolean][] = [
    ['tcp:', false],
    ['tls:', true],
    ['tls:', false],
    ['relp:', false],
    ['relp-tls:', true],
    ['beats:', false],
    ['https:', true],
  ]
  for (let done = 0; done < FRAMES; ) {
    for (const [name, way] of ways) {
      const bad = Array.from({ length: BATCH }, () => hostile(random))
      const numbers = bad.map(() => lines++)
      const good = numbers.map((number) => Buffer.from(`<13>good ${String(number).padEnd(10)} ${name} \u4e2d\u6587`))
      await way(bad, good)
      const [listener, secure] = streams[random(streams.length)] as [string, boolean]
      await Promise.all([vandal(port(listener), secure, random), vandal(port(listener), secure, random)])
      await eventually(() => {
        collect()
        return numbers.every((number) => found.has(String(number)))
      })
      for (const [index, number] of numbers.entries())
        assert.equal(found.get(String(number)), (good[index] as Buffer).toString(), `seed ${SEED}, ${name}`)
      found.clear()
      done += BATCH
    }
    if (residentAtQuarter === 0 && done >= FRAMES / 4) residentAtQuarter = process.memoryUsage().rss
  }
  const grown = process.memoryUsage().rss - residentAtQuarter
  assert.ok(grown < 150 * 1024 * 1024, `${Math.round(grown / 1_048_576)} MiB more at the end than at a quarter`)
  assert.equal(
    JSON.stringify([Object.getOwnPropertyNames(Object.prototype), Object.getOwnPropertyNames(Array.prototype)]),
    prototypes,
  )
  assert.ok(frames >= lines)
  t.diagnostic(
    `${frames} frames came in, ${lines} good ones among them; ${Math.round(process.memoryUsage().rss / 1_048_576)} MiB resident`,
  )
  assert.match(await metrics.registry.metrics(), /reason="protocol_error"/)
})

import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { EvidenceCheckpoint, SourceCount } from '@tocsin/events'
import { openSender } from '../src/adapters/syslog-sender.ts'
import type { Target } from '../src/generator/plan.ts'
import { certificatePem } from '../src/self-signed.ts'
import { eventually, startIngest } from './ingest-under-test.ts'
import { source } from './registry-records.ts'

const LIMITS = { timeout: 90_000 }

const target = (transport: Target['transport'], port: number, framing: Target['framing'] = 'newline'): Target => ({
  transport,
  host: '127.0.0.1',
  port,
  framing,
  caFile: null,
  certFile: null,
  keyFile: null,
  insecure: true,
})

async function open(t: TestContext, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  socket.resume()
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

test('datagrams, both framings of TCP, and TLS all arrive, each with its sender and framing', LIMITS, async (t) => {
  const { port, frames, blocks } = await startIngest(t)
  const ways = [
    ['udp', 'newline', 'datagram'],
    ['tcp', 'newline', 'newline'],
    ['tcp', 'octet-counting', 'octet-counting'],
    ['tls', 'nul', 'nul'],
  ] as const
  for (const [transport, framing] of ways) {
    const sender = await openSender(target(transport, port(transport), framing), '127.1.0.9')
    await sender.send([Buffer.from(`<13>${transport} ${framing}`)])
    await sender.close()
  }
  await eventually(() => frames().length === 4)
  for (const [transport, framing, kind] of ways) {
    const found = frames().find(({ octets }) => octets.toString() === `<13>${transport} ${framing}`)
    assert.equal(found?.framing, kind)
  }
  assert.deepEqual([...new Set(blocks().map((block) => block.peerAddress))], ['127.1.0.9'])
  assert.deepEqual(
    [...new Set(blocks().map((block) => block.listener))].sort(),
    ['tcp', 'tls', 'udp'].map((name) => `${name}:${port(name)}`),
  )
})

test('both framings, garbage and a 1 MB line on one connection cost no good line beside them', LIMITS, async (t) => {
  const { port, frames, lines } = await startIngest(t)
  const socket = await open(t, port('tcp'))
  const garbage = Buffer.concat([randomBytes(5_000).filter((octet) => octet !== 10 && octet !== 0), Buffer.of(10)])
  socket.write('<13>one\n9 <13>three')
  socket.write(Buffer.concat([Buffer.from('x'), garbage]))
  socket.write(`<13>${'y'.repeat(1_048_576)}\n<13>two\n`)
  await eventually(() => lines().includes('<13>two'))
  assert.ok(lines().includes('<13>one'))
  assert.ok(lines().includes('<13>three'))
  const long = frames().find((frame) => frame.truncatedBytes > 0)
  assert.deepEqual([long?.octets.length, long?.truncatedBytes], [65_536, 1_048_580 - 65_536])
})

test('a stream is paused while Kafka does not acknowledge, and nothing of it is lost', LIMITS, async (t) => {
  const { port, lines, state, release, ingest } = await startIngest(t, { SYSLOG_INGEST_MAX_UNACKNOWLEDGED_MIB: '1' })
  state.acknowledging = false
  const sender = await openSender(target('tcp', port('tcp'), 'octet-counting'), null)
  const all = Array.from({ length: 40_000 }, (_, index) => `<13>${String(index).padStart(6, '0')} ${'x'.repeat(400)}`)
  let sent = false
  const sending = sender.send(all.map((line) => Buffer.from(line))).then(() => {
    sent = true
  })
  const intakeBytes = () => lines().reduce((sum, line) => sum + line.length, 0)
  await eventually(() => intakeBytes() > 500_000)
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.equal(sent, false, 'the sender is held back')
  assert.ok(intakeBytes() < 3 * 1_048_576, `only about the bound was read, not ${intakeBytes()}`)
  release()
  await sending
  await sender.close()
  await eventually(() => lines().length === all.length)
  assert.deepEqual(lines(), all)
  assert.ok(ingest.listeners.length === 3)
})

test('connections are bounded per address and in all, and a place that is left can be taken', LIMITS, async (t) => {
  const { port, lines, metrics } = await startIngest(t, { SYSLOG_INGEST_MAX_CONNECTIONS_PER_ADDRESS: '2' })
  const held = [await open(t, port('tcp')), await open(t, port('tcp'))]
  const third = await open(t, port('tcp'))
  if (!third.closed) await once(third, 'close')
  assert.match(
    await metrics.registry.metrics(),
    /connections_closed_total\{[^}]*reason="too_many_from_address"[^}]*\} 1/,
  )
  held[0]?.destroy()
  await eventually(() => lines().length === 0)
  const next = await untilTaken(t, port('tcp'), () => lines().includes('<13>taken'))
  assert.equal(next, true)
})

async function untilTaken(t: TestContext, port: number, taken: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 50 && !taken(); tries++) {
    const socket = await open(t, port)
    socket.end('<13>taken\n')
    await once(socket, 'close')
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  return taken()
}

test(
  'a frame that takes too long ends the connection and keeps what came; silence does so later',
  LIMITS,
  async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const { port, state, lines, ingest } = await startIngest(t, { SYSLOG_INGEST_IDLE_TIMEOUT_SECONDS: '100' })
    const slow = await open(t, port('tcp'))
    const idle = await open(t, port('tcp'))
    slow.write('<13>slow')
    idle.write('<13>idle\n')
    await eventually(() => lines().includes('<13>idle'))
    await eventually(() => ingest.listeners.find(({ name }) => name.startsWith('tcp'))?.connections() === 2)
    state.monotonicMs = 31_000
    t.mock.timers.tick(1_000)
    if (!slow.closed) await once(slow, 'close')
    await eventually(() => lines().includes('<13>slow'))
    assert.equal(idle.closed, false)
    state.monotonicMs = 101_000
    t.mock.timers.tick(1_000)
    if (!idle.closed) await once(idle, 'close')
  },
)

test('KZ-12b an unlisted address is refused on every listener, counted and alarmed', LIMITS, async (t) => {
  const { port, sent, blocks, stop } = await startIngest(t, {}, [source({ addresses: ['127.1.0.1'] })])
  for (const transport of ['udp', 'tcp', 'tls'] as const) {
    const sender = await openSender(target(transport, port(transport)), '127.1.0.66')
    await sender.send([Buffer.from('<13>secret')])
    await sender.close()
  }
  await eventually(() => sent.filter((output) => output.topic === 'health-events').length === 3)
  await stop()
  assert.equal(blocks().length, 0)
  const counts = sent.filter((output) => output.topic === 'source-counts').map((output) => output.value as SourceCount)
  assert.deepEqual(
    new Map(counts.map((count) => [count.sourceId.split(':')[1], [count.received, count.refused, count.reasons]])),
    new Map(['udp', 'tcp', 'tls'].map((name) => [name, [1, 1, { 'unknown-source': 1 }]])),
  )
  assert.doesNotMatch(JSON.stringify(sent), /secret/)
})

test('a stop reads what is on its way and publishes counts that agree', LIMITS, async (t) => {
  const { port, lines, sent, stop, folder } = await startIngest(t)
  const socket = await open(t, port('tcp'))
  socket.write('<13>one\n<13>unfinished')
  await eventually(() => lines().length === 1)
  assert.equal(await stop(), true)
  assert.deepEqual(lines(), ['<13>one', '<13>unfinished'])
  const [count] = sent.filter((output) => output.topic === 'source-counts').map((output) => output.value as SourceCount)
  assert.deepEqual([count?.sourceId, count?.received, count?.accepted], ['source-a', 2, 2])
  const kinds = sent.flatMap((output) =>
    output.topic === 'evidence-checkpoints' ? [(output.value as EvidenceCheckpoint).kind] : [],
  )
  assert.deepEqual(kinds, ['chain-head', 'tree'])
  assert.ok(readFileSync(join(folder, 'syslog-ingest', 'tls', 'key.pem'), 'utf8').includes('PRIVATE KEY'))
})

/** An authority and a certificate of `name` from it, PEM. */
function issue(name: string, authority?: { cert: string; key: ReturnType<typeof generateKeyPairSync>['privateKey'] }) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const cert = certificatePem({
    subject: name,
    issuer: authority === undefined ? name : 'authority',
    publicKey,
    issuerKey: authority?.key ?? privateKey,
    serial: Buffer.of(1, 2, 3),
    notBeforeMs: Date.now() - 60_000,
    notAfterMs: Date.now() + 600_000,
    addresses: [],
    dnsNames: [],
    isAuthority: authority === undefined,
  })
  return { cert, key: privateKey }
}

test('a verified client certificate decides the source; one that does not verify is turned away', LIMITS, async (t) => {
  const authority = issue('authority')
  const client = issue('firewall-1', authority)
  const stranger = issue('firewall-1')
  const caFile = join((await startIngest(t)).folder, 'ca.pem')
  writeFileSync(caFile, authority.cert)
  const sources = [
    source({ sourceId: 'by-address', addresses: ['127.0.0.0/8'] }),
    source({ sourceId: 'by-certificate', addresses: [], certificateSubjects: ['CN=firewall-1'] }),
  ]
  const { port, blocks, metrics, folder } = await startIngest(t, { SYSLOG_INGEST_TLS_CA_FILE: caFile }, sources)
  const serverCert = readFileSync(join(folder, 'syslog-ingest', 'tls', 'cert.pem'), 'utf8')
  assert.equal(new X509Certificate(serverCert).checkIP('127.0.0.1'), '127.0.0.1')
  const say = async (line: string, options: ConnectionOptions) => {
    const socket = connectTls({ port: port('tls'), host: '127.0.0.1', ca: serverCert, ...options })
    socket.on('error', () => {})
    socket.resume()
    await once(socket, 'secureConnect')
    socket.end(`${line}\n`)
    if (!socket.closed) await once(socket, 'close')
  }
  const pem = (key: typeof client.key) => key.export({ type: 'pkcs8', format: 'pem' })
  await say('<13>certificate', { cert: client.cert, key: pem(client.key) })
  await say('<13>address', { maxVersion: 'TLSv1.2' })
  await say('<13>stranger', { cert: stranger.cert, key: pem(stranger.key) })
  await eventually(() => blocks().length === 2)
  const told = blocks().map((block) => [block.sourceId, block.clientCertificate, block.frames[0]?.octets.toString()])
  assert.deepEqual(told, [
    ['by-certificate', 'CN=firewall-1', '<13>certificate'],
    ['by-address', null, '<13>address'],
  ])
  assert.match(await metrics.registry.metrics(), /connections_closed_total\{[^}]*reason="bad_certificate"[^}]*\} 1/)
})

test('a failed handshake costs nobody else', LIMITS, async (t) => {
  const { port, lines } = await startIngest(t, { SYSLOG_INGEST_MAX_CONNECTIONS: '3' })
  for (let index = 0; index < 10; index++) {
    const socket = await open(t, port('tls'))
    socket.end('this is no ClientHello\n')
    if (!socket.closed) await once(socket, 'close')
  }
  const sender = await openSender(target('tls', port('tls')), null)
  await sender.send([Buffer.from('<13>good')])
  await sender.close()
  await eventually(() => lines().includes('<13>good'))
})

test('a port that is taken is told in one sentence', LIMITS, async (t) => {
  const { port } = await startIngest(t)
  await assert.rejects(startIngest(t, { SYSLOG_INGEST_TCP_PORT: String(port('tcp')) }), {
    code: 'listen_failed',
    message: /tcp listener cannot have 127\.0\.0\.1:\d+ \(EADDRINUSE\)/,
  })
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { freePort } from '@tocsin/test/support/listening'
import fc from 'fast-check'
import { proxyHeader } from '../src/proxy-protocol.ts'
import { eventually, startIngest } from './ingest-under-test.ts'
import { source } from './registry-records.ts'

const HAPROXY = '/usr/sbin/haproxy'
const LIMITS = { timeout: 90_000 }
const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

/** A header of version 2: command (0 LOCAL, 1 PROXY), family and protocol, and what follows. */
const version2 = (command: number, family: number, rest: Buffer): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt8(0x20 | command, 0)
  head.writeUInt8(family, 1)
  head.writeUInt16BE(rest.length, 2)
  return Buffer.concat([SIGNATURE, head, rest])
}
const V4 = version2(1, 0x11, Buffer.from('c0000205c00002091f905678', 'hex'))
const V6 = version2(1, 0x21, Buffer.from(`20010db8${'0'.repeat(24)}20010db8${'0'.repeat(23)}11f905678`, 'hex'))

test('both versions name the sender; a proxy that speaks for itself names none', () => {
  const cases: [Buffer | string, { address: string; port: number } | null][] = [
    ['PROXY TCP4 192.0.2.5 192.0.2.9 8080 514\r\n', { address: '192.0.2.5', port: 8080 }],
    ['PROXY TCP6 2001:DB8:0::5 2001:db8::9 8080 514\r\n', { address: '2001:db8::5', port: 8080 }],
    ['PROXY UNKNOWN\r\n', null],
    ['PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n', null],
    [V4, { address: '192.0.2.5', port: 8080 }],
    [V6, { address: '2001:db8::', port: 8080 }],
    [version2(0, 0, Buffer.alloc(0)), null],
    [version2(1, 0x31, Buffer.alloc(216)), null],
    [
      Buffer.concat([version2(1, 0x11, Buffer.concat([V4.subarray(16), Buffer.from('040001ff', 'hex')]))]),
      { address: '192.0.2.5', port: 8080 },
    ],
  ]
  for (const [header, peer] of cases) {
    const octets = Buffer.from(header as string)
    assert.deepEqual(proxyHeader(Buffer.concat([octets, Buffer.from('<13>x')])), {
      kind: 'header',
      bytes: octets.length,
      peer,
    })
    for (let cut = 0; cut < octets.length; cut++) assert.equal(proxyHeader(octets.subarray(0, cut)).kind, 'more')
  }
})

test('what is no header is told at once, and nothing waits for ever', () => {
  for (const text of [
    '<13>Nov 22 02:30:11 host text',
    'PROXY TCP4 192.0.2.500 192.0.2.9 8080 514\r\n',
    'PROXY TCP4 2001:db8::5 192.0.2.9 8080 514\r\n',
    'PROXY TCP4 192.0.2.5 192.0.2.9 99999 514\r\n',
    'PROXY UDP4 192.0.2.5 192.0.2.9 1 514\r\n',
    `PROXY TCP4 ${'1'.repeat(120)}`,
  ])
    assert.equal(proxyHeader(Buffer.from(text)).kind, 'bad', text)
  assert.equal(proxyHeader(version2(1, 0x11, Buffer.alloc(4))).kind, 'bad')
  assert.equal(proxyHeader(version2(2, 0x11, Buffer.alloc(12))).kind, 'bad')
  assert.equal(proxyHeader(Buffer.concat([SIGNATURE, Buffer.from('2111ffff', 'hex')])).kind, 'bad')
})

test('arbitrary octets behind either beginning never throw', () => {
  const starts = [Buffer.alloc(0), SIGNATURE, Buffer.from('PROXY TCP')]
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) => {
      proxyHeader(Buffer.concat([start, rest]))
    }),
  )
})

const BELIEVED = { SYSLOG_INGEST_PROXY_PROTOCOL_FROM: '127.0.0.1, 192.0.2.0/24', SYSLOG_INGEST_RELP_PORT: '0' }
const BEHIND = [
  source({ sourceId: 'behind', addresses: ['198.51.100.7'] }),
  source({ sourceId: 'proxy', addresses: ['127.0.0.1'] }),
]

async function say(t: TestContext, port: number, octets: (Buffer | string)[], from = '127.0.0.1') {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  socket.on('error', () => {})
  socket.resume()
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  for (const part of octets) {
    socket.write(part)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return socket
}

test('behind a believed proxy the true sender is judged and kept, over TCP, RELP and TLS', LIMITS, async (t) => {
  const { port, blocks } = await startIngest(t, BELIEVED, BEHIND)
  const header = 'PROXY TCP4 198.51.100.7 192.0.2.9 5555 514\r\n'
  const tcp = await say(t, port('tcp'), [header.slice(0, 9), `${header.slice(9)}<13>tcp\n`])
  tcp.end()
  await say(t, port('relp:'), [`${header}1 open 34 relp_version=0\ncommands=syslog,foo\n`, '2 syslog 8 <13>relp\n'])
  const raw = await say(t, port('tls'), [header])
  const secure = connectTls({ socket: raw, rejectUnauthorized: false })
  await once(secure, 'secureConnect')
  secure.end('<13>tls\n')
  await eventually(() => blocks().length === 3)
  assert.deepEqual(
    blocks()
      .map(({ transport, sourceId, peerAddress, peerPort }) => `${transport} ${sourceId} ${peerAddress} ${peerPort}`)
      .sort(),
    ['relp', 'tcp', 'tls'].map((transport) => `${transport} behind 198.51.100.7 5555`),
  )
})

/** HAProxy before the listeners: a port for each version of the header, over TCP, and one before TLS. */
async function startHaproxy(t: TestContext, tcp: number, tls: number) {
  const folder = mkdtempSync(join(tmpdir(), 'haproxy-'))
  const ports = [await freePort(), await freePort(), await freePort()]
  const config = join(folder, 'haproxy.cfg')
  const listen = (name: string, port: number | undefined, to: number, header: string) =>
    `listen ${name}\n  bind 127.0.0.1:${port}\n  server door 127.0.0.1:${to} ${header}\n`
  writeFileSync(
    config,
    `defaults
  mode tcp
  timeout connect 5s
  timeout client 10s
  timeout server 10s
${listen('v1', ports[0], tcp, 'send-proxy')}${listen('v2', ports[1], tcp, 'send-proxy-v2')}${listen('tls', ports[2], tls, 'send-proxy-v2')}`,
  )
  const child = spawn(HAPROXY, ['-db', '-f', config], { stdio: 'ignore' })
  t.after(async () => {
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    rmSync(folder, { recursive: true })
  })
  return ports as [number, number, number]
}

test('HAProxy in front: the sender is the one behind it, with both versions and before TLS', {
  ...LIMITS,
  skip: existsSync(HAPROXY) ? false : 'haproxy is not installed (apt-get install haproxy)',
}, async (t) => {
  const { port, blocks } = await startIngest(t, BELIEVED, [
    source({ sourceId: 'behind', addresses: ['127.5.0.7'] }),
    source({ sourceId: 'proxy', addresses: ['127.0.0.1'] }),
  ])
  const [v1, v2, tls] = await startHaproxy(t, port('tcp'), port('tls'))
  const dial = async (to: number) => {
    for (;;) {
      const socket = connect({ port: to, host: '127.0.0.1', localAddress: '127.5.0.7' })
      const open = await once(socket, 'connect').then(
        () => true,
        () => false,
      )
      if (open) return socket
    }
  }
  for (const to of [v1, v2]) (await dial(to)).end('<13>plain\n')
  const secure = connectTls({ socket: await dial(tls), rejectUnauthorized: false })
  await once(secure, 'secureConnect')
  secure.end('<13>secure\n')
  await eventually(() => blocks().length === 3)
  assert.deepEqual(
    blocks().map(({ sourceId, peerAddress }) => `${sourceId} ${peerAddress}`),
    Array.from({ length: 3 }, () => 'behind 127.5.0.7'),
  )
})

test('from anybody else the header is text, and buys no other address', LIMITS, async (t) => {
  const { port, blocks, lines } = await startIngest(
    t,
    { ...BELIEVED, SYSLOG_INGEST_PROXY_PROTOCOL_FROM: '192.0.2.0/24' },
    BEHIND,
  )
  const socket = await say(t, port('tcp'), ['PROXY TCP4 198.51.100.7 192.0.2.9 5555 514\r\n<13>text\n'])
  socket.end()
  await eventually(() => lines().length === 2)
  assert.deepEqual([blocks()[0]?.sourceId, lines()[1]], ['proxy', '<13>text'])
})

test('a believed proxy without a header, or with a broken one, is closed and counted', LIMITS, async (t) => {
  const { port, blocks, metrics } = await startIngest(t, BELIEVED, BEHIND)
  for (const octets of ['<13>no header\n', 'PROXY TCP4 nonsense\r\n']) {
    const socket = await say(t, port('tcp'), [octets])
    if (!socket.closed) await once(socket, 'close')
  }
  assert.equal(blocks().length, 0)
  assert.match(await metrics.registry.metrics(), /connections_closed_total\{[^}]*reason="bad_proxy_header"[^}]*\} 2/)
})

test('connections are bounded by the address behind the proxy, not by the proxy', LIMITS, async (t) => {
  const limits = { ...BELIEVED, SYSLOG_INGEST_MAX_CONNECTIONS_PER_ADDRESS: '1' }
  const { port, lines, metrics } = await startIngest(t, limits, [source({ addresses: ['198.51.100.0/24'] })])
  const header = (last: number) => `PROXY TCP4 198.51.100.${last} 192.0.2.9 5555 514\r\n<13>from ${last}\n`
  await say(t, port('tcp'), [header(1)])
  await say(t, port('tcp'), [header(2)])
  await eventually(() => lines().length === 2)
  const second = await say(t, port('tcp'), [header(1)])
  if (!second.closed) await once(second, 'close')
  assert.match(await metrics.registry.metrics(), /reason="too_many_from_address"[^}]*\} 1/)
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { LineCutter } from '../src/line-cutter.ts'
import { parseTokens } from '../src/sender-tokens.ts'
import { issue } from './certificates.ts'
import { eventually, startIngest } from './ingest-under-test.ts'
import { source } from './registry-records.ts'

const LIMITS = { timeout: 90_000 }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const TOKEN = 'token-of-the-workstations'

test('lines are cut at line feeds only, whatever the pieces; longer ones lose their end', () => {
  const line = fc.uint8Array({ maxLength: 60 }).map((octets) => octets.filter((octet) => octet !== 10 && octet !== 13))
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 30 }), fc.boolean(), (lines, size, ended) => {
      const found: [string, number][] = []
      const cutter = new LineCutter((octets, cut) => found.push([octets.toString('hex'), cut]), 20)
      const octets = Buffer.from(
        lines.map((text) => Buffer.from(text).toString('latin1')).join('\n') + (ended ? '\n' : ''),
        'latin1',
      )
      for (let at = 0; at < octets.length; at += size) cutter.push(octets.subarray(at, at + size))
      cutter.end()
      const expected = lines
        .filter(({ length }) => length > 0)
        .map((text) => [Buffer.from(text.subarray(0, 20)).toString('hex'), Math.max(0, text.length - 20)])
      assert.deepEqual(found, expected)
    }),
  )
})

test('a token file names sources by the hash of their token; a wrong line is named', () => {
  const tokens = parseTokens(`# workstations\n\nsource-a ${sha256('one')}\nsource-a\t${sha256('two')}\n`)
  assert.deepEqual(
    [tokens.sourceOf('one'), tokens.sourceOf('two'), tokens.sourceOf('three')],
    ['source-a', 'source-a', null],
  )
  assert.throws(() => parseTokens('source-a secret'), /line 1/)
  assert.throws(() => parseTokens(`a ${sha256('one')}\nb ${sha256('one')}`), /line 2/)
})

async function setUp(t: TestContext, env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'https-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const authority = issue('authority')
  const server = issue('door', authority)
  const ingest = await startIngest(
    t,
    {
      SYSLOG_INGEST_HTTPS_PORT: '0',
      SYSLOG_INGEST_TLS_CERT_FILE: file('door.pem', server.cert),
      SYSLOG_INGEST_TLS_KEY_FILE: file('door.key', server.key),
      SYSLOG_INGEST_TLS_CA_FILE: file('ca.pem', authority.cert),
      SYSLOG_INGEST_HTTPS_TOKENS: file('tokens', `by-token ${sha256(TOKEN)}\nelsewhere ${sha256('far')}\n`),
      ...env,
    },
    [
      source({ sourceId: 'by-address', addresses: ['127.0.0.0/8'] }),
      source({ sourceId: 'by-token', addresses: [], certificateSubjects: ['CN=nobody'] }),
      source({ sourceId: 'elsewhere', addresses: ['192.0.2.7'] }),
      source({ sourceId: 'by-certificate', addresses: [], certificateSubjects: ['CN=forwarder'] }),
    ],
  )
  const post = async (
    body: Buffer | string,
    headers: Record<string, string> = {},
    options: { cert?: string; key?: string; path?: string; method?: string } = {},
  ) => {
    const call = request({
      port: ingest.port('https'),
      host: '127.0.0.1',
      ca: authority.cert,
      path: '/lines',
      method: 'POST',
      agent: false,
      headers,
      ...options,
    })
    call.on('error', () => {})
    call.end(body)
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    let text = ''
    for await (const chunk of response) text += String(chunk)
    return { status: response.statusCode, body: JSON.parse(text) as { accepted?: number; code?: string } }
  }
  return { ...ingest, post, authority, folder }
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test(
  'lines come in under the source of the token or the certificate, plain or gzip, and are answered when Kafka has them',
  LIMITS,
  async (t) => {
    const { post, blocks, frames, lines, authority, state, release } = await setUp(t)
    assert.deepEqual(await post('{"n":1}\n{"n":2}\r\n\n{"n":3}', bearer(TOKEN)), { status: 200, body: { accepted: 3 } })
    assert.deepEqual(lines(), ['{"n":1}', '{"n":2}', '{"n":3}'])
    assert.deepEqual(
      [blocks()[0]?.sourceId, blocks()[0]?.transport, frames()[0]?.framing],
      ['by-token', 'https', 'ndjson'],
    )
    const client = issue('forwarder', authority)
    const zipped = await post(
      gzipSync('{"n":4}\n'),
      { 'content-encoding': 'gzip' },
      { cert: client.cert, key: client.key },
    )
    assert.deepEqual(zipped, { status: 200, body: { accepted: 1 } })
    assert.deepEqual(
      [blocks().at(-1)?.sourceId, blocks().at(-1)?.clientCertificate],
      ['by-certificate', 'CN=forwarder'],
    )
    state.acknowledging = false
    let answered = false
    const last = post('{"n":5}\n', bearer(TOKEN)).then((answer) => {
      answered = true
      return answer
    })
    await eventually(() => lines().includes('{"n":5}'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(answered, false)
    release()
    assert.equal((await last).status, 200)
  },
)

test(
  'without a proof, from a wrong place, too large, bombed or wrongly packed: refused, and nothing is kept',
  LIMITS,
  async (t) => {
    const { post, lines, metrics, authority } = await setUp(t, { SYSLOG_INGEST_HTTPS_MAX_BODY_MIB: '1' })
    const secret = '{"secret":true}\n'
    const good = bearer(TOKEN)
    const stranger = issue('stranger', authority)
    const cases: [Buffer | string, Record<string, string>, Parameters<typeof post>[2], number, string][] = [
      [secret, {}, {}, 401, 'unknown_token'],
      [secret, bearer('wrong'), {}, 401, 'unknown_token'],
      [secret, bearer('far'), {}, 403, 'not_admitted'],
      [secret, good, { path: '/elsewhere' }, 404, 'not_found'],
      [secret, good, { method: 'PUT' }, 405, 'method_not_allowed'],
      [secret, { ...good, 'content-encoding': 'br' }, {}, 415, 'unknown_encoding'],
      ['x'.repeat(1_100_000), { ...good, 'content-length': '1100000' }, {}, 413, 'too_large'],
      ['no gzip', { ...good, 'content-encoding': 'gzip' }, {}, 400, 'bad_body'],
    ]
    for (const [body, headers, options, status, code] of cases)
      assert.deepEqual(await post(body, headers, options).then((got) => [got.status, got.body.code]), [status, code])
    assert.deepEqual(lines(), [])
    const bomb = await post(gzipSync(Buffer.alloc(50 * 1024 * 1024, 'x')), { ...good, 'content-encoding': 'gzip' })
    assert.deepEqual([bomb.status, bomb.body.code], [413, 'too_large'])
    // A certificate proves who somebody is, not that he may send; here the address lets him in, as over TLS.
    const byAddress = await post('{"n":1}', {}, { cert: stranger.cert, key: stranger.key })
    assert.equal(byAddress.status, 200)
    assert.match(await metrics.registry.metrics(), /reason="unknown_token"[^}]*\} 2/)
  },
)

test('while Kafka does not keep up a request is told to come again, and a repeat is marked', LIMITS, async (t) => {
  const { post, state, release, frames, lines, port, authority } = await setUp(t, {
    SYSLOG_INGEST_MAX_UNACKNOWLEDGED_MIB: '1',
  })
  state.acknowledging = false
  const body = Array.from({ length: 30 }, (_, n) => `{"n":${n},"pad":"${'x'.repeat(50_000)}"}`).join('\n')
  const socket = connectTls({ port: port('https'), host: '127.0.0.1', ca: authority.cert })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  socket.write(
    `POST /lines HTTP/1.1\r\nHost: door\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  await eventually(() => lines().length > 15)
  const full = await post('{"n":0}\n', bearer(TOKEN))
  assert.deepEqual([full.status, full.body.code], [503, 'try_again'])
  socket.destroy()
  release()
  await new Promise((resolve) => setTimeout(resolve, 100))
  const before = frames().length
  assert.deepEqual((await post(body, bearer(TOKEN))).body, { accepted: 30 })
  const repeats = frames()
    .slice(before)
    .filter(({ possibleRepeat }) => possibleRepeat).length
  assert.equal(repeats, before, 'what had come before the break is marked, the rest is not')
})

test('a head that never ends and a connection that asks nothing are closed', LIMITS, async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { port, authority, state, metrics, ingest } = await setUp(t)
  const sockets: TLSSocket[] = []
  for (let number = 0; number < 3; number++) {
    const socket = connectTls({ port: port('https'), host: '127.0.0.1', ca: authority.cert })
    socket.on('error', () => {})
    socket.resume()
    await once(socket, 'secureConnect')
    if (number > 0) socket.write('POST /lines HTTP/1.1\r\nHost: d')
    sockets.push(socket)
  }
  await eventually(() => ingest.listeners.find(({ name }) => name.startsWith('https'))?.connections() === 3)
  state.monotonicMs = 16_000
  t.mock.timers.tick(1_000)
  for (const socket of sockets) if (!socket.closed) await once(socket, 'close')
  assert.match(
    await metrics.registry.metrics(),
    /listener="https:[^}]*reason="idle"[^}]*\} 3|reason="idle"[^}]*listener="https:[^}]*\} 3/,
  )
})

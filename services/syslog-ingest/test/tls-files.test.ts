import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { revokedIn } from '../src/revocation-list.ts'
import { type Issued, issue, revocationList } from './certificates.ts'
import { eventually, startIngest } from './ingest-under-test.ts'
import { source } from './registry-records.ts'

const LIMITS = { timeout: 90_000 }
const MINUTE_MS = 60_000

test('a revocation list gives its serial numbers and its end; text, no list and a cut one are refused', () => {
  const authority = issue('authority')
  const [one, two] = [issue('one', authority), issue('two', authority)]
  const end = Math.floor(Date.now() / 1_000) * 1_000 + MINUTE_MS
  const list = revocationList(authority, [one, two], end)
  const hex = ({ serial }: Issued) => serial.toString('hex').toUpperCase()
  assert.deepEqual(revokedIn(list), { serials: new Set([hex(one), hex(two)]), nextUpdateMs: end })
  assert.equal(revokedIn(revocationList(authority, [])).serials.size, 0)
  for (const bad of ['', 'text', list.replace(/\n.{40}/, '\n'), authority.cert])
    assert.throws(() => revokedIn(bad), RangeError)
})

/** An ingest whose certificate, issuers and revocation list are files, and a sender that speaks TLS to it. */
async function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const folder = mkdtempSync(join(tmpdir(), 'tls-files-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const authority = issue('authority')
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, `${name}.new`), text)
    renameSync(join(folder, `${name}.new`), join(folder, name))
  }
  const door = (issued: Issued) => {
    put('door.pem', issued.cert)
    put('door.key', issued.key)
  }
  door(issue('door-1', authority))
  put('ca.pem', authority.cert)
  put('crl.pem', revocationList(authority, []))
  const ingest = await startIngest(
    t,
    {
      SYSLOG_INGEST_TLS_CERT_FILE: join(folder, 'door.pem'),
      SYSLOG_INGEST_TLS_KEY_FILE: join(folder, 'door.key'),
      SYSLOG_INGEST_TLS_CA_FILE: join(folder, 'ca.pem'),
      SYSLOG_INGEST_TLS_CRL_FILE: join(folder, 'crl.pem'),
    },
    [
      source({ sourceId: 'by-address', addresses: ['127.0.0.0/8'] }),
      source({ sourceId: 'firewall-1', addresses: [], certificateSubjects: ['CN=firewall-1'] }),
    ],
  )
  const dial = (client: Issued | null, options: ConnectionOptions = {}): TLSSocket => {
    const own = client === null ? {} : { cert: client.cert, key: client.key }
    const socket = connect({ port: ingest.port('tls'), host: '127.0.0.1', ca: authority.cert, ...own, ...options })
    socket.on('error', () => {})
    socket.resume()
    t.after(() => socket.destroy())
    return socket
  }
  /** What becomes of a sender that says one line: the source it was taken for, or `closed`. */
  const outcome = async (line: string, client: Issued | null, options: ConnectionOptions = {}): Promise<string> => {
    const socket = dial(client, options)
    socket.on('secureConnect', () => socket.write(`${line}\n`))
    const found = () => ingest.blocks().find(({ frames }) => frames.some(({ octets }) => octets.toString() === line))
    await eventually(() => socket.closed || found() !== undefined)
    const got = found()?.sourceId ?? 'closed'
    socket.destroy()
    return got
  }
  let now = 0
  const look = () => {
    now += 10_000
    ingest.state.monotonicMs = now
    t.mock.timers.tick(1_000)
  }
  const closed = async (reason: string) =>
    Number(
      new RegExp(`connections_closed_total\\{[^}]*reason="${reason}"[^}]*\\} (\\d+)`).exec(
        await ingest.metrics.registry.metrics(),
      )?.[1] ?? 0,
    )
  return { ...ingest, authority, put, door, dial, outcome, look, closed }
}

test(
  'SEC-S6 the handshake matrix: versions, suites, expired, wrong issuer, self-signed, revoked, none',
  LIMITS,
  async (t) => {
    const { authority, outcome, put, look, closed } = await setUp(t)
    const good = issue('firewall-1', authority)
    const matrix: [string, Issued | null, ConnectionOptions, string][] = [
      ['1.3', good, { minVersion: 'TLSv1.3' }, 'firewall-1'],
      ['1.2', good, { maxVersion: 'TLSv1.2' }, 'firewall-1'],
      ['1.1', good, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, 'closed'],
      ['no forward secrecy', good, { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }, 'closed'],
      ['CBC', good, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }, 'closed'],
      ['expired', issue('firewall-1', authority, Date.now() - MINUTE_MS), {}, 'closed'],
      ['wrong issuer', issue('firewall-1', issue('authority')), {}, 'closed'],
      ['self-signed', issue('firewall-1'), {}, 'closed'],
      ['another name', issue('firewall-2', authority), {}, 'by-address'],
      ['no certificate', null, {}, 'by-address'],
    ]
    for (const [what, client, options, expected] of matrix)
      assert.equal(await outcome(`<13>${what}`, client, options), expected, what)
    assert.deepEqual([await closed('certificate_expired'), await closed('bad_certificate')], [1, 2])
    const revoked = issue('firewall-1', authority)
    assert.equal(await outcome('<13>before', revoked), 'firewall-1')
    put('crl.pem', revocationList(authority, [revoked]))
    look()
    assert.equal(await outcome('<13>revoked', revoked), 'closed')
    assert.equal(await outcome('<13>not revoked', good), 'firewall-1')
    assert.ok((await closed('certificate_revoked')) >= 1)
  },
)

test(
  'SEC-S6 a revocation ends the connection that is open, and an old session does not get round it',
  LIMITS,
  async (t) => {
    const { authority, dial, lines, put, look, closed, outcome } = await setUp(t)
    const thief = issue('firewall-1', authority)
    const honest = issue('firewall-1', authority)
    const open = dial(thief, { maxVersion: 'TLSv1.2' })
    const other = dial(honest)
    const session = new Promise<Buffer>((resolve) => open.once('session', resolve))
    open.write('<13>thief\n')
    other.write('<13>honest\n')
    await eventually(() => lines().length === 2)
    put('crl.pem', revocationList(authority, [thief]))
    look()
    if (!open.closed) await once(open, 'close')
    assert.equal(await closed('certificate_revoked'), 1)
    assert.equal(await outcome('<13>again', thief, { maxVersion: 'TLSv1.2', session: await session }), 'closed')
    other.write('<13>still here\n')
    await eventually(() => lines().includes('<13>still here'))
  },
)

test('SEC-S6 a new certificate is served without a restart and without losing a connection', LIMITS, async (t) => {
  const { authority, dial, door, look, lines, put } = await setUp(t)
  const before = dial(null)
  before.write('<13>before\n')
  await eventually(() => lines().length === 1)
  assert.equal(before.getPeerCertificate().subject.CN, 'door-1')
  door(issue('door-2', authority))
  look()
  const after = dial(null)
  await once(after, 'secureConnect')
  assert.equal(after.getPeerCertificate().subject.CN, 'door-2')
  before.write('<13>still open\n')
  await eventually(() => lines().length === 2)
  put('door.pem', 'half a certificate')
  look()
  const last = dial(null)
  await once(last, 'secureConnect')
  assert.equal(last.getPeerCertificate().subject.CN, 'door-2', 'what cannot be used is not taken')
})

test('a revocation list that has run out lets no certificate in, and says why', LIMITS, async (t) => {
  const { authority, put, look, outcome, closed } = await setUp(t)
  put('crl.pem', revocationList(authority, [], Date.now() - 1_000))
  look()
  assert.equal(await outcome('<13>late', issue('firewall-1', authority)), 'closed')
  assert.equal(await outcome('<13>by address', null), 'by-address')
  assert.equal(await closed('revocation_list_expired'), 1)
})

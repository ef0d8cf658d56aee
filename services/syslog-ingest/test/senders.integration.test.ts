import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '@tocsin/test/support/listening'
import { pythonWith } from '@tocsin/test/support/python'
import { issue } from './certificates.ts'
import { eventually, ingestOnKafka } from './ingest-on-kafka.ts'
import { missingRsyslog, startRsyslog } from './rsyslog.ts'

const FULL = process.env['TOCSIN_TEST_DOSE'] === 'full'
const LINES = FULL ? 500_000 : 20_000
const KILLS = FULL ? 12 : 3

const PYLOGBEAT = 'pylogbeat==2.1.0'
const python = pythonWith([PYLOGBEAT])

describe('senders of others on a real broker', { timeout: FULL ? 900_000 : 240_000 }, () => {
  let ingest: Awaited<ReturnType<typeof ingestOnKafka>>
  let ports: Map<string, number>
  const authority = issue('authority')
  const server = issue('door', authority)
  const client = issue('relay-1', authority)
  let settings: Record<string, string>
  const file = (name: string) => join(ingest.folder, name)

  before(async () => {
    ingest = await ingestOnKafka('senders', [
      { sourceId: 'by-address', addresses: ['127.0.0.1'] },
      { sourceId: 'by-certificate', addresses: [], certificateSubjects: ['CN=relay-1'] },
    ])
    writeFileSync(file('ca.pem'), authority.cert)
    writeFileSync(file('door.pem'), server.cert)
    writeFileSync(file('door.key'), server.key)
    writeFileSync(file('relay.pem'), client.cert)
    writeFileSync(file('relay.key'), client.key)
    settings = {
      SYSLOG_INGEST_RELP_PORT: '0',
      SYSLOG_INGEST_RELP_TLS_PORT: '0',
      SYSLOG_INGEST_BEATS_PORT: '0',
      SYSLOG_INGEST_TLS_PORT: '0',
      SYSLOG_INGEST_TLS_CERT_FILE: file('door.pem'),
      SYSLOG_INGEST_TLS_KEY_FILE: file('door.key'),
      SYSLOG_INGEST_TLS_CA_FILE: file('ca.pem'),
    }
    ports = await ingest.start(settings)
  })

  after(() => ingest?.close())

  const numbered = (word: string, count: number) =>
    Array.from({ length: count }, (_, number) => `<13>Nov 22 02:30:11 relay app: ${word} ${number}`)
  const arrived = (word: string) =>
    ingest
      .frames()
      .map((frame) => ({ frame, text: frame.octets.toString() }))
      .filter(({ text }) => text.includes(` app: ${word} `))

  test('rsyslog over RELP: while the ingest is killed again and again nothing is missing, and only marked lines are doubled', {
    skip: missingRsyslog('omrelp'),
  }, async () => {
    const port = ports.get('relp') ?? 0
    const relay = await startRsyslog(
      file('relp'),
      await freePort(),
      'module(load="omrelp")',
      `action(type="omrelp" target="127.0.0.1" port="${port}" template="raw" windowSize="1024" timeout="5"
        action.resumeInterval="1" action.resumeRetryCount="-1")`,
    )
    try {
      const all = numbered('killed', LINES)
      const seen = () => new Set(arrived('killed').map(({ text }) => text)).size
      for (let kill = 0; kill < KILLS; kill++) {
        await relay.send(all.slice((kill * LINES) / KILLS, ((kill + 1) * LINES) / KILLS))
        const before = seen()
        await eventually(() => seen() > before, 'lines flow')
        await ingest.process().kill()
        await ingest.start({ ...settings, SYSLOG_INGEST_RELP_PORT: String(port) })
      }
      await eventually(() => seen() === LINES, 'every line')
      await pause(300)
    } finally {
      await relay.stop()
    }
    const first = new Set<string>()
    const unmarkedDoubles: string[] = []
    for (const { frame, text } of arrived('killed').toSorted((a, b) => a.frame.receivedAt - b.frame.receivedAt)) {
      if (first.has(text) && !frame.possibleRepeat) unmarkedDoubles.push(text)
      first.add(text)
    }
    assert.deepEqual(unmarkedDoubles, [])
    const doubles = arrived('killed').length - first.size
    assert.ok(doubles <= KILLS * 2_048, `${doubles} doubles`)
  })

  test('rsyslog over RELP inside TLS is known by its certificate', { skip: missingRsyslog('omrelp') }, async () => {
    const relpTls = (await ingestPorts()).get('relp-tls') ?? 0
    const relay = await startRsyslog(
      file('relp-tls'),
      await freePort(),
      'module(load="omrelp")',
      `action(type="omrelp" target="127.0.0.1" port="${relpTls}" template="raw" tls="on" tls.caCert="${file('ca.pem')}"
        tls.myCert="${file('relay.pem')}" tls.myPrivKey="${file('relay.key')}" tls.authMode="name" tls.permittedPeer="localhost"
        action.resumeInterval="1" action.resumeRetryCount="-1")`,
    )
    await relay.send(numbered('secured', 500))
    await eventually(() => arrived('secured').length >= 500, '500 lines')
    await relay.stop()
    const block = ingest.blocks.find(({ frames }) => frames.some(({ octets }) => octets.includes('app: secured ')))
    assert.deepEqual(
      [block?.sourceId, block?.transport, block?.clientCertificate],
      ['by-certificate', 'relp', 'CN=relay-1'],
    )
  })

  test('rsyslog over syslog inside TLS is known by its certificate', {
    skip: missingRsyslog('lmnsd_gtls'),
  }, async () => {
    const tls = (await ingestPorts()).get('tls') ?? 0
    const relay = await startRsyslog(
      file('tls'),
      await freePort(),
      `global(defaultNetstreamDriverCAFile="${file('ca.pem')}" defaultNetstreamDriverCertFile="${file('relay.pem')}"
        defaultNetstreamDriverKeyFile="${file('relay.key')}") # gtls`,
      `action(type="omfwd" target="127.0.0.1" port="${tls}" protocol="tcp" template="raw" TCP_Framing="octet-counted"
        StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost"
        action.resumeInterval="1" action.resumeRetryCount="-1")`,
    )
    await relay.send(numbered('forwarded', 500))
    await eventually(() => arrived('forwarded').length >= 500, '500 lines')
    await relay.stop()
    const block = ingest.blocks.find(({ frames }) => frames.some(({ octets }) => octets.includes('app: forwarded ')))
    assert.deepEqual([block?.sourceId, block?.transport], ['by-certificate', 'tls'])
    assert.equal(block?.frames[0]?.framing, 'octet-counting')
  })

  test('a Beats client of others gets its answers and its events arrive', {
    skip: python === null && `${PYLOGBEAT} cannot be installed for Python 3`,
  }, async () => {
    const port = (await ingestPorts()).get('beats') ?? 0
    const script = `
from pylogbeat import PyLogBeatClient
client = PyLogBeatClient('127.0.0.1', ${port}, ssl_enable=False, keyfile=None, certfile=None, ca_certs=None)
client.connect()
for batch in range(20):
    client.send([{'message': ' app: beat %d ' % (batch * 50 + number)} for number in range(50)])
client.close()
`
    const { status, stderr } = spawnSync(python ?? '', ['-c', script], { encoding: 'utf8', timeout: 90_000 })
    assert.equal(status, 0, stderr)
    // It has seen all its answers, so Kafka has all its events.
    await eventually(() => arrived('beat').length === 1_000, '1,000 events')
  })

  async function ingestPorts(): Promise<Map<string, number>> {
    if (ingest.process().child.exitCode !== null || ingest.process().child.signalCode !== null)
      ports = await ingest.start(settings)
    for (const line of ingest.process().lines) {
      if (!line.includes('listening on ')) continue
      const { listener, port } = JSON.parse(line) as { listener?: string; port?: number }
      if (listener !== undefined && port !== undefined) ports.set(listener.split(':')[0] as string, port)
    }
    return ports
  }
})

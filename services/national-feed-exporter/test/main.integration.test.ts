// The whole service as a process: real Kafka, registry and FTPS server; killed on the way.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, createPublicKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { schemaOf } from '@tocsin/avro'
import type { Delivery, EnrichedEvent, FeedRecord, Ticket } from '@tocsin/events'
import { openPackage } from '@tocsin/exchange'
import { makeSigningKey } from '@tocsin/runtime'
import type { Output } from '@tocsin/stage'
import { withAdmin } from '@tocsin/stage/admin'
import { type Kafka, openKafkaForCommand } from '@tocsin/stage/kafka'
import { type FtpsServer, startFtps } from '@tocsin/test/support/ftps'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { account } from './account/example-account.ts'
import { runCommand } from './command-run.ts'
import { ExporterProcess, ftpsSettings, makeTopics } from './exporter-process.ts'
import { change, constituent, defaultRuleSet, detection, incident, source } from './fixtures.ts'
import { readWithPython, validateWithXmllint } from './independent-parser.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-exporter-main-'))
const prefix = `exporter-${process.pid}.`
const TICKETS = 20
/** What anybody on the machine could see of the process. */
let seen = { running: '', said: '' }
const processOf = (pid: number): string =>
  ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8')).join('\n')

let stack: Stack
let server: FtpsServer
let exporter: ExporterProcess | null = null

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  server = await startFtps({ dir: base })
  taxiiPort = await freePort()
  keysFile = join(base, 'taxii-keys.yaml')
  const sha256 = createHash('sha256').update(TAXII_KEY).digest('hex')
  writeFileSync(keysFile, `- {agency: tw-nccst, sha256: ${sha256}}\n`)
  const agencies = ['feed.tw-nccst', 'feed.kz-nsc', 'feed.vn-mic']
  await makeTopics(stack, prefix, [...agencies, 'incidents', 'enriched-events'])
})

after(async () => {
  await exporter?.end('SIGKILL')
  await server.stop()
  await stack.stop()
  rmSync(base, { recursive: true })
})

const TAXII_KEY = randomBytes(16).toString('hex')
let taxiiPort = 0
let keysFile = ''

function startService(): ExporterProcess {
  const passwordFile = join(base, 'password')
  writeFileSync(passwordFile, server.password, { mode: 0o600 })
  const own = {
    ...ftpsSettings(server, passwordFile),
    ORGANIZATION: 'EXAMPLE-SOC',
    PREFIX: 'EXSOC',
    PROFILE_STATE: 'production',
    DEPLOYMENT: 'tw-centre',
    TAXII_PORT: String(taxiiPort),
    TAXII_KEYS_FILE: keysFile,
  }
  return new ExporterProcess({ stack, prefix, own, env: { TOCSIN_LOG_LEVEL: 'debug' } })
}

test('XC-5 detections on the topic become files on the FTPS server, each once, though the process is killed on the way', async () => {
  const kafka = await openKafkaForCommand({ ...stack.env, TOCSIN_TOPIC_PREFIX: prefix })
  try {
    const publisher = await kafka.publisher()
    const send = (output: Output) => publisher.send(output)
    await send({ topic: 'registry-constituents', key: 'tw-ey', value: constituent() })
    await send({ topic: 'registry-sources', key: 'C017', value: source() })
    await send({ topic: 'rule-sets', key: 'default', value: defaultRuleSet() })
    const ids = Array.from({ length: TICKETS }, (_, index) => `d-${index}`)
    await send({ topic: 'incident-changes', key: 'tw-ey', value: change(incident({ detectionIds: ids })) })
    for (const id of ids) await send({ topic: 'detections', key: 'tw-ey', value: detection({ detectionId: id }) })

    const tickets = new Map<string, Ticket>()
    const feed: FeedRecord[] = []
    const following = await kafka.follow(['tickets', 'feed-records'], { from: 'beginning' }, (record) => {
      if (record.value === null) return
      if (record.topic === 'tickets') tickets.set(record.key, record.value)
      else feed.push(record.value)
    })
    exporter = startService()
    const incidents = () => readdirSync(join(server.root, 'incident')).filter((name) => name.endsWith('.xml'))
    const until = async (what: string, holds: () => boolean) => {
      const giveUpMs = performance.now() + 90_000
      while (!holds()) {
        assert.ok(performance.now() < giveUpMs, `${what} did not happen`)
        await pause(20)
      }
    }
    await until('a first file', () => incidents().length > 0)
    await exporter.end('SIGKILL')
    exporter = startService()
    const uploaded = () => [...tickets.values()].filter(({ state }) => state === 'uploaded')
    await until('every ticket', () => uploaded().length === TICKETS)

    const paths = incidents().map((name) => join(server.root, 'incident', name))
    assert.deepEqual(new Set(incidents()), new Set(uploaded().map(({ fileName }) => fileName)))
    assert.equal(new Set(uploaded().map(({ detectionId }) => detectionId)).size, TICKETS)
    for (const ticket of uploaded()) {
      assert.equal(readFileSync(join(server.root, 'incident', ticket.fileName), 'utf8'), ticket.xml)
    }
    assert.equal(readWithPython(...paths).size, TICKETS)
    assert.notEqual(validateWithXmllint(...paths), false)
    // Each name came into being once: the successor looks before it sends what its predecessor had on the way. The one
    // file whose octets were there under the temporary name when the process died is sent again, and only that one.
    const log = server.log()
    assert.equal([...log.matchAll(/OK RENAME: .*\/incident\//g)].length, TICKETS)
    const sent = [...log.matchAll(/OK UPLOAD: .*\/incident\//g)].length
    assert.ok(sent === TICKETS || sent === TICKETS + 1, `${sent} uploads of ${TICKETS} files`)
    await until('the record for the agency', () => feed.length > 0)
    assert.deepEqual(
      feed.map(({ agency, verb }) => `${agency} ${verb}`),
      ['tw-nccst issue'],
    )
    const [end] = await withAdmin(stack.kafka, (admin) => admin.fetchTopicOffsets(`${prefix}feed.tw-nccst`))
    assert.ok(Number(end?.high) > 0, 'the topic of the agency holds the record')

    agencyReads()
    seen = { running: processOf(exporter.child.pid ?? 0), said: exporter.said }
    assert.equal(await exporter.end('SIGTERM'), 0)
    seen.said += exporter.said
    await following.close()
  } finally {
    await kafka.close()
  }
})

/** What an agency does with the client of OASIS: discovery, then every page with a few objects each, by its key; with a wrong one nothing. */
const CLIENT = `
import json, sys
from taxii2client.v21 import Server, as_pages
from requests.exceptions import HTTPError
url, user, key = sys.argv[1:]
collection = Server(url, user=user, password=key).api_roots[0].collections[0]
pages = list(as_pages(collection.get_objects, per_request=3))
objects = [o for page in pages for o in page.get('objects', [])]
try:
    Server(url, user=user, password='wrong').api_roots
    refused = False
except HTTPError as error:
    refused = error.response.status_code == 401
import stix2
for o in objects: stix2.parse(o, allow_custom=False)
print(json.dumps({'pages': len(pages), 'types': sorted(o['type'] for o in objects), 'refused': refused, 'one': [o['name'] for o in objects if o['type'] == 'incident'], 'manifest': len(collection.get_manifest()['objects'])}))
`
let read: { pages: number; types: string[]; refused: boolean; one: string[]; manifest: number } | null = null
const hasClient = spawnSync('python3', ['-c', 'import taxii2client, stix2']).status === 0

function agencyReads(): void {
  if (!hasClient) return
  const url = `http://127.0.0.1:${taxiiPort}/taxii2/`
  const run = spawnSync('python3', ['-c', CLIENT, url, 'tw-nccst', TAXII_KEY], { encoding: 'utf8', timeout: 60_000 })
  assert.equal(run.status, 0, run.stderr)
  read = JSON.parse(run.stdout) as typeof read
}

test('an agency reads its cases by TAXII 2.1 with the client of others, in pages, as STIX that their library takes, and with its key only', (t) => {
  if (!hasClient) {
    t.skip('python3 with taxii2-client and stix2 is not installed')
    return
  }
  assert.ok(read !== null)
  assert.ok(read.pages > 2)
  assert.deepEqual([read.refused, read.one, read.manifest], [true, ['疑似密碼猜測攻擊'], read.types.length])
  for (const type of ['attack-pattern', 'identity', 'ipv4-addr', 'marking-definition', 'observed-data', 'relationship'])
    assert.ok(read.types.includes(type), type)
})

test('TW-2.2c the password comes in a file of its own and is in no log, argument or environment of the process, and in no account record', async () => {
  assert.ok(seen.said.length > 500, 'the log at its most talkative was read')
  assert.ok(seen.running.includes(server.user), 'what belongs to the account is there to be seen')
  for (const text of [seen.said, seen.running]) assert.equal(text.includes(server.password), false)
  // The account record has a place for address and user, and none for a password.
  const file = join(base, 'account.json')
  const endpoint = { address: server.host, directory: '/', user: server.user }
  writeFileSync(file, JSON.stringify(account({ endpoint, passwordChannel: 'telephone' })))
  const { out } = await runCommand('feed account', ['show', '--file', file])
  assert.match(out, /"passwordChannel":"telephone"/)
  writeFileSync(file, JSON.stringify({ ...account(), endpoint: { ...endpoint, password: server.password } }))
  await assert.rejects(runCommand('feed account', ['show', '--file', file]), (error: Error) => {
    assert.match(error.message, /endpoint/)
    assert.equal(error.message.includes(server.password), false)
    return true
  })
})

test('VN-5.2a-2 VN-5.3i-2 VN-14.3 a request for a day of one body becomes a signed package of that body alone, logged in the ledger, checked without a server, and refused with a byte altered', async () => {
  const env = { ...stack.env, TOCSIN_TOPIC_PREFIX: prefix }
  const kafka = await openKafkaForCommand(env)
  try {
    const publisher = await kafka.publisher()
    const day = Date.parse('2026-11-22T00:00:00Z')
    const cases = [
      incident({ verification: 'confirmed' }),
      incident({ caseId: 'case-2', number: 'TW-2026-000002', constituent: 'tw-other', verification: 'confirmed' }),
      incident({ caseId: 'case-3', number: 'TW-2026-000003', detectedAt: day - 1, verification: 'confirmed' }),
      incident({ caseId: 'case-4', number: 'TW-2026-000004', exercise: true, verification: 'confirmed' }),
    ]
    for (const value of cases) await publisher.send({ topic: 'incidents', key: value.caseId, value })
    for (const [index, body] of ['tw-ey', 'tw-ey', 'tw-other'].entries()) {
      const value = event({
        eventId: `e-${index}`,
        constituent: body,
        occurredAt: day + index,
        original: `line ${index}`,
      })
      await publisher.send({ topic: 'enriched-events', key: 'C017', value })
    }
    const { privateKey, publicKeyFile } = makeKey()
    const out = join(base, 'package.tar')
    const words = [
      '--authority',
      'Competent authority',
      '--ground',
      'Art. 5(3)(i)',
      '--constituent',
      'tw-ey',
      '--key',
      privateKey,
    ]
    const period = ['--from', '2026-11-22', '--to', '2026-11-23', '--inputs', 'cases,detections,events']
    const made = await runCommand(
      'feed package',
      ['--request', '12/CV', ...words, ...period, '--channel', 'dispatch', '--out', out],
      { env },
    )
    assert.equal(made.code, 0, made.err)

    const verified = await runCommand('feed verify', [out, '--key', publicKeyFile])
    assert.equal(verified.code, 0, verified.err)
    const files = new Map(
      openPackage(readFileSync(out), [createPublicKey(readFileSync(publicKeyFile))]).map(({ name, content }) => [
        name,
        content.toString(),
      ]),
    )
    const about = JSON.parse(files.get('about.json') ?? '') as {
      holds: unknown
      request: { requestId: string }
      leftOut: unknown
    }
    assert.deepEqual([about.request.requestId, about.holds], ['12/CV', { cases: 1, detections: TICKETS, events: 2 }])
    assert.match(files.get('events.ndjson') ?? '', /line 0[\s\S]*line 1/)
    assert.match(files.get('cases.csv') ?? '', /TW-2026-000001/)
    for (const [name, text] of files) assert.doesNotMatch(text, /tw-other|line 2|TW-2026-00000[234]|"root"/, name)

    const ledger = await ledgerOf(kafka, 'package 12/CV')
    const { sha256 } = JSON.parse(made.out) as { sha256: string }
    assert.deepEqual(
      ledger.map((row) => [row.channel, row.address, row.sha256]),
      [['dispatch', 'Competent authority', sha256]],
    )

    const octets = readFileSync(out)
    octets[700] = (octets[700] ?? 0) ^ 1
    writeFileSync(out, octets)
    const refused = await runCommand('feed verify', [out, '--key', publicKeyFile])
    assert.equal(refused.code, 1)
    assert.match(refused.err, /refused: The file about\.json was altered/)
  } finally {
    await kafka.close()
  }
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

function makeKey(): { privateKey: string; publicKeyFile: string } {
  const file = join(base, 'package-key.pem')
  const { publicFile } = makeSigningKey(file)
  return { privateKey: file, publicKeyFile: publicFile }
}

async function ledgerOf(kafka: Pick<Kafka, 'follow'>, subjectId: string): Promise<Delivery[]> {
  const rows: Delivery[] = []
  const following = await kafka.follow(['deliveries'], { from: 'beginning' }, ({ value }) => {
    if (value?.subjectId === subjectId) rows.push(value)
  })
  await following.caughtUp
  await following.close()
  return rows
}

/** A log record with nothing in it but what is given. */
function event(fields: Partial<EnrichedEvent>): EnrichedEvent {
  const empty = schemaOf('enriched-event').fields.map(({ name, type }) => [name, emptyOf(type)])
  return { ...(Object.fromEntries(empty) as EnrichedEvent), ...fields }
}

function emptyOf(type: unknown): unknown {
  if (Array.isArray(type)) return null
  if (type === 'string' || type === 'boolean') return type === 'string' ? '' : false
  const { type: kind = '' } = (typeof type === 'object' ? type : {}) as { type?: string }
  return kind === 'array' ? [] : kind === 'map' ? {} : 0
}

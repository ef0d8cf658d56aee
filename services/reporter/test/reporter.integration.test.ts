// The whole service against a real broker and registry: facts on their topic, a report at the end of the day by the test
// clock, the same numbers from the command line.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type {
  CoverageState,
  DailyFact,
  Delivery,
  HealthEvent,
  Notice,
  Outage,
  Report,
  SourceState,
} from '@tocsin/events'
import { instantOf, localDayAt } from '@tocsin/obligations'
import { advanceClockFile, createClock } from '@tocsin/runtime'
import { readCsv } from '@tocsin/sheets'
import type { Output } from '@tocsin/stage'
import { applyTopics, withAdmin } from '@tocsin/stage/admin'
import { type Following, type Kafka, openKafkaForCommand } from '@tocsin/stage/kafka'
import { startVictim, type Victim } from '@tocsin/test/support/kill'
import { type ReceivedMail, type Sink, startMailSink } from '@tocsin/test/support/sinks'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { readProof } from '../src/adapters/proof-file.ts'
import { commands } from '../src/commands.ts'
import { searchPath } from '../src/document/query.ts'
import { bodyOf, contactOf } from './report-world.ts'
import { fullSystem, QUARTER } from './rich-world.ts'
import { body, changeOf, countOf, DAY, detectionOf, incidentOf, MINUTE, pack, sourceOf, systemOf } from './world.ts'

const PREFIX = `reporter-${process.pid}.`
const ROOT = join(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'reporter-'))
const clockFile = join(folder, 'clock')
/** Our own indices on a server that others use too. */
const GROUP = `rep_${process.pid}`
/** A run that begins in the last hour of the local day is moved into the next one: twenty minutes are stepped before the day ends. */
const today = localDayAt(pack.timeZone, Date.now() + 60 * MINUTE)
const from = instantOf(pack.timeZone, today)
const aheadMs = from > Date.now() ? from - Date.now() + 60 * MINUTE : 0

let stack: Stack
let env: Record<string, string>
let kafka: Kafka & { close(): Promise<void> }
let following: Following
let service: Victim
let indexer: Victim
let notifier: Victim
let mail: Sink<ReceivedMail>
const facts = new Map<string, DailyFact>()
const reports: Report[] = []
const notices: Notice[] = []
const health: HealthEvent[] = []
const outages: Outage[] = []
const reached: Delivery[] = []
const states = new Map<string, SourceState>()
const coverage = new Map<string, CoverageState>()
const FOLLOWED = [
  'daily-facts',
  'reports',
  'notices',
  'health-events',
  'outages',
  'deliveries',
  'source-states',
  'coverage-states',
] as const

before(async () => {
  stack = await startStack({ kafka: true, registry: true, elasticsearch: true })
  mail = await startMailSink()
  env = { ...stack.env, TOCSIN_TOPIC_PREFIX: PREFIX, TOCSIN_CLOCK_FILE: clockFile }
  advanceClockFile(clockFile, aheadMs)
  await applyTopics(stack.kafka, join(ROOT, 'deploy/topics/topics.yaml'), PREFIX)
  kafka = await openKafkaForCommand(env, 'reporter-test')
  following = await kafka.follow(FOLLOWED, { from: 'beginning' }, (record) => {
    if (record.topic === 'daily-facts' && record.value !== null) facts.set(record.key, record.value)
    if (record.topic === 'reports' && record.value !== null) reports.push(record.value)
    if (record.topic === 'notices' && record.value !== null) notices.push(record.value)
    if (record.topic === 'health-events' && record.value?.code === 'source_silent') health.push(record.value)
    if (record.topic === 'deliveries' && record.value?.state === 'delivered') reached.push(record.value)
    if (record.topic === 'outages' && record.value !== null) outages.push(record.value)
    if (record.topic === 'source-states' && record.value !== null) states.set(record.key, record.value)
    if (record.topic === 'coverage-states' && record.value !== null) coverage.set(record.key, record.value)
  })
  await send([
    { topic: 'registry-constituents', key: body.constituentId, value: body },
    { topic: 'registry-sources', key: 'vn-web', value: sourceOf({ systemIds: ['vn-system'] }) },
    { topic: 'registry-systems', key: 'vn-system', value: systemOf() },
  ])
  const indexed = { ...env, TOCSIN_ADMIN_PORT: '0', ELASTICSEARCH_URL: stack.elasticsearch }
  indexer = startVictim(join(ROOT, 'services/indexer/src/main.ts'), { env: indexed })
  const smtp = { NOTIFIER_SMTP_HOST: '127.0.0.1', NOTIFIER_SMTP_PORT: String(mail.port), NOTIFIER_SMTP_TLS: 'none' }
  notifier = startVictim(join(ROOT, 'services/notifier/src/main.ts'), {
    env: { ...env, ...smtp, TOCSIN_ADMIN_PORT: '0' },
  })
  service = startVictim(join(import.meta.dirname, '../src/main.ts'), {
    env: {
      ...env,
      TOCSIN_ADMIN_PORT: '0',
      TOCSIN_DATA: folder,
      REPORTER_PACKS: join(ROOT, 'regulations'),
      REPORTER_FORM_AFTER_MINUTES: '0',
    },
  })
})

after(async () => {
  await Promise.all([service.stop(), indexer.stop(), notifier.stop()])
  await mail.close()
  for (const name of await searched(`/_cat/indices/*${GROUP}*?h=index`).then((text) =>
    text.split('\n').filter(Boolean),
  ))
    await fetch(`${stack.elasticsearch}/${name}`, { method: 'DELETE' })
  await following.close()
  await kafka.close()
  await withAdmin(stack.kafka, async (admin) => {
    const names = await admin.listTopics()
    await admin.deleteTopics({ topics: names.filter((name) => name.startsWith(PREFIX)) })
  })
  await stack.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function send(outputs: readonly Output[]): Promise<void> {
  const publisher = await kafka.publisher()
  await Promise.all(outputs.map((output) => publisher.send(output)))
}

/** What Elasticsearch says. */
async function searched(path: string): Promise<string> {
  const answer = await fetch(`${stack.elasticsearch}${path}`)
  return answer.text()
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const start = performance.now(); !holds(); await pause(50))
    assert.ok(performance.now() - start < 90_000, `${what}\n${service.lines.join('\n')}`)
}

const total = (name: string): number =>
  [...facts.values()].filter((fact) => fact.name === name).reduce((sum, { value }) => sum + value, 0)

test('VN-4.2b-4 records on the topics become daily facts, a false positive leaves them', async () => {
  const detections = [0, 1, 2].map((n) => detectionOf({ detectionId: `d${n}`, detectedAt: from + n * MINUTE }))
  const incident = incidentOf({ detectionIds: ['d0'], detectedAt: from + MINUTE })
  const found = { ...incident, revision: 2, status: 'false-positive', closedAt: from + 5 * MINUTE }
  const counts = ['syslog-ingest', 'normalizer', 'enrichment', 'correlation-engine'].map((name) =>
    countOf({ service: name, minute: from, received: 7, accepted: 7, normalized: name === 'normalizer' ? 7 : 0 }),
  )
  await send([
    ...detections.map((value): Output => ({ topic: 'detections', key: value.constituent, value })),
    ...counts.map((value): Output => ({ topic: 'source-counts', key: value.sourceId, value })),
    { topic: 'incident-changes', key: 'vn-portal', value: changeOf(incident, from + MINUTE) },
  ])
  await until('three detections and seven lines', () => total('detections') === 3 && total('source-accepted') === 7)
  await send([{ topic: 'incident-changes', key: 'vn-portal', value: changeOf(found, from + 5 * MINUTE) }])
  await until('the false positive', () => total('detections') === 2 && total('false-positives') === 1)
})

test('XC-8 a source that stops is silent on the topics, and its next line ends the gap', async () => {
  const count = (): Output => {
    const at = Date.now() + aheadMs + stepped
    const minute = Math.floor(at / MINUTE) * MINUTE
    return { topic: 'source-counts', key: 'vn-web', value: countOf({ minute, received: 1, accepted: 1, lastAt: at }) }
  }
  let stepped = 0
  await send([count()])
  await until('the source to be heard', () => states.get('vn-web')?.state === 'heard')
  stepped = 16 * MINUTE
  advanceClockFile(clockFile, stepped)
  // The watch waits a minute after a step of the clock; smaller steps pass as time does.
  for (let step = 0; health.length === 0 && step < 60; step++) {
    stepped += 5_000
    advanceClockFile(clockFile, 5_000)
    await pause(300)
  }
  await until('the silence', () => health.at(-1)?.state === 'raised' && states.get('vn-web')?.state === 'silent')
  await until('coverage', () => coverage.get('mandatory-inputs:vn-system')?.state === 'missing')
  await send([count()])
  await until('the return', () => health.at(-1)?.state === 'cleared' && states.get('vn-web')?.state === 'heard')
  const webServer = () => coverage.get('mandatory-inputs:vn-system')?.inputs.find(({ input }) => input === 'web-server')
  await until('coverage again', () => webServer()?.state === 'covered')
  const gap = outages.filter(({ startedAt }) => startedAt === outages.at(-1)?.startedAt)
  assert.ok((gap.at(-1)?.endedAt ?? 0) - (gap[0]?.startedAt ?? 0) > 16 * MINUTE)
  assert.equal(new Set(gap.map(({ outageId }) => outageId)).size, 1)
})

test('the shell lists sources, coverage and gaps as the topics have them', async () => {
  const say = async (...args: string[]): Promise<string> => {
    const out = new PassThrough()
    const stdin = Readable.from([])
    const io = { stdin, stdout: out, stderr: process.stderr, env, signal: new AbortController().signal }
    assert.equal(await commands.find(({ name }) => name === 'sources')?.run(args, io), 0)
    out.end()
    return text(out)
  }
  assert.match(
    await say('list'),
    /^vn-web +vn-portal +heard +\S+Z +15.0 min declared +rate unlearned +clock unknown\n$/,
  )
  assert.match(
    await say('coverage'),
    /^mandatory-inputs:vn-system +vn-portal +missing +web-server=covered monitoring=missing/,
  )
  const gaps = (await say('gaps', '--to', '2100-01-01', '--json')).trim().split('\n')
  assert.equal((JSON.parse(gaps.at(-1) ?? '{}') as Outage).outageId, outages.at(-1)?.outageId)
  assert.equal(await say('gaps', '--constituent', 'nobody'), '')
})

test('VN-5.3a-2 when the local day has ended the report is written and owed, and its files are what its record says', async () => {
  await until('the service to be ready', () => service.lines.some((line) => line.includes('partitions taken')))
  advanceClockFile(clockFile, from + DAY + 15 * MINUTE - createClock(clockFile).now())
  const daily = () => reports.filter(({ kind }) => kind === 'vn-daily')
  const owed = () => notices.filter(({ fields }) => fields['kind'] === 'vn-daily')
  await until('the report', () => daily().length === 1 && owed().length === 2)
  const report = daily()[0]
  assert.deepEqual([report?.from, report?.to, report?.totals['detections']], [from, from + DAY, 2])
  assert.ok((report?.files.length ?? 0) >= 1)
  for (const { path, bytes, sha256 } of report?.files ?? []) {
    const content = readFileSync(join(folder, 'reports', path))
    assert.deepEqual([content.length, createHash('sha256').update(content).digest('hex')], [bytes, sha256])
  }
})

test('VN-5.3a-3 the daily report prints how complete each source was and the outage with its minutes', () => {
  const csv = reports.find(({ kind }) => kind === 'vn-daily')?.files.find(({ path }) => path.endsWith('.csv'))
  const rows = readCsv(readFileSync(join(folder, 'reports', csv?.path ?? ''), 'utf8')).rows.map(({ cells }) => cells)
  const first = rows.find(([, , , , value]) => value === 'source_silent')
  assert.ok(first !== undefined)
  const outage = rows.filter(([section, part, row]) => [section, part, row].join() === first.slice(0, 3).join())
  assert.ok(Number(outage.at(-1)?.[4]) >= 1, JSON.stringify(outage))
  assert.ok(rows.some(([, , , column, value]) => column === 'Đầy đủ' && /^\d+ %$/.test(value ?? '')))
})

/** Runs a command; gives its exit and what it printed. */
async function run(name: string, ...args: string[]): Promise<{ code: number; lines: string[] }> {
  const out = new PassThrough()
  const known = { ...env, REPORTER_PACKS: join(ROOT, 'regulations'), REPORTER_CHROMIUM: '/nowhere' }
  const io = {
    stdin: Readable.from([]),
    stdout: out,
    stderr: new PassThrough(),
    env: known,
    signal: new AbortController().signal,
  }
  const code = (await commands.find((command) => command.name === name)?.run(args, io)) ?? 99
  out.end()
  return { code, lines: (await text(out)).trim().split('\n') }
}

const day = new Date(today * DAY).toISOString().slice(0, 10)

test('XC-9 the command line counts anew from the topics: the same hash as the scheduled report, and its queries prove it', async () => {
  const { code, lines } = await run(
    'report',
    '--kind',
    'vn-daily',
    '--from',
    day,
    '--constituent',
    'vn-portal',
    '--out',
    join(folder, 'cli'),
  )
  assert.equal(code, 0)
  assert.deepEqual(
    lines.map((line) => line.split('.').at(-1)),
    ['html', 'docx', 'xlsx', 'csv', 'json'],
  )
  for (const line of lines) assert.ok(existsSync(line))
  const own = readProof(lines.at(-1) ?? '')
  assert.equal(own.dataSha256, reports.find(({ kind }) => kind === 'vn-daily')?.dataSha256)
  const proven = await run('report prove', '--file', lines.at(-1) ?? '')
  assert.deepEqual([proven.code, proven.lines.length], [0, own.queries.length])
})

test('VN-5.3d, KZ-13 every number about cases equals a direct index query for the same period', async () => {
  const bodies = [
    bodyOf('rep-vn', 'vn-circular-31', { group: GROUP }),
    ...['rep-kz-a', 'rep-kz-b'].map((id) => bodyOf(id, 'kz-order-199', { group: GROUP })),
  ]
  const cases = Array.from({ length: 24 }, (_, n) => {
    const isVn = n % 2 === 0
    return incidentOf({
      caseId: `rep-${n}`,
      constituent: isVn ? 'rep-vn' : n % 4 === 1 ? 'rep-kz-a' : 'rep-kz-b',
      pack: isVn ? 'vn-circular-31' : 'kz-order-199',
      kind: (['incident', 'event', 'threat'] as const)[n % 3] ?? 'event',
      vnKind: (['intrusion', 'risk', null] as const)[n % 3] ?? null,
      detectedAt: isVn ? from + n * MINUTE : QUARTER.from + n * DAY,
      severity: n * 4,
      status: n === 5 || n === 8 ? 'false-positive' : 'confirmed',
      exercise: n === 10 || n === 11,
      closedAt: n % 5 === 0 ? QUARTER.from + 30 * DAY : null,
      responses: n % 7 === 0 ? [{ at: from, by: 'x', kind: 'measures', text: 'done', evidence: null }] : [],
    })
  })
  await send(bodies.map((value): Output => ({ topic: 'registry-constituents', key: value.constituentId, value })))
  await pause(1_000)
  const tell = () => send(cases.map((value): Output => ({ topic: 'incidents', key: value.caseId, value })))
  await tell()
  const index = `/tocsin-incident-${GROUP}`
  const counted = async (path: string): Promise<number> =>
    (JSON.parse(await searched(path)) as { count?: number }).count ?? -1
  for (const start = performance.now(); (await counted(`${index}/_count`)) < 24; await pause(250)) {
    assert.ok(performance.now() - start < 90_000, indexer.lines.join('\n'))
    // A case that the indexer read before its body lies in the index of nobody: on a slow machine all are told again.
    if (performance.now() - start > 15_000) await tell()
    await fetch(`${stack.elasticsearch}${index}/_refresh`, { method: 'POST' })
  }
  for (const words of [
    ['--kind', 'vn-weekly', '--from', day, '--constituent', 'rep-vn'],
    ['--kind', 'kz-quarterly-nsc', '--from', '2026-07-01', '--to', '2026-09-30'],
  ]) {
    const { lines } = await run('report', ...words, '--as', 'json', '--out', join(folder, 'index'))
    const asked = readProof(lines.at(-1) ?? '').queries.flatMap(({ query, value }) => {
      const path = searchPath(query)
      return path === null ? [] : [{ path, value }]
    })
    assert.ok(asked.filter(({ value }) => value > 0).length >= 5, words.join(' '))
    for (const { path, value } of asked)
      assert.equal(
        await counted(path.replace('tocsin-incident-*', `/tocsin-incident-${GROUP}`)),
        value,
        decodeURIComponent(path),
      )
  }
})

test('VN-5.3g one address edited in the registry gives a new version of the form, told to the Ministry by mail with proof', async () => {
  await send([
    {
      topic: 'registry-contacts',
      key: 'ministry',
      value: contactOf({
        contactId: 'ministry',
        constituent: 'rep-vn',
        role: 'ministry',
        email: 'bo@example.vn',
        address: null,
        mobile: null,
        webhook: null,
        certificate: null,
        changedBy: 'test',
        changedAt: 0,
        reason: 'test',
      }),
    },
    {
      topic: 'registry-systems',
      key: 'rep-system',
      value: fullSystem({ systemId: 'rep-system', constituent: 'rep-vn' }),
    },
  ])
  const forms = () => reports.filter(({ kind, constituent }) => kind === 'vn-appendix-1' && constituent === 'rep-vn')
  await until('the first version', () => forms().length === 1)
  const edited = fullSystem({ systemId: 'rep-system', constituent: 'rep-vn', ips: ['192.0.2.77'] })
  await send([{ topic: 'registry-systems', key: 'rep-system', value: edited }])
  await until('the second version', () => forms().length === 2)
  assert.deepEqual(
    forms().map(({ revision }) => revision),
    [1, 2],
  )
  const csv = forms()[1]?.files.find(({ path }) => path.endsWith('.csv'))?.path ?? ''
  assert.match(readFileSync(join(folder, 'reports', csv), 'utf8'), /192\.0\.2\.77/)
  assert.ok(readdirSync(join(folder, 'reports/vn-appendix-1/rep-vn')).includes('v2'))
  await until(
    'the mails',
    () => mail.received.filter(({ to }) => JSON.stringify(to).includes('bo@example.vn')).length === 2,
  )
  await until('the proof', () => reached.filter(({ recipientRole }) => recipientRole === 'ministry').length >= 2)
})

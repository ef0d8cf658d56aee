// The whole service against a real broker and registry: facts on their topic, a report at the end of the day by the test
// clock, the same numbers from the command line.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { CoverageState, DailyFact, HealthEvent, Notice, Outage, Report, SourceState } from '@tocsin/events'
import { instantOf, localDayAt } from '@tocsin/obligations'
import { advanceClockFile, createClock } from '@tocsin/runtime'
import type { Output } from '@tocsin/stage'
import { applyTopics, withAdmin } from '@tocsin/stage/admin'
import { type Following, type Kafka, openKafkaForCommand } from '@tocsin/stage/kafka'
import { startVictim, type Victim } from '@tocsin/test/support/kill'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { commands } from '../src/commands.ts'
import { body, changeOf, countOf, DAY, detectionOf, incidentOf, MINUTE, pack, sourceOf, systemOf } from './world.ts'

const PREFIX = `reporter-${process.pid}.`
const ROOT = join(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'reporter-'))
const clockFile = join(folder, 'clock')
const today = localDayAt(pack.timeZone, Date.now())
const from = instantOf(pack.timeZone, today)

let stack: Stack
let env: Record<string, string>
let kafka: Kafka & { close(): Promise<void> }
let following: Following
let service: Victim
const facts = new Map<string, DailyFact>()
const reports: Report[] = []
const notices: Notice[] = []
const health: HealthEvent[] = []
const outages: Outage[] = []
const states = new Map<string, SourceState>()
const coverage = new Map<string, CoverageState>()
const FOLLOWED = [
  'daily-facts',
  'reports',
  'notices',
  'health-events',
  'outages',
  'source-states',
  'coverage-states',
] as const

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  env = { ...stack.env, TOCSIN_TOPIC_PREFIX: PREFIX, TOCSIN_CLOCK_FILE: clockFile }
  await applyTopics(stack.kafka, join(ROOT, 'deploy/topics/topics.yaml'), PREFIX)
  kafka = await openKafkaForCommand(env, 'reporter-test')
  following = await kafka.follow(FOLLOWED, { from: 'beginning' }, (record) => {
    if (record.topic === 'daily-facts' && record.value !== null) facts.set(record.key, record.value)
    if (record.topic === 'reports' && record.value !== null) reports.push(record.value)
    if (record.topic === 'notices' && record.value !== null) notices.push(record.value)
    if (record.topic === 'health-events' && record.value?.code === 'source_silent') health.push(record.value)
    if (record.topic === 'outages' && record.value !== null) outages.push(record.value)
    if (record.topic === 'source-states' && record.value !== null) states.set(record.key, record.value)
    if (record.topic === 'coverage-states' && record.value !== null) coverage.set(record.key, record.value)
  })
  await send([
    { topic: 'registry-constituents', key: body.constituentId, value: body },
    { topic: 'registry-sources', key: 'vn-web', value: sourceOf({ systemIds: ['vn-system'] }) },
    { topic: 'registry-systems', key: 'vn-system', value: systemOf() },
  ])
  service = startVictim(join(import.meta.dirname, '../src/main.ts'), {
    env: { ...env, TOCSIN_ADMIN_PORT: '0', TOCSIN_DATA: folder, REPORTER_PACKS: join(ROOT, 'regulations') },
  })
})

after(async () => {
  await service.stop()
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
    const at = Date.now() + stepped
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
  await until('the report', () => reports.length === 1 && notices.length === 2)
  const report = reports[0]
  assert.deepEqual([report?.from, report?.to, report?.totals['detections']], [from, from + DAY, 2])
  assert.ok((report?.files.length ?? 0) >= 1)
  for (const { path, bytes, sha256 } of report?.files ?? []) {
    const content = readFileSync(join(folder, 'reports', path))
    assert.deepEqual([content.length, createHash('sha256').update(content).digest('hex')], [bytes, sha256])
  }
})

test('the command line counts anew from the topics and prints the same numbers', async () => {
  const out = new PassThrough()
  const day = new Date(today * DAY).toISOString().slice(0, 10)
  const io = {
    stdin: Readable.from([]),
    stdout: out,
    stderr: process.stderr,
    env: { ...env, REPORTER_PACKS: join(ROOT, 'regulations') },
    signal: new AbortController().signal,
  }
  const code = await commands[0]?.run(['--kind', 'vn-daily', '--from', day, '--out', join(folder, 'cli')], io)
  out.end()
  assert.equal(code, 0)
  const [html = ''] = (await text(out)).trim().split('\n')
  assert.ok(existsSync(html))
  const hash = (page: string) => /<code>([0-9a-f]{64})</.exec(page)?.[1]
  const scheduled = readFileSync(join(folder, 'reports', reports[0]?.files[0]?.path ?? ''), 'utf8')
  assert.equal(hash(readFileSync(html, 'utf8')), hash(scheduled), 'the hash of the data is the same')
})

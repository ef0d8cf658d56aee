// A source stops: the reporter sees it, incident-manager tells whoever runs it, and the tables of coverage say what is missing.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { CoverageState, Notice, Outage, SourceCount } from '@tocsin/events'
import { advanceClockFile, createClock } from '@tocsin/runtime'
import { applyTopics, withAdmin } from '@tocsin/stage/admin'
import { type Following, openKafkaForCommand, type Publisher } from '@tocsin/stage/kafka'
import { readRegistryFile } from '../../services/console/src/registry/registry-file.ts'
import { startVictim, type Victim } from '../support/kill.ts'
import { type Stack, startStack } from '../support/stack.ts'

const ROOT = join(import.meta.dirname, '../..')
const PREFIX = `source-health-${process.pid}.`
const MINUTE = 60_000
const REGISTRY = `
constituents:
  - { id: centre, name: Centre, country: VN, pack: vn-circular-31, roles: [centre], group: centre, timeZone: UTC, languages: [en] }
  - { id: vn-body, name: Body, country: VN, pack: vn-circular-31, roles: [state-body], group: vn_body, timeZone: Asia/Ho_Chi_Minh, languages: [vi] }
systems:
  - { id: portal, constituent: vn-body, name: Portal, systemClass: 3, internetConnections: [line-1, line-2, line-3], usesHttps: true }
sources:
  - { id: web, constituent: vn-body, name: Web, circuit: outer, kind: web-server, timeZone: UTC, systemIds: [portal], contactIds: [web-team], addresses: [192.0.2.1] }
  - { id: ids-1, constituent: vn-body, name: Sensor 1, circuit: outer, kind: monitoring, timeZone: UTC, systemIds: [portal], connections: [line-1], addresses: [192.0.2.2] }
  - { id: ids-2, constituent: vn-body, name: Sensor 2, circuit: outer, kind: monitoring, timeZone: UTC, connections: [line-2], addresses: [192.0.2.3] }
contacts:
  - { id: web-team, constituent: vn-body, role: unit-in-charge, name: Web team, email: web@body.example, language: vi, channels: [mail] }
  - { id: body-operator, constituent: vn-body, role: operator, name: Operator, email: op@body.example, language: vi, channels: [mail] }
  - { id: centre-operator, constituent: centre, role: operator, name: Centre, email: op@centre.example, language: en, channels: [mail] }
`
const FOLLOWED = ['coverage-states', 'outages', 'notices', 'incidents', 'clock-events'] as const

const folder = mkdtempSync(join(tmpdir(), 'source-health-'))
const clockFile = join(folder, 'clock')
const clock = createClock(clockFile)
const coverage = new Map<string, CoverageState>()
const notices: Notice[] = []
const outages: Outage[] = []
let cases = 0
let stack: Stack
let kafka: Awaited<ReturnType<typeof openKafkaForCommand>>
let publisher: Publisher
let following: Following
const services: Victim[] = []
let startService: (name: string) => void

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  const env = {
    ...stack.env,
    TOCSIN_TOPIC_PREFIX: PREFIX,
    TOCSIN_CLOCK_FILE: clockFile,
    TOCSIN_ADMIN_PORT: '0',
    TOCSIN_DATA: folder,
  }
  await applyTopics(stack.kafka, join(ROOT, 'deploy/topics/topics.yaml'), PREFIX)
  kafka = await openKafkaForCommand(env)
  publisher = await kafka.publisher()
  following = await kafka.follow(FOLLOWED, { from: 'beginning' }, (record) => {
    if (record.value === null) return
    if (record.topic === 'coverage-states') coverage.set(record.key, record.value)
    else if (record.topic === 'outages') outages.push(record.value)
    // The counts here are of the door alone, so the check of the sums has its own say; it is not looked at.
    else if (record.topic === 'notices') {
      if (record.value.fields['code'] === 'source_silent') notices.push(record.value)
      // What the law asks of a body each month runs whether its sources are heard or not.
    } else if (record.topic === 'incidents' || !record.value.clockId.endsWith('/period')) cases += 1
  })
  await register(REGISTRY)
  startService = (name) => {
    const packs = { REPORTER_PACKS: join(ROOT, 'regulations'), INCIDENT_MANAGER_PACKS: join(ROOT, 'regulations') }
    services.push(startVictim(join(ROOT, `services/${name}/src/main.ts`), { env: { ...env, ...packs } }))
  }
  startService('reporter')
  startService('incident-manager')
})

after(async () => {
  await Promise.all(services.map((service) => service.stop()))
  await following.close()
  await kafka.close()
  await withAdmin(stack.kafka, async (admin) => {
    const names = await admin.listTopics()
    await admin.deleteTopics({ topics: names.filter((name) => name.startsWith(PREFIX)) })
  })
  await stack.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function register(text: string): Promise<void> {
  const change = { changedBy: 'test', changedAt: clock.now(), reason: 'test' }
  const { outputs, faults } = readRegistryFile(text, change)
  assert.deepEqual(faults, [])
  await Promise.all(outputs.map((output) => publisher.send(output)))
}

/** One line of each source, as the door counts it. */
async function heard(...sourceIds: string[]): Promise<void> {
  const at = clock.now()
  for (const sourceId of sourceIds) {
    const none = { refused: 0, dropped: 0, normalized: 0, rejected: 0, reasons: {}, skewMs: null }
    const of = { countId: `${sourceId}${at}`, sourceId, constituent: 'vn-body', service: 'syslog-ingest', slot: '0' }
    const value: SourceCount = { ...of, ...none, minute: at - (at % MINUTE), received: 1, accepted: 1, lastAt: at }
    await publisher.send({ topic: 'source-counts', key: sourceId, value })
  }
}

async function until(what: string, holds: () => boolean, between: () => Promise<void> = async () => {}): Promise<void> {
  for (const start = performance.now(); !holds(); await pause(150)) {
    const state = JSON.stringify({ coverage: [...coverage.values()], notices: notices.map(({ subject }) => subject) })
    assert.ok(
      performance.now() - start < 90_000,
      `${what}\n${state}\n${services.flatMap(({ lines }) => lines.slice(-5)).join('\n')}`,
    )
    await between()
  }
}

const stateOf = (id: string): string | undefined => coverage.get(id)?.state
const cells = (): string[] =>
  (coverage.get('mandatory-inputs:portal')?.inputs ?? []).map(({ input, state }) => `${input} ${state}`)
const lines = (): (string | undefined)[] => [1, 2, 3].map((n) => stateOf(`internet-connection:vn-body:line-${n}`))

test('VN-5.2b of three Internet connections with two sensors two are covered; the third when its sensor has reported', async () => {
  await until(
    'the sensors to be heard',
    () => lines().join() === 'covered,covered,missing',
    () => heard('web', 'ids-1', 'ids-2'),
  )
  await register(
    `sources:\n  - { id: ids-3, constituent: vn-body, name: Sensor 3, circuit: outer, kind: monitoring, timeZone: UTC, connections: [line-3], addresses: [192.0.2.4] }`,
  )
  await until('the third sensor to be known', () => lines()[2] === 'silent')
  await until(
    'the third sensor to be heard',
    () => lines().join() === 'covered,covered,covered',
    () => heard('ids-3'),
  )
})

test('VN-5.1d a class-3 system with an empty column is not compliant; a source that stops turns its cell and its runner is told', async () => {
  await until('the table', () => cells().join() === 'web-server covered,monitoring covered,firewall missing')
  assert.equal(stateOf('mandatory-inputs:portal'), 'missing')
  assert.deepEqual(coverage.get('mandatory-inputs:portal')?.requirementIds, ['VN-5.1d', 'XC-8'])
  await register(
    `sources:\n  - { id: wall, constituent: vn-body, name: Wall, circuit: outer, kind: firewall, timeZone: UTC, systemIds: [portal], addresses: [192.0.2.5] }`,
  )
  await until(
    'the firewall',
    () => stateOf('mandatory-inputs:portal') === 'covered',
    () => heard('wall', 'web', 'ids-1'),
  )

  // All but the web server go on; the watch waits a minute after a step of the clock, so time passes in small ones.
  advanceClockFile(clockFile, 16 * MINUTE)
  await until(
    'the red cell',
    () => cells()[0] === 'web-server silent',
    async () => {
      advanceClockFile(clockFile, 2_500)
      await heard('wall', 'ids-1', 'ids-2', 'ids-3')
    },
  )
  assert.equal(stateOf('mandatory-inputs:portal'), 'silent')
  await until('the notices', () => notices.length === 2)
  assert.deepEqual(new Set(notices.map(({ contactId }) => contactId)), new Set(['centre-operator', 'web-team']))
  assert.match(notices.find(({ language }) => language === 'vi')?.body ?? '', /Nguồn Web không gửi gì kể từ/)

  await heard('web')
  await until('the return', () => notices.length === 4 && stateOf('mandatory-inputs:portal') === 'covered')
  assert.match(
    notices.find(({ language, fields }) => language === 'vi' && fields['state'] === 'cleared')?.body ?? '',
    /Nguồn Web đã gửi trở lại/,
  )
  assert.ok((outages.at(-1)?.endedAt ?? 0) - (outages.at(-1)?.startedAt ?? 0) > 15 * MINUTE)
  assert.equal(cases, 0, 'no case and no legal clock')
})

test('a process of ours that was killed leaves its gap on record, with start and end', async () => {
  const killed = services.shift()
  await killed?.kill()
  const killedAt = clock.now()
  advanceClockFile(clockFile, MINUTE)
  startService('reporter')
  await until('the gap', () => outages.some(({ subject }) => subject === 'reporter-0'))
  const gap = outages.find(({ subject }) => subject === 'reporter-0')
  assert.deepEqual([gap?.subjectKind, gap?.constituent], ['process', 'centre'])
  assert.ok(Math.abs((gap?.startedAt ?? 0) - killedAt) < 5_000)
  assert.ok((gap?.endedAt ?? 0) - (gap?.startedAt ?? 0) >= MINUTE)
})

test('a system reached by https names its measure, or is not compliant (VN-5.2d)', async () => {
  assert.equal(stateOf('https:portal'), 'missing')
  await register(REGISTRY.replace('usesHttps: true', 'usesHttps: true, httpsMeasure: server-log'))
  await until(
    'the measure',
    () => stateOf('https:portal') === 'covered',
    () => heard('web'),
  )
})

// The whole service against a real broker and registry: its main as a process, the command line beside it, the test clock
// moved across processes, and SIGKILL around due instants.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type {
  AuditEntry,
  ClockEvent,
  CommandResult,
  Incident,
  Notice,
  RegistryConstituent,
  RegistryContact,
  Request,
} from '@tocsin/events'
import { advanceClockFile, type CommandIo } from '@tocsin/runtime'
import { withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { commands } from '../src/commands.ts'
import { contacts, delivery, detection, MINUTE, registry } from './world.ts'

const PREFIX = `im-${process.pid}.`
const INPUTS = ['detections', 'incident-commands', 'deliveries', 'health-events', 'received-items']
const OUTPUTS = [
  'incidents',
  'incident-changes',
  'clock-events',
  'notices',
  'command-results',
  'audit-entries',
  'requests',
  'suppressions',
  'dead-letters',
]
const REGISTRY = ['registry-constituents', 'registry-contacts', 'registry-systems', 'registry-sources']
const STORES = [
  'cases',
  'detections',
  'commands',
  'numbers',
  'audit',
  'suppressions',
  'uploads',
  'requests',
  'told',
].map((name) => `incident-manager.${name}.changelog`)
const TOPICS = [...INPUTS, ...OUTPUTS, ...REGISTRY, ...STORES]

const folder = mkdtempSync(join(tmpdir(), 'incident-manager-'))
const clockFile = join(folder, 'clock')
let stack: Stack
let env: Record<string, string>
let service: ChildProcess | undefined

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  env = { ...stack.env, TOCSIN_TOPIC_PREFIX: PREFIX, TOCSIN_CLOCK_FILE: clockFile, USER: 'anna' }
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: TOPICS.map((topic) => ({ topic: PREFIX + topic, numPartitions: 4, replicationFactor: 1 })),
    }),
  )
})

after(async () => {
  await kill()
  await withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics: TOPICS.map((topic) => PREFIX + topic) }))
  await stack.stop()
  rmSync(folder, { recursive: true })
})

function start(): void {
  service = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
    cwd: join(import.meta.dirname, '../../..'),
    env: {
      ...process.env,
      ...env,
      TOCSIN_ADMIN_PORT: '0',
      TOCSIN_LOG_LEVEL: process.env['TOCSIN_LOG_LEVEL'] ?? 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

async function kill(): Promise<void> {
  if (service === undefined || service.exitCode !== null || service.signalCode !== null) return
  service.kill('SIGKILL')
  await once(service, 'exit')
}

/** Waits until `look` gives something; the deadline is real time, what is waited for is another process. */
async function eventually<T>(what: string, look: () => T | undefined | false, withinMs = 60_000): Promise<T> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadlineMs) throw new Error(`${what} did not happen within ${withinMs} ms`)
    await pause(50)
  }
}

async function run(name: string, args: string[]): Promise<{ code: number; out: string }> {
  const command = commands.find((one) => one.name === name)
  assert.ok(command)
  const stdout = new PassThrough()
  const io: CommandIo = {
    stdin: Readable.from([]),
    stdout,
    stderr: new PassThrough(),
    env,
    signal: new AbortController().signal,
  }
  const code = await command.run(args, io)
  return { code, out: String(stdout.read() ?? '') }
}

test('KZ-10.3g KZ-12e XC-4 a detection on Kafka becomes a case whose clocks survive kills, commands and the moved clock', async () => {
  const kafka = await openKafkaForCommand(env)
  const publisher = await kafka.publisher()
  for (const id of ['kz-ministry', 'vn-province', 'tw-agency']) {
    const value = registry.constituent(id) as RegistryConstituent
    await publisher.send({ topic: 'registry-constituents', key: id, value })
  }
  for (const contact of contacts)
    await publisher.send({ topic: 'registry-contacts', key: contact.contactId, value: contactRecord(contact) })
  const events: ClockEvent[] = []
  const notices: Notice[] = []
  const cases = new Map<string, Incident>()
  const audit: AuditEntry[] = []
  const topics = ['incidents', 'clock-events', 'notices', 'audit-entries'] as const
  const following = await kafka.follow(topics, { from: 'beginning' }, (record) => {
    if (record.value === null) return
    if (record.topic === 'audit-entries') return void audit.push(record.value)
    if (record.topic === 'clock-events') events.push(record.value)
    else if (record.topic === 'notices') notices.push(record.value)
    else cases.set(record.key, record.value)
  })
  const whats = (clockId: string): string[] =>
    events.filter((event) => event.clockId === clockId).map((event) => event.what)

  start()
  const t0 = kafka.clock.now()
  const seen = detection({ detectedAt: t0 })
  await publisher.send({ topic: 'detections', key: seen.constituent, value: seen })
  await publisher.send({ topic: 'detections', key: seen.constituent, value: { ...seen, detectedAt: t0 + 5 } })
  const owed = await eventually('the notice to the body', () =>
    notices.find(({ recipientRole, clockId }) => recipientRole === 'constituent' && clockId === 'C1/event'),
  )
  assert.equal(owed.dueAt, t0 + 30 * MINUTE)

  await kill()
  advanceClockFile(clockFile, 20 * MINUTE)
  start()
  await eventually('the alarm of the shift', () => whats('C1/event').includes('warned'))
  await publisher.send({
    topic: 'deliveries',
    key: owed.constituent,
    value: delivery(owed, kafka.clock.now(), 'delivered', 1),
  })
  await eventually('the proof of delivery', () => whats('C1/event').includes('met'))

  const listed = await run('incident', ['list', '--json'])
  const { caseId, number } = JSON.parse(listed.out.trim()) as Incident
  assert.match(number, /^KZ-\d{4}-[0-3]-000001$/)
  const accepted = await run('incident', ['acknowledge', number, '--json'])
  assert.equal(accepted.code, 0, accepted.out)
  const refused = await run('incident', ['promote', caseId])
  assert.equal(refused.code, 1)
  assert.match(refused.out, /^invalid: An incident names at least 1 of its effects \(KZ-2\.5\)/)

  await kill()
  assert.equal((await run('clock advance', ['48h'])).code, 0)
  start()
  await eventually('the overdue answer', () => whats('C3/event').includes('breached'))
  const c3 = events.filter((event) => event.clockId === 'C3/event')
  assert.equal(c3.find((event) => event.what === 'breached')?.at, (c3[0]?.startAt ?? 0) + 48 * 60 * MINUTE)
  assert.equal(events.length, new Set(events.map((event) => event.clockEventId)).size, 'nothing is written twice')
  assert.equal(notices.length, new Set(notices.map((notice) => notice.noticeId)).size)
  assert.equal(cases.get(caseId)?.detectedAt, t0)
  const verified = await run('clocks verify', [])
  assert.equal(verified.code, 0, verified.out)

  // Somebody writes one audit row anew with another name: the chain says so.
  assert.equal((await run('audit verify', [])).code, 0)
  const row = audit.at(1)
  assert.ok(row)
  await publisher.send({ topic: 'audit-entries', key: row.chainId, value: { ...row, actor: 'mallory' } })
  const broken = await run('audit verify', [])
  assert.equal(broken.code, 1)
  assert.match(broken.out, new RegExp(`^${row.chainId} entry ${row.seq}: `, 'm'))

  // Somebody moves one recorded instant by a second, on the topic itself: the inspector's tool names case and clock.
  const breach = c3.find((event) => event.what === 'breached')
  assert.ok(breach)
  await publisher.send({ topic: 'clock-events', key: breach.constituent, value: { ...breach, at: breach.at + 1_000 } })
  const altered = await run('clocks verify', [])
  assert.equal(altered.code, 1)
  assert.match(altered.out, new RegExp(`${caseId} C3/event wrong-instant: breached is recorded at`))
  await following.close()
  await kafka.close()
})

test('KZ-10.3k VN-11.4d visits and supplementary collection by the command line, on the real topics', async () => {
  const kafka = await openKafkaForCommand(env)
  const requests: Request[] = []
  const following = await kafka.follow(['requests'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) requests.push(value)
  })
  await kill()
  start()
  const give = async (...words: string[]): Promise<CommandResult> => {
    const { out } = await run('incident', [...words, '--json'])
    return JSON.parse(out.trim()) as CommandResult
  }
  const shown = async (caseId: string): Promise<Incident> =>
    JSON.parse((await run('incident', ['show', caseId, '--json'])).out) as Incident
  const made = await give(
    'create',
    '--constituent',
    'vn-province',
    '--set',
    'title=Odd traffic',
    '--set',
    'reportedBy=Lan',
  )
  assert.equal(made.code, 'accepted', made.reason)
  const { caseId } = made
  const asked = await give(
    'ask-supplementary',
    caseId,
    '--set',
    'what=a longer window of the firewall',
    '--set',
    'to=operator',
  )
  assert.equal(asked.code, 'accepted', asked.reason)
  const request = await eventually('the request', () =>
    requests.find(({ kind }) => kind === 'supplementary-collection'),
  )
  assert.deepEqual([request.state, request.to, request.constituent], ['open', 'operator', 'vn-province'])
  assert.equal((await shown(caseId)).verification, 'supplementary-asked')
  await give('supplementary-collected', caseId, '--set', 'text=Two more hosts.', '--set', 'confidence=80')
  const collected = await shown(caseId)
  assert.deepEqual([collected.verification, collected.confidence], ['unverified', 80])
  assert.ok(collected.related.includes(`request:${request.requestId}`), 'the result links back')
  await eventually('the answered request', () =>
    requests.find(({ state, requestId }) => state === 'answered' && requestId === request.requestId),
  )

  const sent = await give('dispatch', caseId, '--set', 'decidedBy=sts', '--set', 'employee=D. Omarov')
  assert.equal(sent.code, 'accepted', sent.reason)
  const arrivedAt = new Date(kafka.clock.now()).toISOString()
  await give('dispatch-result', caseId, '--set', `arrivedAt=${arrivedAt}`, '--set', 'result=Disk imaged.')
  const [visit] = (await shown(caseId)).visits
  assert.deepEqual(
    [visit?.decidedBy, visit?.employee, visit?.arrivedAt, visit?.result],
    ['sts', 'D. Omarov', Date.parse(arrivedAt), 'Disk imaged.'],
  )
  await following.close()
  await kafka.close()
})

test('KZ-12c VN-3.4a the quarter’s task and a request by the command line on the real topics, each asked once', async () => {
  const words = (...more: string[]) => run('request', [...more, '--json'])
  const listed = async (): Promise<Request[]> =>
    (await words('list')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Request)
  const opened = await words(
    'open',
    '--constituent',
    'vn-province',
    '--kind',
    'instruction',
    '--subject',
    'S',
    '--days',
    '9',
  )
  const { accepted, caseId } = JSON.parse(opened.out) as CommandResult
  assert.equal(accepted, true)
  const number = (await listed()).find(({ requestId }) => requestId === caseId)?.number ?? ''
  assert.match(number, /^R-VN-/)
  assert.equal((await words('answer', number, '--role', 'manager', '--text', 'done')).code, 0)
  const requests = await listed()
  assert.equal(requests.find(({ requestId }) => requestId === caseId)?.state, 'answered')
  // Four partitions, several starts: one task opened the quarter's request of each body, under one number.
  const tasks = requests.filter(({ scheduleId }) => scheduleId === 'C5')
  assert.equal(new Set(tasks.map(({ period }) => period)).size, tasks.length)
  // The clock went on by days: where a quarter ended meanwhile, its task is overdue beside the open one.
  assert.deepEqual(
    tasks.filter(({ state }) => state === 'open').map(({ constituent, to }) => [constituent, to]),
    [['kz-ministry', 'kz-ministry']],
  )
})

function contactRecord(contact: (typeof contacts)[number]): RegistryContact {
  return {
    ...contact,
    channels: [...contact.channels],
    kind: 'department',
    department: null,
    position: null,
    address: null,
    phone: null,
    mobile: null,
    email: 'desk@example.org',
    webhook: null,
    certificate: null,
    addresses: {},
    certificateExpiresAt: null,
    validFrom: 0,
    validTo: null,
    changedBy: 'test',
    changedAt: 0,
    reason: 'test',
    deleted: false,
  }
}

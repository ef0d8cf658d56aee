// Response actions with everything real: Kafka, the service as a process that is killed, the OpenSSH client and server, the
// forced command, and nftables in a network namespace through which connections are tried.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { AuditEntry, CommandResult, Incident, RegistryConstituent, ResponseAction } from '@tocsin/events'
import { withAdmin } from '@tocsin/stage/admin'
import { type Following, openKafkaForCommand, type Publisher } from '@tocsin/stage/kafka'
import { ATTACKER, BYSTANDER, type PacketFilterLab, startPacketFilter } from '@tocsin/test/support/packet-filter'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { stringify } from 'yaml'
import { sshFilter } from '../../src/adapters/ssh-filter.ts'
import { incidentManager } from '../../src/manage.ts'
import { command, detection, registry, side } from '../world.ts'

const PREFIX = `im-filter-${process.pid}.`
const NAMES = `detections incident-commands deliveries health-events incidents incident-changes clock-events notices
  command-results audit-entries requests suppressions response-actions dead-letters
  registry-constituents registry-contacts registry-systems registry-sources`
const TOPICS = [
  ...NAMES.split(/\s+/),
  ...(incidentManager(registry).stores ?? []).map((store) => `incident-manager.${store}.changelog`),
  'incident-manager.responses.wanted.changelog',
]
const HANG_MS = 90_000

const folder = mkdtempSync(join(tmpdir(), 'packet-filter-'))
let stack: Stack
let env: Record<string, string>
let lab: PacketFilterLab
let service: ChildProcess | undefined
let refused: string | null = null
let following: Following
let kafka: Awaited<ReturnType<typeof openKafkaForCommand>>
let publisher: Publisher
let found: Incident
const records: ResponseAction[] = []
const audit: AuditEntry[] = []
const answers = new Map<string, CommandResult>()

before(async () => {
  const started = await startPacketFilter(folder)
  if (typeof started === 'string') {
    refused = started
    return
  }
  lab = started
  const { host, port, user, keyFile, knownHostsFile } = lab
  const filters = [{ sourceId: 'kz-border', constituents: ['kz-ministry'], host, port, user, keyFile, knownHostsFile }]
  writeFileSync(join(folder, 'filters.yaml'), stringify({ filters, neverBlock: ['198.51.100.0/24'] }))
  stack = await startStack({ kafka: true, registry: true })
  env = { ...stack.env, TOCSIN_TOPIC_PREFIX: PREFIX, INCIDENT_MANAGER_FILTERS: join(folder, 'filters.yaml') }
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: TOPICS.map((topic) => ({ topic: PREFIX + topic, numPartitions: 2, replicationFactor: 1 })),
    }),
  )
  kafka = await openKafkaForCommand(env)
  const topics = ['incidents', 'response-actions', 'audit-entries', 'command-results'] as const
  following = await kafka.follow(topics, { from: 'beginning' }, (record) => {
    if (record.value === null) return
    if (record.topic === 'incidents') found = record.value
    else if (record.topic === 'response-actions') records.push(record.value)
    else if (record.topic === 'command-results') answers.set(record.value.commandId, record.value)
    else audit.push(record.value)
  })
  publisher = await kafka.publisher()
  const body = registry.constituent('kz-ministry') as RegistryConstituent
  await publisher.send({ topic: 'registry-constituents', key: body.constituentId, value: body })
  start()
  const seen = detection({
    detectedAt: kafka.clock.now(),
    participants: [side('source', ATTACKER, 20), side('target', BYSTANDER, 20)],
  })
  await publisher.send({ topic: 'detections', key: seen.constituent, value: seen })
  await eventually('the case', () => found !== undefined)
})

after(async () => {
  await kill()
  if (refused === null) {
    await following.close()
    await kafka.close()
    await withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics: TOPICS.map((topic) => PREFIX + topic) }))
    await stack.stop()
    await lab.stop()
  }
  rmSync(folder, { recursive: true, force: true })
})

function start(): void {
  service = spawn(process.execPath, [join(import.meta.dirname, '../../src/main.ts')], {
    cwd: join(import.meta.dirname, '../../../..'),
    env: { ...process.env, ...env, TOCSIN_ADMIN_PORT: '0', TOCSIN_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

async function kill(): Promise<void> {
  if (service === undefined || service.exitCode !== null || service.signalCode !== null) return
  service.kill('SIGKILL')
  await once(service, 'exit')
}

/** Waits until `look` says yes; the deadline is real time and only ends what hangs. */
async function eventually(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + HANG_MS
  while (!(await look())) {
    if (performance.now() > deadlineMs) throw new Error(`${what} did not happen within ${HANG_MS} ms`)
    await pause(50)
  }
}

/** One command on the case, as a person; waits for the answer to it. */
async function give(actor: string, action: string, fields: Record<string, string>): Promise<CommandResult> {
  const value = command(action, kafka.clock.now(), {
    caseId: found.caseId,
    commandId: `${actor}-${action}-${answers.size}`,
    actor,
    reason: 'attack',
    fields,
  })
  await publisher.send({ topic: 'incident-commands', key: value.constituent, value })
  await eventually(`the answer to ${action}`, () => answers.has(value.commandId))
  return answers.get(value.commandId) as CommandResult
}

async function propose(target: string, kind = 'block-address'): Promise<string> {
  const answer = await give('anna', 'propose-response', { kind, target })
  assert.equal(answer.code, 'accepted', answer.reason)
  await eventually('the proposal', () => records.some((one) => one.target === target && one.state === 'proposed'))
  return records.findLast((one) => one.target === target)?.actionId ?? ''
}

const statesOf = (actionId: string): string[] =>
  records.filter((one) => one.actionId === actionId).map(({ state }) => state)
const reached = (actionId: string, state: string) => (): boolean => statesOf(actionId).includes(state)
const skipped = (t: TestContext): boolean => {
  if (refused !== null) t.skip(refused)
  return refused !== null
}

describe('a packet filter', () => {
  test('KZ-10.3j XC-12 after a second person’s approval a connection from the address fails, after the undoing it succeeds', async (t) => {
    if (skipped(t)) return
    assert.ok(await lab.connects(ATTACKER), 'the way is open before')
    const response = await propose(ATTACKER)
    const own = await give('anna', 'approve-response', { response })
    assert.equal(own.code, 'not-permitted')
    assert.deepEqual([lab.calls().started, lab.elements('blocked4')], [0, []], 'nobody asked the filter')
    assert.equal((await give('boris', 'approve-response', { response })).code, 'accepted')
    await eventually('the effect', reached(response, 'applied'))
    assert.equal(await lab.connects(ATTACKER), false)
    assert.ok(await lab.connects(BYSTANDER), 'another address is not touched')
    const undone = await give('carol', 'revert-response', { response })
    assert.equal(undone.code, 'accepted', undone.reason)
    await eventually('the undoing', reached(response, 'reverted'))
    await eventually('the open way', () => lab.connects(ATTACKER))
    assert.deepEqual(statesOf(response), ['proposed', 'approved', 'applied', 'reverting', 'reverted'])
    const last = records.findLast(({ actionId }) => actionId === response)
    assert.deepEqual([last?.requestedBy, last?.approvedBy, last?.endedBy], ['anna', ['boris'], 'carol'])
    const said = () =>
      audit
        .filter(({ action }) => action.includes('response'))
        .map(({ actor, action, outcome }) => `${actor} ${action} ${outcome}`)
    await eventually('the audit entries', () => said().length >= 6)
    assert.deepEqual(said(), [
      'anna incident.propose-response allowed',
      'anna incident.approve-response denied',
      'boris incident.approve-response allowed',
      'incident-manager incident.response-effect allowed',
      'carol incident.revert-response allowed',
      'incident-manager incident.response-effect allowed',
    ])
  })

  test('XC-12 an isolated host reaches nobody', async (t) => {
    if (skipped(t)) return
    const response = await propose(BYSTANDER, 'isolate-host')
    await give('boris', 'approve-response', { response })
    await eventually('the effect', reached(response, 'applied'))
    assert.equal(await lab.connects(BYSTANDER), false)
    await give('boris', 'revert-response', { response })
    await eventually('the undoing', reached(response, 'reverted'))
    await eventually('the open way', () => lab.connects(BYSTANDER))
  })

  for (const [moment, where] of [
    ['after the approval, before the filter did anything', 'before'],
    ['after the effect, before its record', 'after'],
  ] as const)
    test(`XC-12 SIGKILL ${moment}: one effect and one record`, async (t) => {
      if (skipped(t)) return
      lab.hold(where)
      const before = lab.calls()
      const response = await propose(ATTACKER)
      await give('boris', 'approve-response', { response })
      await eventually(
        'the question',
        () => lab.calls()[where === 'before' ? 'started' : 'ended'] > before[where === 'before' ? 'started' : 'ended'],
      )
      await kill()
      assert.deepEqual(lab.elements('blocked4'), where === 'before' ? [] : [ATTACKER])
      assert.deepEqual(statesOf(response), ['proposed', 'approved'])
      lab.hold(null)
      start()
      await eventually('the effect', reached(response, 'applied'))
      await eventually('the second question', () => lab.calls().ended >= before.ended + 2)
      assert.deepEqual(lab.elements('blocked4'), [ATTACKER])
      assert.deepEqual(readdirSync(lab.actionsFolder), [response])
      await give('carol', 'revert-response', { response })
      await eventually('the undoing', reached(response, 'reverted'))
      assert.deepEqual(statesOf(response), ['proposed', 'approved', 'applied', 'reverting', 'reverted'], 'each once')
      assert.deepEqual(lab.elements('blocked4'), [])
    })

  test('SEC-S12 the key does nothing but the script’s words, and an unknown host gets no word', async (t) => {
    if (skipped(t)) return
    const { host, port, user, keyFile, knownHostsFile } = lab
    const ask = sshFilter()
    const filter = { sourceId: 'kz-border', constituents: ['kz-ministry'], host, port, user, keyFile, knownHostsFile }
    const id = 'a'.repeat(32)
    const strange = [
      ['sh', '-c', 'id'],
      ['list;id'],
      ['$(id)'],
      ['list', '../../etc'],
      ['revert', '../lock'],
      ['block-address', id, 'a.b.c.d'],
      ['block-address', id, '999.0.113.9'],
      ['block-address', id, '203.0.113.0/24'],
      ['block-address', id, '203.0.113.9-203.0.113.99'],
      ['block-address', id, 'localhost'],
      ['block-address', id, '127.0.0.1'],
      ['block-address', id, '::ffff:203.0.113.9'],
      ['block-address', id, '::1'],
      ['block-address', id.slice(0, 8), ATTACKER],
    ]
    const said = await Promise.all(strange.map((words) => ask(filter, words)))
    assert.deepEqual(
      said.map(({ kind }, index) => `${kind} ${strange[index]?.join(' ')}`),
      strange.map((words) => `refused ${words.join(' ')}`),
    )
    assert.deepEqual(readdirSync(lab.actionsFolder), [])
    const stranger = await ask({ ...filter, knownHostsFile: '/dev/null' }, ['list'])
    assert.deepEqual(stranger.kind, 'unreachable')
    assert.match(stranger.reply, /Host key verification failed/)
  })
})

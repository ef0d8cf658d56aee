// Both halves face each other: the exporter uploads to a real FTPS server, and the receiving half, a process of its own on real
// Kafka, takes what lies there.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { ReceivedItem } from '@tocsin/events'
import { readSharedCase } from '@tocsin/exchange'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import type { FtpsServer } from '@tocsin/test/support/ftps'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import type { Issue } from '../../src/account/account.ts'
import { FtpsTransport } from '../../src/adapters/ftps.ts'
import { fromCsv } from '../../src/feeds/tw-nccst-1.3/csv.ts'
import type { ReceivedStatistics, TestItem } from '../../src/receiving/acceptance.ts'
import { runCommand } from '../command-run.ts'
import { ExporterProcess, makeTopics } from '../exporter-process.ts'
import { detectionOf, exporterAt, startServer } from '../exporter-world.ts'
import { change, constituent, incident, NOW } from '../fixtures.ts'

const prefix = `receiving-${process.pid}.`
const TICKETS = 12

let stack: Stack
let server: FtpsServer
let receiver: ExporterProcess | null = null

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  server = await startServer()
  await makeTopics(stack, prefix)
})

after(async () => {
  await receiver?.end('SIGKILL')
  await stack.stop()
})

const own = (): string => join(dirname(server.root), 'receiving')
const home = (): string => basename(server.root)

function startReceiver(state: string): void {
  mkdirSync(own(), { recursive: true })
  const sendersFile = join(own(), 'senders.yaml')
  writeFileSync(sendersFile, `- {sender: EXAMPLE-SOC, name: Example SOC, directory: ${home()}, state: ${state}}\n`)
  // The receiver's clock shows the time of the tickets, so that item 2-2 of the test can pass.
  const clockFile = join(own(), 'clock')
  writeFileSync(clockFile, `${NOW - Date.now()}\n`)
  receiver = new ExporterProcess({
    stack,
    prefix,
    own: {
      RECEIVING_ROOT: dirname(server.root),
      RECEIVING_STATE: own(),
      RECEIVING_SENDERS: sendersFile,
      RECEIVING_EVERY_MS: '100',
    },
    env: { TOCSIN_PROFILE: 'embedded', TOCSIN_CLOCK_FILE: clockFile },
  })
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const giveUpMs = performance.now() + 60_000
  while (!holds()) {
    assert.ok(performance.now() < giveUpMs, `${what} did not happen`)
    await pause(20)
  }
}

test('TW-P1, TW-P2 what the exporter uploads by FTPS is received, checked, published, answered, tested, counted and made an issue with a deadline, though the receiver is killed on the way', async () => {
  const kafka = await openKafkaForCommand({ ...stack.env, TOCSIN_TOPIC_PREFIX: prefix })
  const records: ReceivedItem[] = []
  const following = await kafka.follow(['received-items'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) records.push(value)
  })
  const items = () => new Map(records.map((item) => [item.name, item]))
  try {
    const publisher = await kafka.publisher()
    await publisher.send({ topic: 'registry-constituents', key: 'tw-ey', value: constituent() })
    startReceiver('production')
    const exporter = exporterAt({ server })
    const ids = Array.from({ length: TICKETS }, (_, index) => `d-${index}`)
    await exporter.give('incident-changes', 'tw-ey', change(incident({ detectionIds: ids })))
    // Every third one with an attachment.
    for (let index = 0; index < TICKETS; index++) {
      await exporter.give(
        'detections',
        'tw-ey',
        detectionOf(index, index % 3 === 0 ? { triggeredRuleName: '規'.repeat(300) } : {}),
      )
    }
    await exporter.settle(10)
    await until('a first item', () => records.length > 0)
    await receiver?.end('SIGKILL')
    // A sender that has lost its way: a foreign code, an entity, and a file that broke off.
    const transport = new FtpsTransport(
      {
        host: server.host,
        port: server.port,
        user: server.user,
        password: server.password,
        ca: readFileSync(server.caFile, 'utf8'),
        implicit: false,
        directory: '',
      },
      exporter.clock,
    )
    const [good] = exporter.tickets().values()
    const bad: Readonly<Record<string, string>> = {
      'BAD-1': (good?.xml ?? '').replace('>EXAMPLE-SOC<', '>OTHER<'),
      'BAD-2': '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Incident>&e;</Incident>',
      'BAD-3': (good?.xml ?? '').slice(0, 900),
    }
    for (const [name, text] of Object.entries(bad)) {
      await transport.send({ id: name, files: [{ path: `incident/${name}.xml`, content: Buffer.from(text) }] })
    }
    transport.close()
    startReceiver('production')
    const expected = TICKETS + TICKETS / 3 + 2 + 3
    await until('every item', () => items().size === expected)
    const sent = [...exporter.tickets().values()]
    for (const ticket of sent) {
      const item = items().get(ticket.fileName)
      assert.deepEqual([item?.verdict, item?.sha256, item?.caseFields], ['accepted', ticket.sha256, ticket.fields])
      // What incident-manager makes a case of: the registered body of the OID, and the case under its origin.
      const { origin, titles } = readSharedCase(JSON.parse(item?.sharedCase ?? ''))
      assert.deepEqual(
        [item?.constituent, origin, titles['zh-Hant']],
        ['tw-ey', `EXAMPLE-SOC/${ticket.ticketId}`, ticket.fields['Subject']],
      )
    }
    assert.deepEqual(
      Object.keys(bad).map((name) => items().get(`${name}.xml`)?.reason?.split(':')[0]),
      ['organization', 'unsafe-xml', 'schema'],
    )
    assert.equal(new Set(records.map(({ itemId }) => itemId)).size, expected, 'no file is two items')

    const answer = join(server.root, 'answer')
    const listed = () =>
      (existsSync(answer) ? readdirSync(answer) : []).flatMap((name) =>
        fromCsv(readFileSync(join(answer, name), 'utf8')).slice(1),
      )
    await until('the answer', () => listed().length === expected)
    for (const ticket of sent)
      assert.ok(listed().some(([name, sha256]) => name === ticket.fileName && sha256 === ticket.sha256))

    await receiver?.end('SIGTERM')
    const words = ['--state', own(), '--sender', 'EXAMPLE-SOC', '--issues-due', '14', '--by', 'Lin Mei']
    const env = { TOCSIN_CLOCK_FILE: join(own(), 'clock') }
    assert.equal((await runCommand('feed received', words, { env })).code, 1)
    const { out } = await runCommand('feed received', words, { env })
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const tests = lines.filter((line) => 'evidence' in line) as unknown as TestItem[]
    const issues = lines.filter((line) => 'issueId' in line) as unknown as Issue[]
    const statistics = lines.at(-1) as unknown as ReceivedStatistics
    assert.deepEqual(
      tests.filter(({ passed }) => !passed).map(({ item }) => item),
      ['2-1', '2-3', '2-4'],
      'one bad file spoils the items that it touches, and no other',
    )
    // Asked twice, each is opened once.
    assert.deepEqual(
      issues.map(({ issueId }) => issueId),
      ['2-1', '2-3', '2-4'].map((item) => `EXAMPLE-SOC-20261122-${item}`),
    )
    for (const { dueAt, openedAt, tester } of issues)
      assert.deepEqual([dueAt - openedAt, tester], [14 * 86_400_000, 'Lin Mei'])
    assert.deepEqual(statistics.byAgency, { 行政院: TICKETS })
    assert.deepEqual(statistics.byTechnique, { 'T1110 Brute Force': TICKETS })
  } finally {
    await following.close()
    await kafka.close()
  }
})

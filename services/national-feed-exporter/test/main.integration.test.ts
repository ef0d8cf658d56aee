// The whole service as a process: real Kafka, registry and FTPS server; killed on the way.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { FeedRecord, Ticket } from '@tocsin/events'
import { changelogTopic, type Output } from '@tocsin/stage'
import { withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { type FtpsServer, startFtps } from '@tocsin/test/support/ftps'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { SERVICE } from '../src/health-event.ts'
import { STORES } from '../src/state.ts'
import { change, constituent, defaultRuleSet, detection, incident, source } from './fixtures.ts'
import { readWithPython, validateWithXmllint } from './independent-parser.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-exporter-main-'))
const prefix = `exporter-${process.pid}.`
const ROOT = join(import.meta.dirname, '../../..')
const TICKETS = 20

let stack: Stack
let server: FtpsServer
let child: ChildProcess | null = null

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  server = await startFtps({ dir: base })
  const partitioned = [
    'detections',
    'incident-changes',
    'deliveries',
    'health-events',
    'tickets',
    'feed-records',
    'dead-letters',
  ]
  const single = [
    'registry-constituents',
    'registry-sources',
    'rule-sets',
    'feed.tw-nccst',
    'feed.kz-nsc',
    'feed.vn-mic',
  ]
  const stores = STORES.map((store) => changelogTopic(SERVICE, store))
  const topic = (name: string, numPartitions: number) => ({ topic: prefix + name, numPartitions, replicationFactor: 1 })
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [...[...partitioned, ...stores].map((name) => topic(name, 4)), ...single.map((name) => topic(name, 1))],
    }),
  )
})

after(async () => {
  if (child !== null && child.exitCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await server.stop()
  await stack.stop()
  rmSync(base, { recursive: true })
})

function startService(): ChildProcess {
  const passwordFile = join(base, 'password')
  writeFileSync(passwordFile, server.password, { mode: 0o600 })
  const own = {
    FTPS_HOST: server.host,
    FTPS_PORT: String(server.port),
    FTPS_USER: server.user,
    FTPS_PASSWORD_FILE: passwordFile,
    FTPS_CA_FILE: server.caFile,
    ORGANIZATION: 'EXAMPLE-SOC',
    PREFIX: 'EXSOC',
    PROFILE_STATE: 'production',
  }
  return spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...stack.env,
      ...Object.fromEntries(Object.entries(own).map(([name, value]) => [`NATIONAL_FEED_EXPORTER_${name}`, value])),
      TOCSIN_TOPIC_PREFIX: prefix,
      TOCSIN_ADMIN_PORT: '0',
      TOCSIN_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
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
    child = startService()
    const incidents = () => readdirSync(join(server.root, 'incident')).filter((name) => name.endsWith('.xml'))
    const until = async (what: string, holds: () => boolean) => {
      const giveUpMs = performance.now() + 90_000
      while (!holds()) {
        assert.ok(performance.now() < giveUpMs, `${what} did not happen`)
        await pause(20)
      }
    }
    await until('a first file', () => incidents().length > 0)
    child.kill('SIGKILL')
    await once(child, 'exit')
    child = startService()
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

    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number]
    assert.equal(code, 0)
    await following.close()
  } finally {
    await kafka.close()
  }
})

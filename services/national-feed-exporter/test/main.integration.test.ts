// The whole service as a process: real Kafka, registry and FTPS server; killed on the way.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { FeedRecord, Ticket } from '@tocsin/events'
import type { Output } from '@tocsin/stage'
import { withAdmin } from '@tocsin/stage/admin'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
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
  const agencies = ['feed.tw-nccst', 'feed.kz-nsc', 'feed.vn-mic']
  await makeTopics(stack, prefix, agencies)
})

after(async () => {
  await exporter?.end('SIGKILL')
  await server.stop()
  await stack.stop()
  rmSync(base, { recursive: true })
})

function startService(): ExporterProcess {
  const passwordFile = join(base, 'password')
  writeFileSync(passwordFile, server.password, { mode: 0o600 })
  const own = {
    ...ftpsSettings(server, passwordFile),
    ORGANIZATION: 'EXAMPLE-SOC',
    PREFIX: 'EXSOC',
    PROFILE_STATE: 'production',
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

    seen = { running: processOf(exporter.child.pid ?? 0), said: exporter.said }
    assert.equal(await exporter.end('SIGTERM'), 0)
    seen.said += exporter.said
    await following.close()
  } finally {
    await kafka.close()
  }
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

// A record that cannot be read, on a real broker: the normalizer gives it up, the command line shows it, fixes it and sends it
// back, and the event appears.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type AuditEntry, type DeadLetter, type Event, eventIdFrom, type RawBlock } from '@tocsin/events'
import { withAdmin } from '@tocsin/stage/admin'
import { type Following, openKafkaForCommand } from '@tocsin/stage/kafka'
import { startVictim, type Victim } from '@tocsin/test/support/kill'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { recordText } from '../../src/dead-letters/record-text.ts'
import { runCommandLine } from '../../src/index.ts'
import { projectRoot } from '../../src/stack/places.ts'
import { letterOf } from './letter.ts'

const PREFIX = `dlq-${process.pid}.`
const TOPICS = [
  'raw-blocks',
  'normalizer.collectors.changelog',
  'normalizer.columns.changelog',
  'registry-sources',
  'events',
  'source-counts',
  'health-events',
  'dead-letters',
  'audit-entries',
]
const AT = Date.UTC(2026, 2, 1)
const LINE = '<38>Mar  1 00:00:00 web-1 sshd[811]: Failed password for root from 192.0.2.7 port 4711 ssh2'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-dlq-'))
const events: Event[] = []
const audit: AuditEntry[] = []
const letters: DeadLetter[] = []
let stack: Stack
let env: Record<string, string>
let kafka: Awaited<ReturnType<typeof openKafkaForCommand>>
let following: Following
let normalizer: Victim

before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  env = { ...stack.env, TOCSIN_TOPIC_PREFIX: PREFIX, TOCSIN_STACK: folder, USER: 'anna' }
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: false, // Every reader waits for its topics.
      topics: TOPICS.map((topic) => ({ topic: PREFIX + topic, numPartitions: 1, replicationFactor: 1 })),
    }),
  )
  kafka = await openKafkaForCommand(env, 'dlq-test')
  following = await kafka.follow(['events', 'audit-entries', 'dead-letters'], { from: 'beginning' }, (record) => {
    if (record.value === null) return
    if (record.topic === 'events') events.push(record.value)
    else if (record.topic === 'audit-entries') audit.push(record.value)
    else letters.push(record.value)
  })
  normalizer = startVictim(join(projectRoot, 'services/normalizer/src/main.ts'), {
    env: { ...env, TOCSIN_ADMIN_PORT: '0', TOCSIN_DATA: folder },
  })
})

after(async () => {
  await normalizer.stop()
  await following.close()
  await kafka.close()
  await withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics: TOPICS.map((topic) => PREFIX + topic) }))
  await stack.stop()
  rmSync(folder, { recursive: true })
})

async function tocsin(...words: string[]): Promise<{ exitCode: number; out: string; error: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const io = { stdin, stdout, stderr, env, signal: new AbortController().signal }
  const exitCode = await runCommandLine(words, io)
  return { exitCode, out: String(stdout.read() ?? ''), error: String(stderr.read() ?? '') }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const start = performance.now(); !holds(); await pause(50))
    assert.ok(performance.now() - start < 90_000, `${what}\n${normalizer.lines.slice(-20).join('\n')}`)
}

const block = (): RawBlock => ({
  blockId: '019ca6d3-0000-7000-8000-000000000001',
  constituent: 'dc-health',
  sourceId: 'edge-1',
  receivedAt: AT,
  exercise: false,
  listener: 'udp:15514',
  transport: 'udp',
  peerAddress: '192.0.2.1',
  peerPort: null,
  clientCertificate: null,
  ingestId: 'ingest-0',
  chainSeq: 1,
  previousHash: Buffer.alloc(32),
  blockHash: Buffer.alloc(32, 1),
  frames: [
    {
      octets: Buffer.from(LINE),
      receivedAt: AT,
      truncatedBytes: 0,
      framing: 'datagram',
      collectorId: null,
      collectorSeq: null,
      possibleRepeat: false,
    },
  ],
})

test('with no dead letters the list is empty and the exit code 0', async () => {
  assert.deepEqual(await tocsin('dlq', 'list'), { exitCode: 0, out: 'no dead letters\n', error: '' })
})

test('a record that cannot be read is listed, shown, fixed and replayed, and its event appears once for each id', async () => {
  const publisher = await kafka.publisher()
  await publisher.sendRaw({
    topic: `${PREFIX}raw-blocks`,
    key: Buffer.from('edge-1'),
    value: Buffer.from('poison\u001b[2J, not Avro'),
    headers: [{ 'x-from': Buffer.from('elsewhere') }],
  })
  await until('the dead letter', () => letters.length > 0)

  const listed = await tocsin('dlq', 'list', '--service', 'normalizer', '--json')
  const { deadLetterId: id, code } = JSON.parse(listed.out) as { deadLetterId: string; code: string }
  assert.deepEqual([listed.exitCode, code], [0, 'undecodable_record'])
  assert.equal((await tocsin('dlq', 'list', '--code', 'unexpected')).out, 'no dead letters\n')

  const shown = await tocsin('dlq', 'show', id.slice(0, 8))
  assert.match(shown.out, /\npoison␛\[2J, not Avro\n/)
  assert.match(shown.out, /header x-from +elsewhere\n/)

  const early = await tocsin('dlq', 'replay', id)
  assert.deepEqual([early.exitCode, early.out], [1, ''])
  assert.match(early.error, /has no fix yet/)
  const asIs = await tocsin('dlq', 'fix', id, '--as-is')
  assert.equal(asIs.exitCode, 1)
  assert.match(asIs.error, /would be a dead letter again/)

  const file = join(folder, 'value.json')
  writeFileSync(file, recordText(block()))
  assert.deepEqual((await tocsin('dlq', 'fix', id, '--json', file)).error, '')
  assert.match((await tocsin('dlq', 'replay', id, '--dry-run')).out, /^would replay .* key edge-1, .* 2 headers/)
  assert.deepEqual([events.length, audit.length], [0, 0])

  const replayed = await tocsin('dlq', 'replay', id)
  assert.deepEqual([replayed.exitCode, replayed.error], [0, ''])
  await until('the event', () => events.length > 0)
  // Its id comes from the block, so a second replay makes the same event again and every reader knows it.
  await tocsin('dlq', 'replay', id)
  await until('the event again', () => events.length > 1)
  assert.deepEqual(
    events.map(({ eventId, sourceId, source_ip }) => [eventId, sourceId, source_ip]),
    Array(2).fill([eventIdFrom(block().blockId, 0, AT), 'edge-1', '192.0.2.7']),
  )
  assert.deepEqual(
    audit.map(({ seq, actor, action, object }) => [seq, actor, action, object]),
    [1, 2].map((seq) => [seq, 'anna', 'dead-letter.replay', id]),
  )
  assert.equal(audit[1]?.previousHash, audit[0]?.hash)
  assert.equal(letters.length, 1)
})

test('a replay that fails again carries the headers of the original and the dead letter that it came from', async () => {
  const poison = letters[0] as DeadLetter
  const file = join(folder, 'octets.bin')
  assert.equal((await tocsin('dlq', 'show', poison.deadLetterId, '--octets', file)).exitCode, 0)
  assert.deepEqual(readFileSync(file), poison.original)
  const publisher = await kafka.publisher()
  const headers = [...Object.entries(poison.headers), ['tocsin-replay-of', Buffer.from(poison.deadLetterId)] as const]
  await publisher.sendRaw({
    topic: poison.topic,
    key: Buffer.from('edge-1'),
    value: poison.original,
    headers: headers.map(([name, value]) => ({ [name]: value })),
  })
  await until('the second dead letter', () => letters.length > 1)
  assert.deepEqual(
    Object.entries(letters[1]?.headers ?? {}).map(([name, value]) => [name, value.toString()]),
    [
      ['x-from', 'elsewhere'],
      ['tocsin-replay-of', poison.deadLetterId],
    ],
  )
})

test('a dead letter of a dead letter is shown and never replayed', async () => {
  const publisher = await kafka.publisher()
  const value = letterOf({ topic: `${PREFIX}dead-letters`, deadLetterId: 'd'.repeat(32) })
  await publisher.send({ topic: 'dead-letters', key: value.service, value })
  const refused = await tocsin('dlq', 'fix', 'dddd', '--as-is')
  assert.equal(refused.exitCode, 1)
  assert.match(refused.error, /dead letter of a dead letter/)
  assert.equal((await tocsin('dlq', 'show', 'dddd')).exitCode, 0)
})

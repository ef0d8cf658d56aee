// What we rely on of the Kafka client and the broker, asked of the adapter itself (packages/stage/src/kafka): run it with
// every upgrade of either. The numbers P1, P2, P3 and P6 are those of the survey of clients that the choice stands on
// (docs/decisions); eos-crash.integration.test.ts is its fire.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { loadConfig, noSettings } from '@tocsin/runtime'
import { type Stack, startStack } from '@tocsin/test/support/stack'
import { withAdmin } from '../src/admin/index.ts'
import {
  type Consumer,
  called,
  checkFeatures,
  connectConsumer,
  connectProducer,
  disconnect,
  type Message,
} from '../src/kafka/client.ts'
import { GroupConsumer } from '../src/kafka/group.ts'
import { openKafkaForCommand } from '../src/kafka/index.ts'
import { Reader } from '../src/kafka/reader.ts'
import {
  clusterSettings,
  producerSettings,
  type RdSettings,
  readerSettings,
  stageConsumerSettings,
  transactionalSettings,
} from '../src/kafka/settings.ts'
import { type NextOffset, Transactions, type WireRecord } from '../src/kafka/transaction.ts'
import { until } from './real-kafka.ts'

/** The least that the broker allows (group.min.session.timeout.ms). */
const SESSION_MS = 6_000
const STALL_MS = 8_000
const patience = { patienceMs: 30_000, signal: new AbortController().signal }

let stack: Stack
let cluster: RdSettings
const prefix = `probe-${process.pid}.`
const topics = {
  fence: `${prefix}fence`,
  input: `${prefix}input`,
  output: `${prefix}output`,
  codecs: `${prefix}codecs`,
}
before(async () => {
  stack = await startStack({ kafka: true, registry: true })
  cluster = clusterSettings(loadConfig(noSettings, stack.env, 'probe'), 'probe')
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: Object.values(topics).map((topic) => ({ topic, numPartitions: 4, replicationFactor: 1 })),
    }),
  )
  const producer = await connectProducer({ ...cluster, ...producerSettings() }, patience)
  for (let n = 0; n < 40; n++) producer.produce(topics.input, n % 4, Buffer.from(`${n}`), `${n}`)
  await called((done) => producer.flush(20_000, done))
  await disconnect(producer)
})
after(() => withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics: Object.values(topics) })))

const record = (text: string): WireRecord => ({
  topic: topics.output,
  partition: 0,
  key: 'k',
  value: Buffer.from(text),
  headers: null,
})
const transactions = (id: string) =>
  Transactions.open({ ...cluster, ...transactionalSettings(prefix + id, 0) }, patience)

/** Joins as a stage does; without `slot` as a member that leaves when it closes. */
function join(group: string, slot: number | null): Promise<GroupConsumer> {
  const { 'group.instance.id': _, ...leaving } = stageConsumerSettings(prefix + group, slot ?? 0, false)
  const settings = slot === null ? leaving : stageConsumerSettings(prefix + group, slot, false)
  const bounds = { 'session.timeout.ms': SESSION_MS, 'max.poll.interval.ms': STALL_MS }
  return GroupConsumer.join({ ...cluster, ...settings, ...bounds }, [topics.input], patience)
}

/** Serves rebalances and reads until `enough`, as the loop of a stage does. */
async function poll(member: GroupConsumer, enough: (messages: readonly Message[]) => boolean): Promise<Message[]> {
  const messages: Message[] = []
  await until(
    async () => {
      const rebalance = member.nextRebalance()
      if (rebalance !== undefined) member.answer(rebalance)
      messages.push(...(await member.read(50, 100)))
      return enough(messages)
    },
    () => `${messages.length} records after the wait`,
  )
  return messages
}

const nextOf = ({ topic, partition, offset }: Message): NextOffset => ({ topic, partition, offset: offset + 1 })
const owned = (consumer: Consumer): number => consumer.assignments().length

async function outputs(): Promise<string[]> {
  const reader = await Reader.open({ ...cluster, ...readerSettings(`${prefix}outputs`) }, patience)
  const end = await reader.highWatermark(topics.output, 0)
  reader.assign([{ topic: topics.output, partition: 0 }], 'beginning')
  const texts: string[] = []
  await until(
    async () => {
      for (const { value } of await reader.read()) texts.push(String(value))
      return reader.endSeen(topics.output, 0) >= end
    },
    () => `the end of the outputs at ${end}`,
  )
  await reader.close()
  return texts
}

describe('the Kafka client behind the stages', () => {
  test('PROBE-P1 a second producer with the same transactional id fences the first; what the first had open is gone', async () => {
    const idle = await connectConsumer({ ...cluster, ...readerSettings(`${prefix}idle`) }, patience)
    const first = await transactions('p1')
    await first.commit([record('p1 before')], [], idle)
    const second = await transactions('p1')
    await assert.rejects(first.commit([record('p1 fenced')], [], idle), { code: 'transaction_failed' })
    await second.commit([record('p1 after')], [], idle)
    assert.deepEqual(
      (await outputs()).filter((text) => text.startsWith('p1')),
      ['p1 before', 'p1 after'],
    )
    await Promise.all([first.close(), second.close(), disconnect(idle)])
  })

  test('PROBE-P2 a member that has left its group cannot commit offsets of it while another one works', async () => {
    const gone = await join('p2', null)
    const [message] = (await poll(gone, (messages) => messages.length > 0)) as [Message]
    gone.consumer.unsubscribe()
    const rest = setInterval(() => {
      const rebalance = gone.nextRebalance()
      if (rebalance !== undefined) gone.answer(rebalance)
      else gone.read(0, 1).catch(() => {})
    }, 20)
    const live = await join('p2', null)
    await poll(live, () => owned(live.consumer) === 4)
    clearInterval(rest)
    const writes = await transactions('p2')
    await assert.rejects(writes.commit([record('p2 stale')], [nextOf(message)], gone.consumer), {
      code: 'transaction_failed',
    })
    await writes.close()
    const next = await transactions('p2')
    await next.commit([record('p2 live')], [nextOf(message)], live.consumer)
    assert.deepEqual(
      (await outputs()).filter((text) => text.startsWith('p2')),
      ['p2 live'],
    )
    await Promise.all([next.close(), gone.close(), live.close()])
  })

  test('PROBE-P3 no partition moves behind the back of a member that stalls, and once it has moved the stale commit is refused', async () => {
    const stalled = await join('p3', 0)
    const [message] = (await poll(stalled, (messages) => messages.length > 0 && owned(stalled.consumer) === 4)) as [
      Message,
    ]
    const stalledAtMs = performance.now()
    const other = await join('p3', 1)
    // Half of the allowed stall: the other member polls, the first one does not.
    await poll(other, () => performance.now() - stalledAtMs > STALL_MS / 2)
    assert.equal(owned(other.consumer), 0, 'a partition moved while its owner had not given it away')
    // Beyond it: the group goes on without the stalled member.
    await poll(other, () => owned(other.consumer) === 4)
    const writes = await transactions('p3')
    await assert.rejects(writes.commit([record('p3 stale')], [nextOf(message)], stalled.consumer), {
      code: 'transaction_failed',
    })
    await writes.close()
    const next = await transactions('p3')
    await next.commit([record('p3 live')], [nextOf(message)], other.consumer)
    assert.deepEqual(
      (await outputs()).filter((text) => text.startsWith('p3')),
      ['p3 live'],
    )
    await Promise.all([next.close(), stalled.close(), other.close()])
  })

  test('PROBE-P6 every codec that a foreign producer may use is read; a client built without one does not start', async () => {
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
    for (const codec of codecs) {
      const producer = await connectProducer(
        { ...cluster, ...producerSettings(), 'compression.codec': codec },
        patience,
      )
      producer.produce(topics.codecs, 0, Buffer.from(codec.repeat(500)), codec)
      await called((done) => producer.flush(20_000, done))
      await disconnect(producer)
    }
    const reader = await Reader.open({ ...cluster, ...readerSettings(`${prefix}codecs`) }, patience)
    reader.assign([{ topic: topics.codecs, partition: 0 }], 'beginning')
    const texts: string[] = []
    await until(
      async () => {
        for (const { value } of await reader.read()) texts.push(String(value))
        return texts.length >= codecs.length
      },
      () => `${texts.length} of ${codecs.length} codecs`,
    )
    assert.deepEqual(
      texts,
      codecs.map((codec) => codec.repeat(500)),
    )
    await reader.close()
    checkFeatures()
    assert.throws(() => checkFeatures(['gzip', 'lz4', 'ssl']), { code: 'kafka_client_incomplete', message: /zstd/ })
  })
})

/** Threads of librdkafka in this process; it names them `rdk:…`. */
const clientThreads = (): string[] =>
  readdirSync('/proc/self/task')
    .map((thread) => nameOfThread(thread))
    .filter((name) => name.startsWith('rdk:'))

/** Empty where it ended between the list and the look. */
function nameOfThread(thread: string): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim()
  } catch {
    return ''
  }
}

test('a command that read several tables leaves no client behind: one that outlives its process may abort it', async (t) => {
  if (process.platform !== 'linux') return t.skip('threads are listed on Linux only')
  const tables = ['registry-constituents', 'registry-systems', 'registry-assets', 'registry-sources'] as const
  const names = [...tables, 'registry-changes'].map((topic) => prefix + topic)
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({ waitForLeaders: true, topics: names.map((topic) => ({ topic, numPartitions: 2 })) }),
  )
  const before = clientThreads().length
  const kafka = await openKafkaForCommand({ ...stack.env, TOCSIN_TOPIC_PREFIX: prefix }, 'probe')
  await Promise.all(tables.map((topic) => kafka.table(topic)))
  await kafka.follow(['registry-changes'], { from: 'beginning' }, () => {})
  await kafka.publisher()
  assert.ok(clientThreads().length > before)
  await kafka.close()
  // What the tests before left may have ended meanwhile.
  assert.ok(clientThreads().length <= before)
  await withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics: names }))
})

import { setTimeout as pause } from 'node:timers/promises'
import type { DeadLetter, TopicName } from '@tocsin/events'
import { createClock, createLog, Health, loadConfig, Metrics, noSettings } from '@tocsin/runtime'
import type { Stack } from '@tocsin/test/support/stack'
import kafkajs, { type Message } from 'kafkajs'
import { withAdmin } from '../src/admin/index.ts'
import type { StageDefinition } from '../src/index.ts'
import { type Kafka, type KafkaContext, openKafka, type RunOptions } from '../src/kafka/index.ts'

// CommonJS: its named exports are not seen by Node's module loader.
const { CompressionTypes, Kafka: KafkaJs, logLevel } = kafkajs

export const PARTITIONS = 4

/** A test's own corner of a real cluster: topics under a prefix of their own, a raw sender, stages run in this process. */
export interface Corner {
  prefix: string
  /** Settings for a process of its own. */
  env: Record<string, string>
  /** Writes octets as they are, past every schema. */
  sendRaw(topic: string, messages: Message[], compression?: kafkajs.CompressionTypes): Promise<void>
  /** Runs a stage in this process until the function it gives is called; that gives what `run` gave. */
  run<Topics extends TopicName>(
    definition: StageDefinition<Topics>,
    options?: RunOptions & { slot?: number; env?: Record<string, string> },
  ): Promise<Running>
  /** A Kafka side for sending and following. */
  kafka: Kafka
  /** Dead letters so far, from the beginning. */
  letters: DeadLetter[]
  /** Committed offsets of a stage, summed over the partitions of a topic: how many of its records are done. */
  done(stage: string, topic: string): Promise<number>
  close(): Promise<void>
}

/** A stage that runs in this process. */
export interface Running {
  context: KafkaContext
  /** Asks for the stop and waits for the end; throws what the run threw. */
  stop(): Promise<void>
  /** Settles when the run ends by itself. */
  ended: Promise<void>
}

/** Opens a corner with these topics (4 partitions each); `dead-letters` is always there. */
export async function openCorner(stack: Stack, name: string, topics: readonly string[]): Promise<Corner> {
  const prefix = `${name}-${process.pid}-${Date.now() % 1_000_000}.`
  const env = { ...stack.env, TOCSIN_TOPIC_PREFIX: prefix }
  const names = [...new Set([...topics, 'dead-letters'])].map((topic) => prefix + topic)
  await withAdmin(stack.kafka, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: names.map((topic) => ({
        topic,
        numPartitions: PARTITIONS,
        replicationFactor: 1,
        configEntries: [
          { name: 'compression.type', value: 'lz4' },
          { name: 'max.message.bytes', value: topic.endsWith('dead-letters') ? '2097152' : '1048576' },
        ],
      })),
    }),
  )
  const stop = new AbortController()
  const kafka = await openKafka(contextOf(env, name, stop.signal))
  const letters: DeadLetter[] = []
  const following = await kafka.follow(['dead-letters'], { from: 'beginning' }, ({ value }) => {
    if (value !== null) letters.push(value)
  })
  const sender = new KafkaJs({ clientId: 'raw', brokers: [stack.kafka], logLevel: logLevel.NOTHING }).producer()
  await sender.connect()
  return {
    prefix,
    env,
    kafka,
    letters,
    sendRaw: async (topic, messages, compression = CompressionTypes.None) => {
      await sender.send({ topic: prefix + topic, messages, acks: -1, compression })
    },
    async run(definition, { slot = 0, env: more = {}, ...options } = {}) {
      const own = new AbortController()
      const context = contextOf({ ...env, ...more, TOCSIN_SLOT: String(slot) }, definition.name, own.signal)
      const ended = openKafka(context).then((side) => side.runStage(definition, options))
      // Seen by whoever waits for it, and here by a reader of a failed test.
      ended.catch((error: unknown) => console.error(`the stage ${definition.name} in slot ${slot} ended:`, error))
      return {
        context,
        ended,
        stop: async () => {
          own.abort()
          await ended
        },
      }
    },
    done: (stage, topic) =>
      withAdmin(stack.kafka, async (admin) => {
        const [entry] = await admin.fetchOffsets({ groupId: prefix + stage, topics: [prefix + topic] })
        return (entry?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0)
      }),
    async close() {
      await following.close()
      await sender.disconnect()
      stop.abort()
      await withAdmin(stack.kafka, (admin) => admin.deleteTopics({ topics: names }))
    },
  }
}

/** What the Kafka side needs of a process, for a test: quiet. */
export function contextOf(env: Record<string, string>, name: string, signal: AbortSignal): KafkaContext {
  const config = loadConfig(noSettings, env, name)
  return {
    name,
    config,
    clock: createClock(undefined),
    log: createLog(name, config.slot, process.env['TOCSIN_TEST_LOG'] ?? 'silent'),
    metrics: new Metrics(name, config.slot),
    health: new Health(),
    signal,
  }
}

/** Waits until `isSo`; throws with what `describe` says when it is not within `withinMs`. Waits for real servers, not for time. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  describe: () => string,
  withinMs = 60_000,
): Promise<void> {
  const endMs = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`Not within ${withinMs} ms: ${describe()}.`)
    await pause(20)
  }
}

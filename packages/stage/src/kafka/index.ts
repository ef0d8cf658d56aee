import { setTimeout as pause } from 'node:timers/promises'
import { type Codecs, openCodecs } from '@tocsin/avro/registry'
import type { TopicName } from '@tocsin/events'
import { createClock, createLog, Health, loadConfig, Metrics, messageOf, noSettings, Stopped } from '@tocsin/runtime'
import type { StageDefinition } from '../stage.ts'
import { checkFeatures } from './client.ts'
import type { KafkaContext, OpenContext } from './context.ts'
import { countPartitions, type Followed, type Following, follow } from './follow.ts'
import { keepPresence } from './presence.ts'
import { openPublisher, type Publisher } from './publisher.ts'
import type { ReadFrom } from './reader.ts'
import { type RunOptions, StageRun } from './run-stage.ts'
import { type GlobalTable, openTable } from './table.ts'

export type { KafkaContext } from './context.ts'
export type { Followed, Following } from './follow.ts'
export type { Publisher } from './publisher.ts'
export type { RunOptions } from './run-stage.ts'
export type { GlobalTable } from './table.ts'

/** Everything a service does with Kafka. */
export interface Kafka {
  codecs: Codecs
  /** Runs a stage until the stop; several may run at once in one process. */
  runStage<Topics extends TopicName>(definition: StageDefinition<Topics>, options?: RunOptions): Promise<void>
  /** A whole compacted topic in memory. */
  table<Topic extends TopicName>(topic: Topic): Promise<GlobalTable<Topic>>
  publisher(): Promise<Publisher>
  /** How many partitions a topic has now; waits until it exists. */
  partitionCount(topic: TopicName): Promise<number>
  follow<Topics extends TopicName>(
    topics: readonly Topics[],
    options: { from: ReadFrom },
    give: (record: Followed<Topics>) => void,
  ): Promise<Following>
}

/**
 * Opens the Kafka side of a process: registers the schemas (FULL_TRANSITIVE) and gives the rest on demand. A registry
 * that is away is waited for with back-off; a schema that it refuses ends the process.
 */
export async function openKafka(context: KafkaContext): Promise<Kafka> {
  return kafkaOf(await openContext(context))
}

async function openContext(context: KafkaContext): Promise<OpenContext> {
  checkFeatures()
  return { ...context, codecs: await waitForCodecs(context), endings: new Set() }
}

function kafkaOf(open: OpenContext): Kafka {
  if (open.isCommand !== true) keepPresence(open)
  return {
    codecs: open.codecs,
    runStage: (definition, options = {}) => new StageRun(open, definition, options).run(),
    table: (topic) => openTable(open, topic),
    publisher: () => openPublisher(open),
    partitionCount: (topic) => countPartitions(open, topic),
    follow: (topics, { from }, give) => follow(open, topics, from, give),
  }
}

async function waitForCodecs(context: KafkaContext): Promise<Codecs> {
  const startedMs = performance.now()
  for (let tries = 0; ; tries++) {
    try {
      return await openCodecs(context.config.registryUrl)
    } catch (error) {
      if ((error as { code?: string }).code !== 'registry_unreachable') throw error
      if (context.signal.aborted) throw new Stopped('the schema registry')
      if (performance.now() - startedMs > (context.patienceMs ?? Number.POSITIVE_INFINITY)) throw error
      const waitMs = Math.min(5_000, 250 * 2 ** Math.min(tries, 5))
      context.log.warn({ code: 'registry_unreachable', waitMs }, messageOf(error))
      await pause(waitMs, undefined, { signal: context.signal }).catch(() => {})
    }
  }
}

/** The same for a command: settings from the environment, quiet log, `close` ends what was opened and waits for it. */
export async function openKafkaForCommand(
  env: Readonly<Record<string, string | undefined>>,
  name = 'tocsin',
): Promise<Kafka & { close(): Promise<void>; clock: KafkaContext['clock'] }> {
  const stop = new AbortController()
  const config = loadConfig(noSettings, env, name)
  const clock = createClock(config.clockFile)
  const context: KafkaContext = {
    name,
    config,
    clock,
    log: createLog(name, 0, 'error'),
    metrics: new Metrics(name, 0),
    health: new Health(),
    signal: stop.signal,
    patienceMs: 20_000,
    isCommand: true,
  }
  const open = await openContext(context)
  const kafka = kafkaOf(open)
  const publishers: Publisher[] = []
  return {
    ...kafka,
    clock,
    publisher: async () => {
      const publisher = await kafka.publisher()
      publishers.push(publisher)
      return publisher
    },
    close: async () => {
      await Promise.all(publishers.map((publisher) => publisher.close()))
      stop.abort()
      await Promise.all(open.endings)
    },
  }
}

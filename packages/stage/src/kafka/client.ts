import { createRequire } from 'node:module'
import { TocsinError } from '@tocsin/runtime'
import type * as Rd from 'node-rdkafka'
import type { RdSettings } from './settings.ts'

// A native addon: loaded once per process and by one thread only (kafka.md 2.7).
const rdkafka = createRequire(import.meta.url)('node-rdkafka') as typeof Rd

export type Consumer = Rd.KafkaConsumer
export type Producer = Rd.Producer
export type Message = Rd.Message
/** A partition, with the offset to begin at where one is known. */
export interface Assignment {
  topic: string
  partition: number
  offset?: number
}
export const ERRORS = rdkafka.CODES.ERRORS

/** What librdkafka says beside its message. */
export interface RdError extends Error {
  code: number
  isFatal?: boolean
  isRetriable?: boolean
  isTxnRequiresAbort?: boolean
}

/** Turns a callback call into a promise. */
export function called<T = void>(call: (done: (error: unknown, result?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      if (error === null || error === undefined) resolve(result as T)
      else reject(error as Error)
    })
  })
}

/** Ends the process's start where this librdkafka cannot do what we need: one zstd batch would kill a consumer (P6). */
export function checkFeatures(features: readonly string[] = rdkafka.features): void {
  const missing = ['zstd', 'lz4', 'ssl'].filter((feature) => !features.includes(feature))
  if (missing.length > 0) {
    throw new TocsinError(
      'kafka_client_incomplete',
      `The Kafka client was built without ${missing.join(', ')}: install libzstd-dev and libssl-dev, then build node-rdkafka again (\`make deps\`).`,
    )
  }
}

/** Makes a consumer and connects it. `onRebalance` gets (code, partitions); without it no group is joined. */
export async function connectConsumer(
  settings: RdSettings,
  onRebalance?: (code: number, partitions: Assignment[]) => void,
): Promise<Consumer> {
  const rebalance =
    onRebalance === undefined
      ? {}
      : { rebalance_cb: (error: RdError, partitions: Assignment[]) => onRebalance(error.code, partitions) }
  const consumer = new rdkafka.KafkaConsumer({ ...settings, ...rebalance } as Rd.ConsumerGlobalConfig, {
    'auto.offset.reset': 'earliest',
  })
  consumer.on('event.error', () => {}) // Connection errors are retried by librdkafka; what matters comes back from the calls.
  await called((done) => consumer.connect({ timeout: 30_000 }, (error) => done(error)))
  return consumer
}

/** Makes a producer and connects it. */
export async function connectProducer(settings: RdSettings): Promise<Producer> {
  const producer = new rdkafka.Producer(settings as Rd.ProducerGlobalConfig)
  producer.on('event.error', () => {})
  await called((done) => producer.connect({ timeout: 30_000 }, (error) => done(error)))
  return producer
}

/** Closes a client; gives up after `timeoutMs`, because a broker that is away must not hold a stop. */
export async function disconnect(client: Consumer | Producer, timeoutMs = 3_000): Promise<void> {
  await Promise.race([
    called((done) => {
      client.disconnect(() => done(null))
    }),
    new Promise((resolve) => setTimeout(resolve, timeoutMs).unref()),
  ])
}

/** Partitions of a topic; null where the broker does not know it (yet). */
export async function partitionsOf(client: Consumer | Producer, topic: string): Promise<number[] | null> {
  const metadata = await called<Rd.Metadata>((done) => {
    client.getMetadata({ topic, timeout: 10_000 }, (error, data) => done(error, data))
  })
  const partitions = metadata.topics.find((entry) => entry.name === topic)?.partitions ?? []
  return partitions.length === 0 ? null : partitions.map((partition) => partition.id).sort((a, b) => a - b)
}

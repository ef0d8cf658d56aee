import { createRequire } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'
import { Stopped, TocsinError } from '@tocsin/runtime'
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

/** How long a client tries to reach a broker that is away: services for ever, commands a while. */
export interface Patience {
  patienceMs: number
  signal: AbortSignal
}

/** Makes a consumer and connects it. `onRebalance` gets (code, partitions); without it no group is joined. */
export async function connectConsumer(
  settings: RdSettings,
  patience: Patience,
  onRebalance?: (code: number, partitions: Assignment[]) => void,
): Promise<Consumer> {
  const rebalance =
    onRebalance === undefined
      ? {}
      : { rebalance_cb: (error: RdError, partitions: Assignment[]) => onRebalance(error.code, partitions) }
  return connected(patience, () => {
    const config = { ...settings, ...rebalance } as Rd.ConsumerGlobalConfig
    return new rdkafka.KafkaConsumer(config, { 'auto.offset.reset': 'earliest' })
  })
}

/** Makes a producer and connects it. */
export async function connectProducer(settings: RdSettings, patience: Patience): Promise<Producer> {
  return connected(patience, () => new rdkafka.Producer(settings as Rd.ProducerGlobalConfig))
}

/** Connects what `make` gives; while no broker answers it makes a new one, until it answers or patience ends. */
async function connected<C extends Consumer | Producer>(patience: Patience, make: () => C): Promise<C> {
  return patiently(patience, async () => {
    const client = make()
    const producer = client as Producer // Both kinds of client connect alike; their types differ in the events only.
    producer.on('event.error', () => {}) // Connection errors are retried by librdkafka; what matters comes back from the calls.
    try {
      await called((done) => {
        producer.connect({ timeout: 10_000 }, (error) => done(error))
      })
      return client
    } catch (error) {
      await disconnect(client)
      throw error
    }
  })
}

/** Calls again, with back-off, while the cluster is away. Throws `TocsinError('kafka_unreachable')` when patience ends. */
export async function patiently<T>({ patienceMs, signal }: Patience, call: () => Promise<T>): Promise<T> {
  const startedMs = performance.now()
  for (let tries = 0; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if ((error as RdError).isFatal === true) throw error
      if (signal.aborted) throw new Stopped('Kafka')
      if (performance.now() - startedMs > patienceMs) {
        throw new TocsinError('kafka_unreachable', `Kafka does not answer: ${(error as Error).message}.`, error)
      }
      await pause(Math.min(5_000, 200 * 2 ** Math.min(tries, 5)), undefined, { signal }).catch(() => {})
    }
  }
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

import { setTimeout as pause } from 'node:timers/promises'
import {
  type Consumer,
  called,
  connectConsumer,
  disconnect,
  type Message,
  type Patience,
  partitionsOf,
  patiently,
} from './client.ts'
import type { RdSettings } from './settings.ts'

const READ_BATCH = 2_000
const READ_PAUSE_MS = 25

/** Where a read begins. */
export type ReadFrom = 'beginning' | 'latest'

/** A consumer without a group: it reads whole topics, read committed, and knows when it has seen all there was. */
export class Reader {
  readonly #consumer: Consumer
  readonly #patience: Patience
  readonly #ends = new Map<string, number>()
  #closed = false

  private constructor(consumer: Consumer, patience: Patience) {
    this.#consumer = consumer
    this.#patience = patience
    consumer.on('partition.eof', ({ topic, partition, offset }) => this.#ends.set(`${topic}/${partition}`, offset))
  }

  static async open(settings: RdSettings, patience: Patience): Promise<Reader> {
    return new Reader(await connectConsumer(settings, patience), patience)
  }

  /** Starts reading these partitions. */
  assign(partitions: readonly { topic: string; partition: number }[], from: ReadFrom): void {
    this.#ends.clear()
    this.#consumer.assign(partitions.map((entry) => ({ ...entry, offset: from === 'beginning' ? -2 : -1 })))
  }

  /**
   * Gives what has come; where nothing has, waits a moment and gives nothing. It waits here and not in librdkafka: a
   * blocking read holds one of the process's few worker threads, and some readers together would keep a stage from its
   * commits and its rebalances.
   */
  async read(): Promise<Message[]> {
    this.#consumer.setDefaultConsumeTimeout(0)
    const messages = await called<Message[]>((done) => this.#consumer.consume(READ_BATCH, done))
    if (messages.length === 0) await pause(READ_PAUSE_MS)
    return messages
  }

  /** Offset at which the end of a partition was last noticed; -1 before. */
  endSeen(topic: string, partition: number): number {
    return this.#ends.get(`${topic}/${partition}`) ?? -1
  }

  /** Waits until all topics exist; gives their partitions. */
  async partitions(topics: readonly string[]): Promise<{ topic: string; partition: number }[]> {
    const all: { topic: string; partition: number }[] = []
    for (const topic of topics) {
      const partitions = await patiently(this.#patience, async () => {
        const found = await partitionsOf(this.#consumer, topic)
        if (found === null) throw new Error(`the topic ${topic} does not exist; run \`tocsin topics apply\``)
        return found
      })
      all.push(...partitions.map((partition) => ({ topic, partition })))
    }
    return all
  }

  /** High watermark, transactions in the air included where the reader was opened `read_uncommitted`. */
  async highWatermark(topic: string, partition: number): Promise<number> {
    const { highOffset } = await patiently(this.#patience, () =>
      called<{ lowOffset: number; highOffset: number }>((done) => {
        this.#consumer.queryWatermarkOffsets(topic, partition, 10_000, done)
      }),
    )
    return highOffset
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Closes it; gives up waiting after `timeoutMs`. */
  async close(timeoutMs?: number): Promise<void> {
    this.#closed = true
    await disconnect(this.#consumer, timeoutMs)
  }
}

import { TocsinError } from '@tocsin/runtime'
import {
  type Assignment,
  type Consumer,
  called,
  connectConsumer,
  disconnect,
  ERRORS,
  type Message,
  type Patience,
  type RdError,
} from './client.ts'
import type { RdSettings } from './settings.ts'

/** One change of what this member owns. */
export interface Rebalance {
  kind: 'assign' | 'revoke'
  partitions: Assignment[]
}

/**
 * The consumer of a stage. Rebalances are only queued by librdkafka's callback and served by the loop between
 * transactions: without that, offsets of a partition that moved away could be committed (kafka.md P3).
 */
export class GroupConsumer {
  readonly consumer: Consumer
  readonly #queue: Rebalance[]
  #closing = false

  private constructor(consumer: Consumer, queue: Rebalance[]) {
    this.consumer = consumer
    this.#queue = queue
  }

  static async join(settings: RdSettings, topics: readonly string[], patience: Patience): Promise<GroupConsumer> {
    const queue: Rebalance[] = []
    const joined: { group?: GroupConsumer } = {}
    const consumer = await connectConsumer(settings, patience, (code, partitions) => {
      const rebalance: Rebalance = { kind: code === ERRORS.ERR__ASSIGN_PARTITIONS ? 'assign' : 'revoke', partitions }
      // While it closes, librdkafka waits for the answer to its last revoke.
      if (joined.group?.closing === true) joined.group.answer(rebalance)
      else queue.push(rebalance)
    })
    const group = new GroupConsumer(consumer, queue)
    joined.group = group
    consumer.subscribe([...topics])
    return group
  }

  get closing(): boolean {
    return this.#closing
  }

  nextRebalance(): Rebalance | undefined {
    return this.#queue.shift()
  }

  /** Committed offsets; the broker holds the answer back while a transaction on them is open (KIP-447). */
  async committed(partitions: readonly Assignment[]): Promise<Assignment[]> {
    const offsets = await called<Assignment[]>((done) => {
      this.consumer.committed([...partitions], 20_000, (error, result) => done(error, result as Assignment[]))
    })
    return offsets.map(({ topic, partition, offset }) =>
      offset === undefined || offset < 0 ? { topic, partition } : { topic, partition, offset },
    )
  }

  /** Tells librdkafka that the loop has done its part of a rebalance. */
  answer(rebalance: Rebalance): void {
    const cooperative = this.consumer.rebalanceProtocol() === 'COOPERATIVE'
    try {
      if (rebalance.kind === 'assign') {
        if (cooperative) this.consumer.incrementalAssign(rebalance.partitions)
        else this.consumer.assign(rebalance.partitions)
      } else if (cooperative) this.consumer.incrementalUnassign(rebalance.partitions)
      else this.consumer.unassign()
    } catch (error) {
      if (!this.#closing)
        throw new TocsinError(
          'rebalance_failed',
          `Kafka refused the end of a rebalance: ${(error as Error).message}.`,
          error,
        )
    }
  }

  /** Two-step read: block for the first record, then take what is there (p50 0.5 ms instead of 232, kafka.md 2.4). */
  async read(waitMs: number, recordsMax: number): Promise<Message[]> {
    try {
      this.consumer.setDefaultConsumeTimeout(waitMs)
      const first = await called<Message[]>((done) => this.consumer.consume(1, done))
      if (first.length === 0 || recordsMax <= 1) return first
      this.consumer.setDefaultConsumeTimeout(0)
      return first.concat(await called<Message[]>((done) => this.consumer.consume(recordsMax - 1, done)))
    } catch (error) {
      const { code, isFatal } = error as RdError
      const passing = [
        ERRORS.ERR__TRANSPORT,
        ERRORS.ERR__ALL_BROKERS_DOWN,
        ERRORS.ERR__RESOLVE,
        ERRORS.ERR_UNKNOWN_TOPIC_OR_PART,
        ERRORS.ERR__TIMED_OUT,
        ERRORS.ERR_COORDINATOR_LOAD_IN_PROGRESS,
        ERRORS.ERR_COORDINATOR_NOT_AVAILABLE,
        ERRORS.ERR_NOT_COORDINATOR,
      ]
      if (isFatal !== true && passing.includes(code)) return []
      throw new TocsinError('consume_failed', `Reading from Kafka failed: ${(error as Error).message}.`, error)
    }
  }

  async close(): Promise<void> {
    this.#closing = true
    for (let left = this.#queue.shift(); left !== undefined; left = this.#queue.shift()) this.answer(left)
    await disconnect(this.consumer)
  }
}

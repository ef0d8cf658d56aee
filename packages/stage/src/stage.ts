import type { RecordOf, TopicName } from '@tocsin/events'
import type { Outcome, Output } from './outcome.ts'
import type { Store } from './store.ts'

/** One record as it came in. */
export interface ReceivedFrom<Topic extends TopicName> {
  topic: Topic
  partition: number
  offset: number
  /** Kafka timestamp, UTC ms. */
  timestamp: number
  key: string
  value: RecordOf<Topic>
  /** The framed octets, for byte append. */
  framed: Buffer
}

/** One record from any of the topics that a stage reads; `topic` tells which. */
export type Received<Topics extends TopicName> = { [Topic in Topics]: ReceivedFrom<Topic> }[Topics]

/** What a stage gets for one partition: its number and its stores. */
export interface Task {
  partition: number
  store<V>(name: string): Store<V>
}

/**
 * One service's step for one partition. It sees no broker and no clock: time comes in the records and in `nowMs`.
 * Order: all records of a batch in partition order, then `endOfBatch`, then one transaction.
 */
export interface Stage<Topics extends TopicName> {
  /** Handles one record. */
  process(record: Received<Topics>, nowMs: number): Outcome | Promise<Outcome>
  /** Handles many at once instead of one by one (sinks, look-ups); gives one outcome each, in order. */
  processBatch?(records: readonly Received<Topics>[], nowMs: number): Promise<readonly Outcome[]>
  /** Called once after the records of a batch: counts and the like, in the same transaction. */
  endOfBatch?(nowMs: number): readonly Output[]
  /** Called about every `tickMs` also without records: timers, retries; its outputs and state changes are committed. */
  tick?(nowMs: number): readonly Output[] | Promise<readonly Output[]>
}

/** What a stage is: its name (also consumer group and prefix of its transactional id), topics, stores, and how to make it. */
export interface StageDefinition<Topics extends TopicName> {
  name: string
  inputs: readonly Topics[]
  /** Names of its stores; stateful stages read topics with equal partition counts, keyed alike. */
  stores?: readonly string[]
  /** Most records of one batch, so of one transaction; 1,000 by default, fewer where records are large. */
  maxBatchRecords?: number
  /** How often `tick` is called, milliseconds; 250 by default. */
  tickMs?: number
  create(task: Task): Stage<Topics>
}

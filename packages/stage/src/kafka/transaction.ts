import { setTimeout as pause } from 'node:timers/promises'
import { TocsinError } from '@tocsin/runtime'
import {
  type Consumer,
  called,
  connectProducer,
  disconnect,
  ERRORS,
  type Patience,
  type Producer,
  patiently,
  type RdError,
} from './client.ts'
import type { RdSettings } from './settings.ts'

/** One record ready for the wire. */
export interface WireRecord {
  topic: string
  /** Null: by the key. */
  partition: number | null
  key: Buffer | string | null
  value: Buffer | null
  headers: readonly Record<string, string | Buffer>[] | null
}

/** Called when the records are written and the offsets are not: where a crash does most harm. For kill tests. */
export type OnWritten = () => void | Promise<void>

/** Next offset to read of each input partition. */
export interface NextOffset {
  topic: string
  partition: number
  offset: number
}

const CALL_TIMEOUT_MS = 15_000
const QUEUE_FULL_PAUSE_MS = 5
const REPEATS_MAX = 10
const FLUSH_TIMEOUT_MS = 5_000

/**
 * The transactional producer of one stage and slot. Crash-only (kafka.md 4): what may be retried is retried with the
 * same call; anything fatal, fenced or timed out ends the process, and the next start fences what was left behind.
 */
export class Transactions {
  readonly #producer: Producer

  private constructor(producer: Producer) {
    this.#producer = producer
  }

  static async open(settings: RdSettings, patience: Patience): Promise<Transactions> {
    const producer = await connectProducer(settings, patience)
    producer.setPollInterval(100)
    const transactions = new Transactions(producer)
    await patiently(patience, () => called((done) => producer.initTransactions(CALL_TIMEOUT_MS, done)))
    return transactions
  }

  /**
   * Writes all records and the offsets of `consumer` in one transaction; resolves when it is committed.
   *
   * While other members come and go, the group's generation may move on between our asking for it and the broker's
   * looking at it. The broker then refuses the offsets, and the same batch is written again under the new generation. That
   * is safe because the partitions are still ours: librdkafka gives none away before the loop has answered its revoke,
   * which it does only after this call; and a member that was thrown out has no generation to come back with.
   */
  async commit(
    records: readonly WireRecord[],
    offsets: readonly NextOffset[],
    consumer: Consumer,
    onWritten?: OnWritten,
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#commitOnce(records, offsets, consumer, onWritten)
        return
      } catch (error) {
        if (!isRepeatable(error) || tries >= REPEATS_MAX) throw error
        // What is still on its way must arrive first: an abort that purges it leaves a gap in the sequence numbers.
        await called((done) => this.#producer.flush(FLUSH_TIMEOUT_MS, done)).catch(() => {})
        await retried(
          'abortTransaction',
          () => called((done) => this.#producer.abortTransaction(CALL_TIMEOUT_MS, done)),
          3,
        )
        await pause(Math.min(1_000, 50 * 2 ** tries))
      }
    }
  }

  async #commitOnce(
    records: readonly WireRecord[],
    offsets: readonly NextOffset[],
    consumer: Consumer,
    onWritten: OnWritten | undefined,
  ): Promise<void> {
    await called((done) => this.#producer.beginTransaction(done))
    for (const record of records) await this.#produce(record)
    await onWritten?.()
    if (offsets.length > 0) {
      await retried(
        'sendOffsetsToTransaction',
        () => called((done) => this.#producer.sendOffsetsToTransaction([...offsets], consumer, CALL_TIMEOUT_MS, done)),
        3,
      )
    }
    await retried(
      'commitTransaction',
      () => called((done) => this.#producer.commitTransaction(CALL_TIMEOUT_MS, done)),
      3,
    )
  }

  async #produce(record: WireRecord): Promise<void> {
    for (;;) {
      try {
        this.#producer.produce(
          record.topic,
          record.partition,
          record.value,
          record.key,
          undefined,
          undefined,
          record.headers === null ? undefined : [...record.headers],
        )
        return
      } catch (error) {
        // Back-pressure, not an error: the queue to the broker is full.
        if ((error as RdError).code !== ERRORS.ERR__QUEUE_FULL) throw transactionError('produce', error)
        await pause(QUEUE_FULL_PAUSE_MS)
      }
    }
  }

  async close(): Promise<void> {
    await disconnect(this.#producer)
  }
}

async function retried(name: string, call: () => Promise<unknown>, triesMax: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await call()
      return
    } catch (error) {
      const { isFatal, isRetriable, isTxnRequiresAbort } = error as RdError
      if (isFatal === true || isTxnRequiresAbort === true || isRetriable !== true || tries >= triesMax)
        throw transactionError(name, error)
      await pause(Math.min(2_000, 100 * 2 ** tries))
    }
  }
}

/** Whether an abort undoes it all, so that the same batch may be written again; not where the group has thrown us out. */
function isRepeatable(error: unknown): boolean {
  const { code, isFatal, isTxnRequiresAbort } = ((error as TocsinError).cause ?? {}) as Partial<RdError>
  const thrownOut: readonly (number | undefined)[] = [ERRORS.ERR_UNKNOWN_MEMBER_ID, ERRORS.ERR_FENCED_INSTANCE_ID]
  return isTxnRequiresAbort === true && isFatal !== true && !thrownOut.includes(code)
}

function transactionError(name: string, error: unknown): TocsinError {
  return new TocsinError(
    'transaction_failed',
    `The Kafka transaction failed in ${name}: ${(error as Error).message}. The process ends; its next start takes up from the last committed batch.`,
    error,
  )
}

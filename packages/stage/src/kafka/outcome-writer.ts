import { AvroError } from '@tocsin/avro'
import { messageOf } from '@tocsin/runtime'
import { type Outcome, type Output, reject } from '../outcome.ts'
import type { Handled } from './batch.ts'
import type { Message } from './client.ts'
import type { OpenContext } from './context.ts'
import { deadLetterOf } from './dead-letter.ts'
import type { StageTelemetry } from './telemetry.ts'
import type { WireRecord } from './transaction.ts'
import { toWire, traceparentOf } from './wire.ts'

const VERSION = process.env['npm_package_version'] ?? '0.1.0'

/** Turns the outcomes of one stage into records for Kafka, and counts them. */
export class OutcomeWriter {
  readonly #context: OpenContext
  readonly #stage: string
  readonly #telemetry: StageTelemetry

  constructor(context: OpenContext, stage: string, telemetry: StageTelemetry) {
    this.#context = context
    this.#stage = stage
    this.#telemetry = telemetry
  }

  /** Adds what the outcome of one record leads to: its outputs, or the dead letter that keeps it whole. */
  take(handled: Handled, records: WireRecord[]): void {
    const { message, outcome, stage, attempts } = handled
    const now = this.#context.clock.now()
    const by = {
      service: this.#stage,
      slot: this.#context.config.slot,
      version: VERSION,
      stage,
      attempts,
      firstSeenAt: now,
      at: now,
      stack: null,
    }
    switch (outcome.kind) {
      case 'emit': {
        const unwritable = this.#tryPut(outcome.outputs, message, records)
        if (unwritable !== null) return this.take({ ...handled, outcome: unwritable, stage: 'produce' }, records)
        const letters = outcome.rejected.map((rejected, part) => deadLetterOf(message, rejected, part, by))
        this.put(
          letters.map((value): Output => ({ topic: 'dead-letters', key: by.service, value })),
          message,
          records,
        )
        this.#telemetry.outcome('emit', outcome.rejected.length > 0 ? 'partly_rejected' : '')
        return
      }
      case 'drop':
        this.#telemetry.outcome('drop', outcome.reason)
        return
      case 'reject': {
        const { code, constituent, cause } = outcome
        this.#telemetry.outcome('reject', code)
        if (message.topic === `${this.#context.config.topicPrefix}dead-letters`) {
          // An error about an error never re-enters the path: the dead letter stays where it is.
          this.#context.log.error(
            { code, offset: message.offset },
            `A dead letter could not be handled: ${outcome.message}`,
          )
          return
        }
        const original = message.value ?? Buffer.alloc(0)
        const letter = deadLetterOf(message, { code, message: outcome.message, constituent, original }, 0, {
          ...by,
          stack: cause instanceof Error ? (cause.stack ?? null) : null,
        })
        this.put([{ topic: 'dead-letters', key: by.service, value: letter }], message, records)
        return
      }
      default:
        outcome satisfies never
    }
  }

  /**
   * Encodes the outputs of one record, all or none. One that does not fit its schema or the bound came of that record: it
   * is rejected, because the process would end on it again and again.
   */
  #tryPut(outputs: readonly Output[], message: Message, records: WireRecord[]): Outcome | null {
    const own: WireRecord[] = []
    try {
      this.put(outputs, message, own)
    } catch (error) {
      if (!(error instanceof AvroError)) throw error
      return reject(error.code, `What was made of the record cannot be written: ${messageOf(error)}`, null, error)
    }
    records.push(...own)
    return null
  }

  /** Encodes outputs; throws `AvroError` where one does not fit. */
  put(outputs: readonly Output[], message: Message | null, records: WireRecord[]): void {
    const traceparent = message === null ? null : traceparentOf(message)
    for (const output of outputs) {
      records.push(toWire(output, this.#context.codecs, this.#context.config.topicPrefix, traceparent))
      this.#telemetry.recordOut(output.toTopic ?? output.topic)
    }
  }
}

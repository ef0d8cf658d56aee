import { setTimeout as pause } from 'node:timers/promises'
import { TocsinError } from '@tocsin/runtime'
import type { Output } from '../outcome.ts'
import { called, connectProducer, disconnect, ERRORS, type RdError } from './client.ts'
import { type OpenContext, patienceOf } from './context.ts'
import { clusterSettings, producerSettings } from './settings.ts'
import type { WireRecord } from './transaction.ts'
import { newTraceparent, toWire } from './wire.ts'

/** A record as it goes on the wire, octets and all; `topic` is the whole name, prefix included. */
export interface RawRecord {
  topic: string
  key: Buffer
  value: Buffer
  headers: readonly Record<string, Buffer>[]
}

/** A writer without input: ingest, console, command line. */
export interface Publisher {
  /**
   * Writes one record; resolves when Kafka has acknowledged it (`acks=all`, idempotent), which is when it counts as
   * accepted (design.md 2.1). While the broker is away it waits; it rejects with `publish_failed` when Kafka refuses
   * the record for good. A full queue slows the caller down.
   */
  send(output: Output, traceparent?: string): Promise<void>
  /** Writes octets as they are (replay of a dead letter); resolves and rejects as `send` does. */
  sendRaw(record: RawRecord): Promise<void>
  /** Records handed over and not yet acknowledged. */
  queued(): number
  /** Waits for what is queued, at most `timeoutMs`, and closes. */
  close(timeoutMs?: number): Promise<void>
}

/** Opens the publisher of a process. Records wait for a broker that is away as long as it takes. */
export async function openPublisher(context: OpenContext): Promise<Publisher> {
  const { config, name } = context
  const producer = await connectProducer(
    {
      ...clusterSettings(config, `${name}.${config.slot}.publisher`),
      ...producerSettings(),
      'linger.ms': 5,
      'delivery.timeout.ms': 2_147_483_647,
      dr_cb: true,
    },
    patienceOf(context),
  )
  producer.setPollInterval(5)
  let queued = 0
  producer.on('delivery-report', (error, report) => {
    queued--
    const settle = report.opaque as (error: unknown) => void
    settle(error ?? null)
  })
  const write = async (record: WireRecord): Promise<void> => {
    for (;;) {
      try {
        await new Promise<void>((resolve, reject) => {
          const settle = (error: unknown) => {
            if (error === null) resolve()
            else
              reject(
                new TocsinError(
                  'publish_failed',
                  `Kafka refused a record for ${record.topic}: ${(error as Error).message}.`,
                  error,
                ),
              )
          }
          producer.produce(
            record.topic,
            record.partition,
            record.value,
            record.key,
            undefined,
            settle,
            record.headers === null ? undefined : [...record.headers],
          )
          queued++
        })
        return
      } catch (error) {
        if ((error as RdError).code !== ERRORS.ERR__QUEUE_FULL) throw error
        await pause(5)
      }
    }
  }
  return {
    async send(output, traceparent = newTraceparent()) {
      await write(toWire(output, context.codecs, config.topicPrefix, traceparent))
    },
    sendRaw: (record) => write({ ...record, partition: null }),
    queued: () => queued,
    async close(timeoutMs = 8_000) {
      await called((done) => producer.flush(timeoutMs, done)).catch(() => {})
      await disconnect(producer)
    },
  }
}

import { type Consumer, called, connectProducer, disconnect, type Patience } from './client.ts'
import { producerSettings, type RdSettings } from './settings.ts'
import type { NextOffset, OnWritten, WireRecord } from './transaction.ts'

/**
 * At least once: writes, waits for the acknowledgements, then commits the offsets. For stages whose effect is outside
 * Kafka and idempotent by id (the indexer), and to show in a test that it is transactions which prevent doubles.
 */
export class AcknowledgedWrites {
  readonly #producer: Awaited<ReturnType<typeof connectProducer>>
  #failed: Error | null = null

  private constructor(producer: Awaited<ReturnType<typeof connectProducer>>) {
    this.#producer = producer
  }

  static async open(settings: RdSettings, patience: Patience): Promise<AcknowledgedWrites> {
    const producer = await connectProducer(
      { ...settings, ...producerSettings(), 'linger.ms': 5, dr_cb: true },
      patience,
    )
    producer.setPollInterval(20)
    const writes = new AcknowledgedWrites(producer)
    producer.on('delivery-report', (error) => {
      if (error !== null && error !== undefined) writes.#failed = error as unknown as Error
    })
    return writes
  }

  async commit(
    records: readonly WireRecord[],
    offsets: readonly NextOffset[],
    consumer: Consumer,
    onWritten?: OnWritten,
  ): Promise<void> {
    for (const record of records) {
      this.#producer.produce(
        record.topic,
        record.partition,
        record.value,
        record.key,
        undefined,
        undefined,
        record.headers === null ? undefined : [...record.headers],
      )
    }
    if (records.length > 0) await called((done) => this.#producer.flush(30_000, done))
    if (this.#failed !== null) throw this.#failed
    await onWritten?.()
    if (offsets.length > 0) consumer.commitSync([...offsets])
  }

  async close(): Promise<void> {
    await disconnect(this.#producer)
  }
}

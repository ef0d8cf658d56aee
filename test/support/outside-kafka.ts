import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import kafkajs, { type Consumer, type Kafka, type Producer } from 'kafkajs'
import lz4 from 'lz4js'
import type { FullStack } from './full-stack.ts'

// CommonJS: its named exports are not seen by Node's module loader.
const { CompressionCodecs, CompressionTypes, Kafka: KafkaClient, logLevel } = kafkajs

// kafkajs leaves LZ4, in which our topics are written, to a plug-in.
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder: { buffer: Buffer }) => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async (buffer: Buffer) => Buffer.from(lz4.decompress(buffer)),
})

/** One record as somebody else's client sees it. */
export interface OutsideRecord {
  topic: string
  partition: number
  offset: string
  key: string
  /** What the registry's schema makes of the bytes; null where they are no Avro of ours. */
  value: Readonly<Record<string, unknown>> | null
  bytes: Buffer
}

/** Another Kafka client than ours (kafkajs, Confluent's schema registry client), read committed. */
export class OutsideKafka {
  readonly #kafka: Kafka
  readonly #registry: SchemaRegistry
  readonly #consumers: Consumer[] = []
  #producer: Producer | null = null

  constructor(stack: Pick<FullStack, 'kafka' | 'registry'>) {
    this.#kafka = new KafkaClient({ clientId: 'outsider', brokers: stack.kafka.split(','), logLevel: logLevel.ERROR })
    this.#registry = new SchemaRegistry({ host: stack.registry })
  }

  /** Reads topics from their beginning and keeps every record; the array grows. */
  async read(topics: readonly string[]): Promise<readonly OutsideRecord[]> {
    const records: OutsideRecord[] = []
    const consumer = this.#kafka.consumer({ groupId: `outsider-${process.pid}-${this.#consumers.length}` })
    this.#consumers.push(consumer)
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ topic, partition, message }) => {
        const bytes = message.value ?? Buffer.alloc(0)
        const value = (await this.#registry.decode(bytes).catch(() => null)) as OutsideRecord['value']
        records.push({ topic, partition, offset: message.offset, key: message.key?.toString() ?? '', value, bytes })
      },
    })
    return records
  }

  /** Puts bytes (null: a tombstone) onto a topic, into the partition named or the one of the key; gives partition and offset. */
  async put(
    topic: string,
    key: string,
    bytes: Buffer | null,
    partition?: number,
  ): Promise<{ partition: number; offset: string }> {
    if (this.#producer === null) {
      this.#producer = this.#kafka.producer()
      await this.#producer.connect()
    }
    const message = { key, value: bytes, ...(partition === undefined ? {} : { partition }) }
    const [sent] = await this.#producer.send({ topic, messages: [message] })
    return { partition: sent?.partition ?? -1, offset: sent?.baseOffset ?? '' }
  }

  /** A record in the newest schema that the registry has for the topic. */
  async encode(topic: string, value: object): Promise<Buffer> {
    return this.#registry.encode(await this.#registry.getLatestSchemaId(`${topic}-value`), value)
  }

  async close(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.disconnect()))
    await this.#producer?.disconnect()
  }
}

import { createRequire } from 'node:module'
import type { Kafka } from 'kafkajs'
import type { Quota } from './access-plan.ts'

// kafkajs has no call for client quotas. Its encoder, decoder and cluster are its own parts, at the exact version that
// package.json names; the two messages are DescribeClientQuotas and AlterClientQuotas, version 0 (KIP-546).
const require = createRequire(import.meta.url)
const Encoder = require('kafkajs/src/protocol/encoder') as new () => Encoder
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder

interface Encoder {
  writeInt8(value: number): Encoder
  writeInt16(value: number): Encoder
  writeInt32(value: number): Encoder
  writeString(value: string | null): Encoder
  writeDouble(value: number): Encoder
  writeBoolean(value: boolean): Encoder
}

interface Decoder {
  readInt16(): number
  readInt32(): number
  readString(): string | null
  readDouble(): number
  readArray<T>(read: (decoder: Decoder) => T): T[]
}

interface Message<T> {
  request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<Encoder> }
  response: { decode(bytes: Buffer): Promise<T>; parse(data: T): Promise<T> }
}

interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  findControllerBroker(): Promise<{ connectionPool: { send<T>(message: Message<T>): Promise<T> } }>
}

/** One quota of a user to set, in Kafka's names. */
export interface QuotaSetting {
  user: string
  quota: string
  /** Null takes it away. */
  value: number | null
}

const DESCRIBE_CLIENT_QUOTAS = 48
const ALTER_CLIENT_QUOTAS = 49
/** MatchType of KIP-546: every entity of the type that has a name. */
const ANY_NAMED = 2

/** Gives the quotas that hold for a user alone (not for a user with a client id), by user. */
export async function describeUserQuotas(kafka: Kafka): Promise<Map<string, Quota>> {
  const answer = await send(kafka, {
    request: {
      apiKey: DESCRIBE_CLIENT_QUOTAS,
      apiVersion: 0,
      apiName: 'DescribeClientQuotas',
      encode: async () =>
        new Encoder().writeInt32(1).writeString('user').writeInt8(ANY_NAMED).writeString(null).writeBoolean(true),
    },
    response: {
      decode: async (bytes) => {
        const decoder = new Decoder(bytes)
        decoder.readInt32() // throttle time
        const [code, message] = [decoder.readInt16(), decoder.readString()]
        const entries = decoder.readArray((at) => ({
          entity: at.readArray((part) => ({ type: part.readString(), name: part.readString() })),
          values: at.readArray((part) => [part.readString() ?? '', part.readDouble()] as const),
        }))
        return { errors: [{ code, message }], entries }
      },
      parse: async (data) => data,
    },
  })
  refuseErrors(answer.errors)
  return new Map(
    answer.entries.flatMap(({ entity, values }) => {
      const name = entity[0]?.name ?? null
      return name === null ? [] : [[name, Object.fromEntries(values)]]
    }),
  )
}

/** Sets quotas of users. Throws Kafka's own words where it refuses one. */
export async function alterUserQuotas(kafka: Kafka, settings: readonly QuotaSetting[]): Promise<void> {
  const answer = await send(kafka, {
    request: {
      apiKey: ALTER_CLIENT_QUOTAS,
      apiVersion: 0,
      apiName: 'AlterClientQuotas',
      encode: async () => encodeSettings(settings),
    },
    response: {
      decode: async (bytes) => {
        const decoder = new Decoder(bytes)
        decoder.readInt32() // throttle time
        const errors = decoder.readArray((at) => {
          const error = { code: at.readInt16(), message: at.readString() }
          at.readArray((part) => [part.readString(), part.readString()])
          return error
        })
        return { errors }
      },
      parse: async (data) => data,
    },
  })
  refuseErrors(answer.errors)
}

function encodeSettings(settings: readonly QuotaSetting[]): Encoder {
  const byUser = Map.groupBy(settings, ({ user }) => user)
  const encoder = new Encoder().writeInt32(byUser.size)
  for (const [user, quotas] of byUser) {
    encoder.writeInt32(1).writeString('user').writeString(user).writeInt32(quotas.length)
    for (const { quota, value } of quotas)
      encoder
        .writeString(quota)
        .writeDouble(value ?? 0)
        .writeBoolean(value === null)
  }
  return encoder.writeBoolean(false) // not only validated
}

function refuseErrors(errors: readonly { code: number; message: string | null }[]): void {
  const error = errors.find(({ code }) => code !== 0)
  if (error !== undefined) throw new QuotaError(error.code, error.message)
}

/** Kafka's refusal of a quota, with the code of its protocol. */
export class QuotaError extends Error {
  readonly code: number
  constructor(code: number, message: string | null) {
    super(message ?? `Kafka answered with code ${code}`)
    this.code = code
  }
}

async function send<T>(kafka: Kafka, message: Message<T>): Promise<T> {
  const factory = Object.getOwnPropertySymbols(kafka).find((symbol) => symbol.description?.endsWith(':createCluster'))
  if (factory === undefined) throw new TypeError('This kafkajs makes no cluster in the way of 2.2.4.')
  const make = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[factory]
  const cluster = make?.({ allowAutoTopicCreation: false })
  if (cluster === undefined) throw new TypeError('This kafkajs makes no cluster in the way of 2.2.4.')
  await cluster.connect()
  try {
    await cluster.refreshMetadata()
    const broker = await cluster.findControllerBroker()
    return await broker.connectionPool.send(message)
  } finally {
    await cluster.disconnect()
  }
}

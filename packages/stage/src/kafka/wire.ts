import { randomBytes } from 'node:crypto'
import { AvroError, MAX_RECORD_BYTES } from '@tocsin/avro'
import type { Codecs } from '@tocsin/avro/registry'
import { RECORD_NAMES, type RecordName, type RecordTypes, type TopicName, topicOf } from '@tocsin/events'
import type { Output } from '../outcome.ts'
import { changelogTopic, type StoreChange } from '../store.ts'
import type { Message } from './client.ts'
import type { WireRecord } from './transaction.ts'

const RECORD_BY_TOPIC: ReadonlyMap<string, RecordName> = new Map(
  RECORD_NAMES.map((record) => [topicOf(record), record]),
)

/** Record that a topic (without prefix) carries; `feed.<agency>` carries feed records. */
export function recordOfTopic(topic: string): RecordName | undefined {
  return RECORD_BY_TOPIC.get(topic) ?? (topic.startsWith('feed.') ? 'feed-record' : undefined)
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** W3C trace context, handed from a record to what is made of it; anything else under that name is not handed on. */
export function traceparentOf(message: Message): string | null {
  for (const header of message.headers ?? []) {
    const value = (header as Record<string, string | Buffer>)['traceparent']?.toString()
    if (value !== undefined) return TRACEPARENT.test(value) ? value : null
  }
  return null
}

/** A new trace context (W3C Trace Context level 1), not sampled: each accepted record begins a trace. */
export function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`
}

/** Takes an output, the codecs and the prefix of topics; gives what goes on the wire. Throws `AvroError` where the value does not fit. */
export function toWire(output: Output, codecs: Codecs, prefix: string, traceparent: string | null): WireRecord {
  const { topic, key, value } = output
  const framed =
    value === null || Buffer.isBuffer(value) ? value : encode(topic, value as RecordTypes[RecordName], codecs)
  if (Buffer.isBuffer(value) && value.length > MAX_RECORD_BYTES)
    throw new AvroError('oversize_record', `A record of ${value.length} octets for ${topic} is over the bound.`)
  return {
    topic: prefix + (output.toTopic ?? topic),
    partition: output.partition ?? null,
    key,
    value: framed,
    headers: traceparent === null ? null : [{ traceparent }],
  }
}

function encode(topic: TopicName, value: RecordTypes[RecordName], codecs: Codecs): Buffer {
  const record = RECORD_BY_TOPIC.get(topic)
  if (record === undefined) throw new RangeError(`No record belongs to the topic ${topic}.`)
  return codecs.codec(record).encode(value as never)
}

/**
 * Adds the changelog records of one task to `records`: JSON, same partition as the input. One by one: changed rules or a shorter
 * memory make hundreds of thousands of changes at once, more than a call takes arguments.
 */
export function addChangelogRecords(
  records: WireRecord[],
  prefix: string,
  stage: string,
  partition: number,
  changes: readonly StoreChange[],
): void {
  for (const { store, key, value } of changes)
    records.push({
      topic: prefix + changelogTopic(stage, store),
      partition,
      key,
      value: value === null ? null : Buffer.from(value),
      headers: null,
    })
}

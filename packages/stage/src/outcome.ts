import type { RecordOf, TopicName } from '@tocsin/events'

/** One record to write: to which topic, under which key, with which value; a null value is a tombstone. */
export interface OutputTo<Topic extends TopicName> {
  topic: Topic
  /** Decides the partition (murmur2, as Java does) and the order. */
  key: string
  /** The record, or one already framed in the Confluent wire format (byte append), or null to delete a compacted key. */
  value: RecordOf<Topic> | Buffer | null
  /** Topic actually written, where one record has several topics: `feed.<agency>` for feed records. */
  toTopic?: string
  /** Fixed partition, where the key must not decide (watermarks). */
  partition?: number
}

/** One record to write to any topic; key and value are checked against the topic. */
export type Output = { [Topic in TopicName]: OutputTo<Topic> }[TopicName]

/** A part of a record that could not be handled: it becomes a dead letter of its own, with its own octets. */
export interface Rejected {
  code: string
  message: string
  original: Buffer
  constituent: string | null
}

/**
 * What a stage says of one record (design.md 2.5). All three move the offset; outputs, state changes, dead letters and
 * offsets commit in one transaction.
 *
 * A throw is none of these: a `RetryableError` (an outage) is tried again with back-off for as long as it takes, and
 * nothing is committed; any other throw is our bug: a few tries, then that one record is rejected with `unexpected`.
 */
export type Outcome =
  | { kind: 'emit'; outputs: readonly Output[]; rejected: readonly Rejected[] }
  | { kind: 'drop'; reason: string }
  | { kind: 'reject'; code: string; message: string; constituent: string | null; cause: unknown }

/** Written, then the offset moves. */
export function emit(...outputs: readonly Output[]): Outcome {
  return { kind: 'emit', outputs, rejected: [] }
}

/** As `emit`, for a record of which some parts are rejected: each becomes a dead letter with its own octets. */
export function emitWithRejected(outputs: readonly Output[], rejected: readonly Rejected[]): Outcome {
  return { kind: 'emit', outputs, rejected }
}

/** Left out on purpose; counted by its reason, a short fixed string. */
export function drop(reason: string): Outcome {
  return { kind: 'drop', reason }
}

/** Dead-lettered whole; `code` is from the closed list, `message` one clear sentence. */
export function reject(
  code: string,
  message: string,
  constituent: string | null = null,
  cause: unknown = null,
): Outcome {
  return { kind: 'reject', code, message, constituent, cause }
}

/** Something outside is away (broker, search, a table): try again, commit nothing meanwhile. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError'
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

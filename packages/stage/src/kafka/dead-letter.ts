import { type DeadLetter, idFrom } from '@tocsin/events'
import type { Rejected } from '../outcome.ts'
import type { Message } from './client.ts'
import { traceparentOf } from './wire.ts'

/** Where in the stage a record was given up. */
export type DeadLetterStage = 'decode' | 'transform' | 'produce' | 'sink'

/** Who gives up, and when. */
export interface GivingUp {
  service: string
  slot: number
  version: string
  stage: DeadLetterStage
  attempts: number
  firstSeenAt: number
  at: number
  stack: string | null
}

/** Of a record longer than this only the beginning is kept; its coordinates say where the whole is. */
const ORIGINAL_MAX_BYTES = 24 * 1024 * 1024
const KEPT_OF_OVERLONG_BYTES = 64 * 1024

function keptOf(original: Buffer): Buffer {
  return original.length <= ORIGINAL_MAX_BYTES ? original : original.subarray(0, KEPT_OF_OVERLONG_BYTES)
}

function messageOf({ message, original }: Rejected): string {
  if (original.length <= ORIGINAL_MAX_BYTES) return message.slice(0, 512)
  const note = ` Only ${KEPT_OF_OVERLONG_BYTES} of its ${original.length} octets are kept here.`
  return message.slice(0, 512 - note.length) + note
}

/**
 * The dead letter of one record, or of the `part`-th rejected part of one: octets untouched, with coordinates and the
 * reason (kafka.md 7). Its id comes from the coordinates, so a repeat is recognised.
 */
export function deadLetterOf(message: Message, rejected: Rejected, part: number, by: GivingUp): DeadLetter {
  const headers: Record<string, Buffer> = {}
  for (const header of message.headers ?? []) {
    for (const [name, value] of Object.entries(header as Record<string, string | Buffer>)) {
      if (name !== '__proto__') headers[name] = Buffer.from(value)
    }
  }
  return {
    deadLetterId: idFrom(message.topic, message.partition, message.offset, by.service, part),
    service: by.service,
    slot: String(by.slot),
    serviceVersion: by.version,
    stage: by.stage,
    code: rejected.code,
    message: messageOf(rejected),
    stack: by.stack === null ? null : by.stack.slice(0, 2_048),
    constituent: rejected.constituent,
    topic: message.topic,
    partition: message.partition,
    offset: message.offset,
    timestamp: message.timestamp ?? 0,
    key: message.key === null || message.key === undefined ? null : Buffer.from(message.key),
    original: keptOf(rejected.original),
    headers,
    attempts: by.attempts,
    firstSeenAt: by.firstSeenAt,
    at: by.at,
    traceparent: traceparentOf(message),
  }
}

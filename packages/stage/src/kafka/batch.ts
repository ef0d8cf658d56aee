import { setTimeout as pause } from 'node:timers/promises'
import type { TopicName } from '@tocsin/events'
import { messageOf } from '@tocsin/runtime'
import { emitWithRejected, type Outcome, RetryableError, reject } from '../outcome.ts'
import type { Received, Stage } from '../stage.ts'
import type { Message } from './client.ts'
import type { OpenContext } from './context.ts'
import { recordOfTopic } from './wire.ts'

const TRIES_MAX = 3
const BACKOFF_MAX_MS = 5_000

/** The stop was asked for while an outage was waited out: nothing of this batch is committed. */
export class StoppedWaiting extends Error {
  override readonly name = 'StoppedWaiting'
}

/** One record of a batch with what became of it. */
export interface Handled {
  message: Message
  outcome: Outcome
  stage: 'decode' | 'transform'
  attempts: number
}

/** Runs what may fail by an outage as long as it takes; `alive` keeps the group membership meanwhile. */
async function waitingOut<T>(context: OpenContext, alive: () => Promise<void>, call: () => T | Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await call()
    } catch (error) {
      const code = (error as { code?: string }).code
      if (!(error instanceof RetryableError) && code !== 'registry_unreachable') throw error
      if (context.signal.aborted) throw new StoppedWaiting()
      const waitMs = Math.min(BACKOFF_MAX_MS, 200 * 2 ** Math.min(tries, 6))
      context.log.warn({ code, tries, waitMs }, `${messageOf(error)} Trying again.`)
      await pause(waitMs * (0.75 + Math.random() / 2), undefined, { signal: context.signal }).catch(() => {})
      await alive()
    }
  }
}

/** Decodes messages; what does not decode is a rejection, and an outage of the registry is waited out. */
async function decodeAll<Topics extends TopicName>(
  context: OpenContext,
  alive: () => Promise<void>,
  messages: readonly Message[],
): Promise<(Received<Topics> | Outcome)[]> {
  const results: (Received<Topics> | Outcome)[] = []
  for (const message of messages) {
    const topic = message.topic.slice(context.config.topicPrefix.length)
    const record = recordOfTopic(topic)
    if (message.value === null || record === undefined) {
      results.push({ kind: 'drop', reason: 'tombstone' })
      continue
    }
    const framed = message.value
    try {
      const decoded = context.codecs.decode(record, framed)
      const value =
        decoded instanceof Promise
          ? await waitingOut(context, alive, () => context.codecs.decode(record, framed))
          : decoded
      results.push({
        topic,
        partition: message.partition,
        offset: message.offset,
        timestamp: message.timestamp ?? 0,
        key: message.key?.toString() ?? '',
        value,
        framed,
      } as unknown as Received<Topics>)
    } catch (error) {
      if (error instanceof StoppedWaiting) throw error
      results.push(reject((error as { code?: string }).code ?? 'undecodable_record', messageOf(error), null, error))
    }
  }
  return results
}

const isOutcome = (entry: { kind?: string; topic?: string }): entry is Outcome => entry.topic === undefined

/**
 * Handles the messages of one task in order. A throw that is not an outage is our bug: the record is tried a few times,
 * then rejected with `unexpected`, so that one record cannot hold a partition.
 */
export async function handleMessages<Topics extends TopicName>(
  context: OpenContext,
  alive: () => Promise<void>,
  stage: Stage<Topics>,
  messages: readonly Message[],
): Promise<Handled[]> {
  const decoded = await decodeAll<Topics>(context, alive, messages)
  if (stage.processBatch !== undefined) return handleTogether(context, alive, stage, messages, decoded)
  const handled: Handled[] = []
  for (const [index, entry] of decoded.entries()) {
    const message = messages[index] as Message
    if (isOutcome(entry)) handled.push({ message, outcome: entry, stage: 'decode', attempts: 1 })
    else
      handled.push({
        message,
        stage: 'transform',
        ...(await tryRecord(context, alive, () => stage.process(entry, context.clock.now()))),
      })
  }
  return handled
}

async function tryRecord(
  context: OpenContext,
  alive: () => Promise<void>,
  call: () => Outcome | Promise<Outcome>,
): Promise<{ outcome: Outcome; attempts: number }> {
  for (let attempts = 1; ; attempts++) {
    try {
      return { outcome: await waitingOut(context, alive, call), attempts }
    } catch (error) {
      if (error instanceof StoppedWaiting) throw error
      if (attempts < TRIES_MAX) continue
      context.log.error({ err: error, attempts }, 'A record was rejected, because its handling threw.')
      return { outcome: reject('unexpected', `The handling threw: ${messageOf(error)}`, null, error), attempts }
    }
  }
}

async function handleTogether<Topics extends TopicName>(
  context: OpenContext,
  alive: () => Promise<void>,
  stage: Stage<Topics>,
  messages: readonly Message[],
  decoded: readonly (Received<Topics> | Outcome)[],
): Promise<Handled[]> {
  const records = decoded.filter((entry): entry is Received<Topics> => !isOutcome(entry))
  const outcomes =
    records.length === 0
      ? []
      : await waitingOut(context, alive, async () => (await stage.processBatch?.(records, context.clock.now())) ?? [])
  if (outcomes.length !== records.length)
    throw new RangeError(`processBatch gave ${outcomes.length} outcomes for ${records.length} records.`)
  let next = 0
  return decoded.map((entry, index) => {
    const message = messages[index] as Message
    if (isOutcome(entry)) return { message, outcome: entry, stage: 'decode', attempts: 1 }
    return { message, outcome: outcomes[next++] ?? emitWithRejected([], []), stage: 'transform', attempts: 1 }
  })
}

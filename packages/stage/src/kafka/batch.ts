import { setTimeout as pause } from 'node:timers/promises'
import { isCompacted, type TopicName } from '@tocsin/events'
import { messageOf, Stopped } from '@tocsin/runtime'
import { drop, type Outcome, RetryableError, reject } from '../outcome.ts'
import type { Received, Stage } from '../stage.ts'
import type { Message } from './client.ts'
import type { OpenContext } from './context.ts'
import { recordOfTopic } from './wire.ts'

const TRIES_MAX = 3
const BACKOFF_MAX_MS = 5_000

/** One record of a batch with what became of it. */
export interface Handled {
  message: Message
  outcome: Outcome
  stage: 'decode' | 'transform' | 'produce'
  attempts: number
}

/**
 * Runs what may fail by an outage as long as it takes; `alive` keeps the group membership meanwhile. Throws `Stopped`
 * where the stop comes first: nothing of the batch is committed then.
 */
export async function waitingOut<T>(
  context: OpenContext,
  alive: () => Promise<void>,
  call: () => T | Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await call()
    } catch (error) {
      const code = (error as { code?: string }).code
      if (!(error instanceof RetryableError) && code !== 'registry_unreachable') throw error
      if (context.signal.aborted) throw new Stopped(`an outage (${code})`)
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
    const framed = message.value
    if (record === undefined || framed === null || message.key === null || message.key === undefined) {
      results.push(withoutValueOrKey(message, topic))
      continue
    }
    try {
      // Synchronous for our own version of the schema: no promise for each record.
      const decoded = context.codecs.decode(record, framed)
      let first: typeof decoded | null = decoded
      const value =
        decoded instanceof Promise
          ? await waitingOut(context, alive, () => {
              const again = first ?? context.codecs.decode(record, framed)
              first = null
              return again
            })
          : decoded
      results.push({
        topic,
        partition: message.partition,
        offset: message.offset,
        timestamp: message.timestamp ?? 0,
        key: message.key.toString(),
        value,
        framed,
      } as unknown as Received<Topics>)
    } catch (error) {
      if (error instanceof Stopped) throw error
      results.push(reject((error as { code?: string }).code ?? 'undecodable_record', messageOf(error), null, error))
    }
  }
  return results
}

/** A tombstone means something on a compacted topic only; elsewhere, and without a key, a record is somebody's mistake. */
function withoutValueOrKey(message: Message, topic: string): Outcome {
  if (message.key === null || message.key === undefined)
    return reject('null_key', `The record on ${topic} has no key: every topic of ours is keyed.`)
  if (message.value === null && !isCompacted(topic))
    return reject('null_value', `The record on ${topic} has no value: that topic holds no deletions.`)
  return drop('tombstone')
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
      if (error instanceof Stopped) throw error
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
  const together = async (some: readonly Received<Topics>[]): Promise<readonly Outcome[]> => {
    const outcomes = (await stage.processBatch?.(some, context.clock.now())) ?? []
    if (outcomes.length !== some.length)
      throw new RangeError(`processBatch gave ${outcomes.length} outcomes for ${some.length} records.`)
    return outcomes
  }
  let outcomes: readonly { outcome: Outcome; attempts: number }[]
  try {
    const all = records.length === 0 ? [] : await waitingOut(context, alive, () => together(records))
    outcomes = all.map((outcome) => ({ outcome, attempts: 1 }))
  } catch (error) {
    if (error instanceof Stopped) throw error
    // One record of them is to blame: each is tried by itself, so that it alone is rejected.
    const alone: { outcome: Outcome; attempts: number }[] = []
    for (const record of records)
      alone.push(await tryRecord(context, alive, async () => (await together([record]))[0] as Outcome))
    outcomes = alone
  }
  let next = 0
  return decoded.map((entry, index) => {
    const message = messages[index] as Message
    if (isOutcome(entry)) return { message, outcome: entry, stage: 'decode', attempts: 1 }
    return { message, stage: 'transform', ...(outcomes[next++] as { outcome: Outcome; attempts: number }) }
  })
}

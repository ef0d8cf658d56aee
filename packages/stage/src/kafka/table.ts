import type { RecordOf, TopicName } from '@tocsin/events'
import { messageOf } from '@tocsin/runtime'
import { closeTimeoutOf, endsLater, type OpenContext, patienceOf } from './context.ts'
import { Reader } from './reader.ts'
import { clusterSettings, readerSettings } from './settings.ts'
import { recordOfTopic } from './wire.ts'

/** A whole compacted topic in memory, kept fresh: the registry, packs, rule sets. */
export interface GlobalTable<Topic extends TopicName> {
  get(key: string): RecordOf<Topic> | undefined
  values(): IterableIterator<RecordOf<Topic>>
  entries(): IterableIterator<[string, RecordOf<Topic>]>
  readonly size: number
  /** Called after each change, value null where the key was deleted. */
  onChange(listener: (key: string, value: RecordOf<Topic> | null) => void): void
}

/**
 * Reads a compacted topic from the beginning to its end, then follows it. Resolves when everything that was there is
 * in. A record that does not decode is skipped and logged: the last good value of its key stays (design.md 2.8).
 */
export async function openTable<Topic extends TopicName>(
  context: OpenContext,
  topic: Topic,
): Promise<GlobalTable<Topic>> {
  const { config, log, signal, health, name } = context
  const values = new Map<string, RecordOf<Topic>>()
  const listeners: ((key: string, value: RecordOf<Topic> | null) => void)[] = []
  const reader = await Reader.open(
    {
      ...clusterSettings(config, `${name}.${config.slot}.${topic}`),
      ...readerSettings(`${config.topicPrefix}${name}.table`),
    },
    patienceOf(context),
  )
  const physical = config.topicPrefix + topic
  const partitions = await reader.partitions([physical])
  const record = recordOfTopic(topic)
  if (record === undefined) throw new RangeError(`No record belongs to the topic ${topic}.`)

  const take = async (): Promise<void> => {
    for (const message of await reader.read()) {
      const key = message.key?.toString() ?? ''
      try {
        const value =
          message.value === null ? null : ((await context.codecs.decode(record, message.value)) as RecordOf<Topic>)
        if (value === null || (value as { deleted?: boolean }).deleted === true) values.delete(key)
        else values.set(key, value)
        for (const listener of listeners) listener(key, values.get(key) ?? null)
      } catch (error) {
        log.error(
          { topic, key, code: (error as { code?: string }).code },
          `A record of ${topic} was skipped: ${messageOf(error)}`,
        )
      }
    }
  }

  reader.assign(partitions, 'beginning')
  const targets = new Map<string, number>()
  for (const { partition } of partitions)
    targets.set(String(partition), await reader.highWatermark(physical, partition))
  while (
    !signal.aborted &&
    partitions.some(({ partition }) => reader.endSeen(physical, partition) < (targets.get(String(partition)) ?? 0))
  )
    await take()

  let failure: unknown = null
  health.live(`table ${topic}`, () => ({
    ok: failure === null,
    detail: failure === null ? `${values.size} keys` : messageOf(failure),
  }))
  const follow = async (): Promise<void> => {
    try {
      while (!signal.aborted) await take()
    } catch (error) {
      failure = error
      if (context.isCommand === true) return // It has what it asked for; the next question opens a table of its own.
      log.fatal({ topic, err: error }, `The table ${topic} can no longer be followed; the process ends.`)
      process.exit(1)
    } finally {
      await reader.close(closeTimeoutOf(context))
    }
  }
  endsLater(context, follow())
  return {
    get: (key) => values.get(key),
    values: () => values.values(),
    entries: () => values.entries(),
    get size() {
      return values.size
    },
    onChange: (listener) => {
      listeners.push(listener)
    },
  }
}

import type { RecordOf, TopicName } from '@tocsin/events'
import { messageOf } from '@tocsin/runtime'
import { closeTimeoutOf, endsLater, type OpenContext, patienceOf } from './context.ts'
import { Reader, type ReadFrom } from './reader.ts'
import { clusterSettings, readerSettings } from './settings.ts'
import { recordOfTopic } from './wire.ts'

/** One record of a followed topic; null is a tombstone. */
export type Followed<Topics extends TopicName> = {
  [Topic in Topics]: {
    topic: Topic
    key: string
    value: RecordOf<Topic> | null
    partition: number
    offset: number
    timestamp: number
  }
}[Topics]

/** A running follow. */
export interface Following {
  /** Resolves when everything that was there at the start has been given. */
  caughtUp: Promise<void>
  close(): Promise<void>
}

/** How many partitions a topic has; waits until it exists. */
export async function countPartitions(context: OpenContext, topic: TopicName): Promise<number> {
  const reader = await openReader(context)
  try {
    return (await reader.partitions([context.config.topicPrefix + topic])).length
  } finally {
    await reader.close()
  }
}

function openReader(context: OpenContext): Promise<Reader> {
  const { config, name } = context
  return Reader.open(
    {
      ...clusterSettings(config, `${name}.${config.slot}.follow`),
      ...readerSettings(`${config.topicPrefix}${name}.follow`),
    },
    patienceOf(context),
  )
}

/** Follows topics without a group, read committed, and gives each record in order of its partition. */
export async function follow<Topics extends TopicName>(
  context: OpenContext,
  topics: readonly Topics[],
  from: ReadFrom,
  give: (record: Followed<Topics>) => void,
): Promise<Following> {
  const { config, log, signal } = context
  const reader = await openReader(context)
  const partitions = await reader.partitions(topics.map((topic) => config.topicPrefix + topic))
  const targets = new Map<string, number>()
  for (const { topic, partition } of partitions)
    targets.set(`${topic}/${partition}`, await reader.highWatermark(topic, partition))
  reader.assign(partitions, from)
  let open = true
  const caught = () =>
    partitions.every(
      ({ topic, partition }) => reader.endSeen(topic, partition) >= (targets.get(`${topic}/${partition}`) ?? 0),
    )
  let resolveCaughtUp: () => void
  const caughtUp = new Promise<void>((resolve) => {
    resolveCaughtUp = resolve
  })
  const loop = async (): Promise<void> => {
    while (open && !signal.aborted) {
      for (const message of await reader.read()) {
        const topic = message.topic.slice(config.topicPrefix.length)
        const record = recordOfTopic(topic)
        if (record === undefined) continue
        try {
          const value = message.value === null ? null : await context.codecs.decode(record, message.value)
          give({
            topic,
            key: message.key?.toString() ?? '',
            value,
            partition: message.partition,
            offset: message.offset,
            timestamp: message.timestamp ?? 0,
          } as unknown as Followed<Topics>)
        } catch (error) {
          log.error(
            { topic: message.topic, code: (error as { code?: string }).code },
            `A record was skipped: ${messageOf(error)}`,
          )
        }
      }
      if (caught()) resolveCaughtUp()
    }
    resolveCaughtUp()
    await reader.close(closeTimeoutOf(context))
  }
  const done = loop()
  endsLater(context, done)
  return {
    caughtUp,
    async close() {
      open = false
      await done
    },
  }
}

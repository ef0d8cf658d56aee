import type { RecordOf, TopicName } from '@tocsin/events'
import { type Followed, openKafkaForCommand } from '@tocsin/stage/kafka'
import type { FullStack } from '../support/full-stack.ts'

/** Everything that topics hold and will hold, read committed; records that nobody can read are left out. */
export interface Watch<Topics extends TopicName> {
  records: readonly Followed<Topics>[]
  /** Values of one topic in the order of each partition; tombstones left out. */
  of<Topic extends Topics>(topic: Topic): RecordOf<Topic>[]
  close(): Promise<void>
}

/** Follows topics from their beginning; resolves when all that was there has been read. */
export async function watch<Topics extends TopicName>(
  stack: FullStack,
  topics: readonly Topics[],
): Promise<Watch<Topics>> {
  const kafka = await openKafkaForCommand({ ...stack.env, TOCSIN_LOG_LEVEL: 'error' }, `scenario-${process.pid}`)
  const records: Followed<Topics>[] = []
  const values = new Map<string, unknown[]>(topics.map((topic) => [topic, []]))
  const following = await kafka.follow(topics, { from: 'beginning' }, (record) => {
    records.push(record)
    if (record.value !== null) values.get(record.topic)?.push(record.value)
  })
  await following.caughtUp
  return {
    records,
    of: <Topic extends Topics>(topic: Topic) => (values.get(topic) ?? []) as RecordOf<Topic>[],
    async close() {
      await following.close()
      await kafka.close()
    },
  }
}

import { Stopped, TocsinError } from '@tocsin/runtime'
import { changelogTopic, TaskStores } from '../store.ts'
import { type KafkaContext, patienceOf } from './context.ts'
import { Reader } from './reader.ts'
import { clusterSettings, readerSettings } from './settings.ts'

/**
 * Restores the stores of newly owned partitions from their changelogs. Called after the committed offsets were read
 * (the broker answers that only when no transaction on them is open) and reads up to the high watermark of that moment
 * with transactions in the air counted, so the state holds exactly what the offsets say: a read-committed reader
 * reaches that mark only when each of them is decided.
 */
export async function restoreStores(
  context: KafkaContext,
  stage: string,
  stores: readonly string[],
  partitions: readonly number[],
): Promise<Map<number, TaskStores>> {
  const restored = new Map(partitions.map((partition) => [partition, new TaskStores()]))
  if (stores.length === 0 || partitions.length === 0) return restored
  const settings = {
    ...clusterSettings(context.config, `${stage}.${context.config.slot}.restore`),
    ...readerSettings(`${context.config.topicPrefix}${stage}.restore`),
  }
  const marks = await Reader.open({ ...settings, 'isolation.level': 'read_uncommitted' }, patienceOf(context))
  const reader = await Reader.open(settings, patienceOf(context))
  try {
    const storeOf = new Map(stores.map((store) => [context.config.topicPrefix + changelogTopic(stage, store), store]))
    const all = await reader.partitions([...storeOf.keys()])
    const wanted = all.filter((entry) => restored.has(entry.partition))
    if (wanted.length !== stores.length * partitions.length) {
      throw new TocsinError(
        'changelog_partitions',
        `A changelog of ${stage} has fewer partitions than its inputs: run \`tocsin topics diff\`.`,
      )
    }
    const open = new Map<string, number>()
    for (const { topic, partition } of wanted) {
      const target = await marks.highWatermark(topic, partition)
      if (target > 0) open.set(`${topic}/${partition}`, target)
    }
    reader.assign(wanted, 'beginning')
    let records = 0
    while (open.size > 0) {
      if (context.signal.aborted) throw new Stopped('the state of its partitions')
      for (const message of await reader.read()) {
        restored
          .get(message.partition)
          ?.restore(storeOf.get(message.topic) ?? '', message.key?.toString() ?? '', message.value?.toString() ?? null)
        records++
      }
      for (const { topic, partition } of wanted) {
        const key = `${topic}/${partition}`
        const target = open.get(key)
        if (target !== undefined && reader.endSeen(topic, partition) >= target) open.delete(key)
      }
    }
    context.log.info({ stage, partitions, records }, 'state restored')
    return restored
  } finally {
    await Promise.all([marks.close(), reader.close()])
  }
}

import type { RecordOf, TopicName } from '@tocsin/events'
import type { Outcome, Output } from '../outcome.ts'
import type { Received, ReceivedFrom, Stage, StageDefinition } from '../stage.ts'
import { type StoreChange, TaskStores } from '../store.ts'

/** A stage without a broker: records go in by hand, outcomes and outputs are looked at, state can be dropped and restored. */
export interface StageHarness<Topics extends TopicName> {
  /** Gives one record to the task of `partition` (0) and its outcome; outputs are collected. */
  give<Topic extends Topics>(topic: Topic, key: string, value: RecordOf<Topic>, partition?: number): Promise<Outcome>
  /** Takes a partition before its first record, as an assignment does. */
  open(partition: number): void
  /** Calls `tick` of every task at `nowMs`; its outputs are collected and given. */
  tick(nowMs: number): Promise<readonly Output[]>
  /** Sets the time given to `process` and `endOfBatch`. */
  now(nowMs: number): void
  /** Everything written so far, in order; with a topic, only the values written there. */
  outputs(): readonly Output[]
  written<Topic extends TopicName>(topic: Topic): RecordOf<Topic>[]
  /** Forgets the stage's memory and restores it from the changelog, as a crash does. */
  crash(): void
}

/** Makes a harness around a definition: every record is its own batch. */
export function harnessOf<Topics extends TopicName>(
  definition: StageDefinition<Topics>,
  startMs = 0,
): StageHarness<Topics> {
  const outputs: Output[] = []
  const tasks = new Map<number, { stage: Stage<Topics>; stores: TaskStores; changelog: StoreChange[] }>()
  let time = startMs
  let offset = 0

  const taskOf = (partition: number, changelog: StoreChange[] = []) => {
    let task = tasks.get(partition)
    if (task === undefined) {
      const stores = new TaskStores()
      for (const change of changelog) stores.restore(change.store, change.key, change.value)
      task = { stage: definition.create({ partition, store: (name) => stores.store(name) }), stores, changelog }
      tasks.set(partition, task)
    }
    return task
  }
  const settle = (task: { stores: TaskStores; changelog: StoreChange[] }) => {
    task.changelog.push(...task.stores.drain())
  }
  const now = (ms: number) => {
    time = ms
  }

  return {
    async give(topic, key, value, partition = 0) {
      const task = taskOf(partition)
      const record = {
        topic,
        partition,
        offset: offset++,
        timestamp: time,
        key,
        value,
        framed: Buffer.alloc(0),
      } satisfies ReceivedFrom<typeof topic>
      const received = record as unknown as Received<Topics>
      const outcome =
        task.stage.processBatch === undefined
          ? await task.stage.process(received, time)
          : ((await task.stage.processBatch([received], time))[0] as Outcome)
      if (outcome.kind === 'emit') outputs.push(...outcome.outputs)
      outputs.push(...(task.stage.endOfBatch?.(time) ?? []))
      settle(task)
      return outcome
    },
    open(partition) {
      taskOf(partition)
    },
    async tick(nowMs) {
      now(nowMs)
      const before = outputs.length
      for (const task of tasks.values()) {
        outputs.push(...((await task.stage.tick?.(nowMs)) ?? []))
        settle(task)
      }
      return outputs.slice(before)
    },
    now,
    outputs: () => outputs,
    written: <Topic extends TopicName>(topic: Topic) =>
      outputs.filter((output) => output.topic === topic).map((output) => output.value as RecordOf<Topic>),
    crash() {
      const changelogs = [...tasks].map(([partition, task]) => [partition, task.changelog] as const)
      tasks.clear()
      for (const [partition, changelog] of changelogs) taskOf(partition, changelog)
    },
  }
}

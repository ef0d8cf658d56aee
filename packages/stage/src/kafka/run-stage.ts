import { setTimeout as pause } from 'node:timers/promises'
import type { TopicName } from '@tocsin/events'
import { Stopped, TocsinError } from '@tocsin/runtime'
import type { Output } from '../outcome.ts'
import type { Stage, StageDefinition } from '../stage.ts'
import { TaskStores } from '../store.ts'
import { AcknowledgedWrites } from './acknowledged.ts'
import { handleMessages, waitingOut } from './batch.ts'
import type { Message } from './client.ts'
import { type OpenContext, patienceOf } from './context.ts'
import { GroupConsumer, type Rebalance } from './group.ts'
import { OutcomeWriter } from './outcome-writer.ts'
import { restoreStores } from './restore.ts'
import { clusterSettings, stageConsumerSettings, transactionalSettings } from './settings.ts'
import { StageTelemetry } from './telemetry.ts'
import { type NextOffset, Transactions, type WireRecord } from './transaction.ts'
import { addChangelogRecords } from './wire.ts'

/** Options of a run. */
export interface RunOptions {
  /** exactly-once (default): one transaction a batch. at-least-once: for sinks that are idempotent by id. */
  delivery?: 'exactly-once' | 'at-least-once'
  /**
   * Told when a transaction is open (it holds all that was handled before), when its records are written but not its offsets
   * (awaited), and when it is committed: for effects that must not begin before their intent is recorded, and for kill tests.
   */
  onTransaction?: (phase: 'begin' | 'written' | 'committed') => void | Promise<void>
}

interface RunningTask<Topics extends TopicName> {
  stage: Stage<Topics>
  stores: TaskStores
}

const READ_WAIT_MS = 100
/** Longer than the calls of a transaction may take. */
const COMMIT_END_MS = 20_000
const LOOP_STALE_MS = 120_000
const LAG_EVERY_MS = 5_000

/** The loop of one stage in one process: a single coroutine owns its clients (kafka.md 10). */
export class StageRun<Topics extends TopicName> {
  readonly #context: OpenContext
  readonly #definition: StageDefinition<Topics>
  readonly #options: RunOptions
  readonly #telemetry: StageTelemetry
  readonly #outcomes: OutcomeWriter
  readonly #tasks = new Map<number, RunningTask<Topics>>()
  readonly #positions = new Map<string, NextOffset>()
  #group!: GroupConsumer
  #writes!: Transactions | AcknowledgedWrites
  #inFlight: Promise<void> = Promise.resolve()
  #failure: unknown = null
  #assigned = false
  #turnedAtMs = 0
  #tickedAtMs = 0
  #laggedAtMs = 0

  constructor(context: OpenContext, definition: StageDefinition<Topics>, options: RunOptions) {
    this.#context = context
    this.#definition = definition
    this.#options = options
    this.#telemetry = new StageTelemetry(context.metrics, definition.name)
    this.#outcomes = new OutcomeWriter(context, definition.name, this.#telemetry)
  }

  /** Runs until the context's signal; then finishes the transaction in hand and leaves. */
  async run(): Promise<void> {
    const { config, signal, health } = this.#context
    const { name, inputs, stores = [] } = this.#definition
    const prefix = config.topicPrefix
    const patience = patienceOf(this.#context)
    const settings = clusterSettings(config, `${name}.${config.slot}`)
    this.#turnedAtMs = performance.now()
    health.live(name, () => this.#liveness())
    health.ready(name, () => ({
      ok: this.#assigned && this.#liveness().ok,
      detail: this.#assigned ? `owns ${this.#positionsText()}` : 'waiting for partitions',
    }))
    this.#writes =
      this.#options.delivery === 'at-least-once'
        ? await AcknowledgedWrites.open(settings, patience)
        : await Transactions.open({ ...settings, ...transactionalSettings(prefix + name, config.slot) }, patience)
    this.#group = await GroupConsumer.join(
      { ...settings, ...stageConsumerSettings(prefix + name, config.slot, inputs.length > 1 && stores.length > 0) },
      inputs.map((topic) => prefix + topic),
      patience,
    )
    try {
      while (!signal.aborted) await this.#turn()
      await this.#settle()
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
    } finally {
      if (await this.#isIdle()) {
        await this.#group.close()
        await this.#writes.close()
      }
    }
  }

  /**
   * Waits for the commit in hand, whatever becomes of it, and says whether it ended: librdkafka never returns when a producer is
   * destroyed under a call of its own, and neither does the end of the process then. What is left open ends with the process.
   */
  async #isIdle(): Promise<boolean> {
    const overdue = pause(COMMIT_END_MS, false, { ref: false })
    return Promise.race([this.#inFlight.then(() => true), overdue])
  }

  async #turn(): Promise<void> {
    this.#turnedAtMs = performance.now()
    if (this.#failure !== null) throw this.#failure
    const rebalance = this.#group.nextRebalance()
    if (rebalance !== undefined) return this.#serve(rebalance)
    const messages = await this.#group.read(READ_WAIT_MS, this.#definition.maxBatchRecords ?? 1_000)
    const startedMs = performance.now()
    const records = await this.#handle(messages)
    if (performance.now() - this.#tickedAtMs >= (this.#definition.tickMs ?? 250)) records.push(...(await this.#tick()))
    if (messages.length > 0) {
      this.#telemetry.batch('handle', (performance.now() - startedMs) / 1_000)
      this.#telemetry.size(messages.length, this.#context.clock.now() - (messages.at(-1)?.timestamp ?? 0))
    }
    if (records.length > 0 || messages.length > 0) await this.#commit(records, messages)
    if (performance.now() - this.#laggedAtMs > LAG_EVERY_MS) {
      this.#laggedAtMs = performance.now()
      this.#telemetry.lag(this.#group, this.#positions.values())
    }
  }

  /** Gives what the messages of one batch lead to: outputs, dead letters, state changes. */
  async #handle(messages: readonly Message[]): Promise<WireRecord[]> {
    const records: WireRecord[] = []
    const byTask = Map.groupBy(messages, (message) => message.partition)
    for (const [partition, own] of byTask) {
      const task = this.#tasks.get(partition)
      if (task === undefined)
        throw new TocsinError('consume_failed', `A record of partition ${partition} came before its task was ready.`)
      const handled = await handleMessages(this.#context, () => this.#keepAlive(), task.stage, own)
      for (const entry of handled) this.#outcomes.take(entry, records)
      this.#outcomes.put(task.stage.endOfBatch?.(this.#context.clock.now()) ?? [], null, records)
      this.#addChanges(records, partition, task)
      for (const [topic, count] of countBy(own)) this.#telemetry.recordsIn(topic, count)
    }
    return records
  }

  async #tick(): Promise<WireRecord[]> {
    this.#tickedAtMs = performance.now()
    const records: WireRecord[] = []
    for (const [partition, task] of this.#tasks) {
      this.#outcomes.put(await this.#ticked(task), null, records)
      this.#addChanges(records, partition, task)
    }
    return records
  }

  #addChanges(records: WireRecord[], partition: number, { stores }: RunningTask<Topics>): void {
    const { topicPrefix } = this.#context.config
    addChangelogRecords(records, topicPrefix, this.#definition.name, partition, stores.drain())
  }

  async #ticked(task: RunningTask<Topics>): Promise<readonly Output[]> {
    const tick = () => task.stage.tick?.(this.#context.clock.now()) ?? []
    return waitingOut(this.#context, () => this.#keepAlive(), tick)
  }

  /** Starts the commit of this batch after the one before is done; the next batch is handled meanwhile. */
  async #commit(records: readonly WireRecord[], messages: readonly Message[]): Promise<void> {
    const next = new Map<string, NextOffset>()
    for (const { topic, partition, offset } of messages)
      next.set(`${topic}/${partition}`, { topic, partition, offset: offset + 1 })
    await this.#inFlight
    if (this.#failure !== null) throw this.#failure
    const startedMs = performance.now()
    await this.#options.onTransaction?.('begin')
    this.#inFlight = this.#writes
      .commit(records, [...next.values()], this.#group.consumer, () => this.#options.onTransaction?.('written'))
      .then(
        () => {
          for (const [key, offset] of next) this.#positions.set(key, offset)
          this.#telemetry.batch('commit', (performance.now() - startedMs) / 1_000)
          void this.#options.onTransaction?.('committed')
        },
        (error: unknown) => {
          this.#failure = error
        },
      )
  }

  async #settle(): Promise<void> {
    await this.#inFlight
    if (this.#failure !== null) throw this.#failure
  }

  /** Drains first, then gives partitions away or takes them: state is restored before the first record is read. */
  async #serve(rebalance: Rebalance): Promise<void> {
    await this.#settle()
    const { name, stores = [] } = this.#definition
    if (rebalance.kind === 'revoke') {
      for (const { topic, partition } of rebalance.partitions) this.#positions.delete(`${topic}/${partition}`)
      this.#group.answer(rebalance)
      const owned = new Set(this.#group.consumer.assignments().map((entry) => entry.partition))
      for (const partition of this.#tasks.keys()) if (!owned.has(partition)) this.#tasks.delete(partition)
      this.#context.log.info({ stage: name, partitions: rebalance.partitions.length }, 'partitions given away')
      return
    }
    const partitions = rebalance.partitions.length === 0 ? [] : await this.#group.committed(rebalance.partitions)
    const fresh = [...new Set(partitions.map((entry) => entry.partition))].filter(
      (partition) => !this.#tasks.has(partition),
    )
    for (const [partition, taskStores] of await restoreStores(this.#context, name, stores, fresh)) {
      const stage = this.#definition.create({ partition, store: (store) => taskStores.store(store) })
      this.#tasks.set(partition, { stage, stores: taskStores })
    }
    for (const entry of partitions) {
      this.#positions.set(`${entry.topic}/${entry.partition}`, {
        topic: entry.topic,
        partition: entry.partition,
        offset: entry.offset ?? 0,
      })
    }
    this.#group.answer({ kind: 'assign', partitions })
    this.#assigned = true
    this.#context.log.info({ stage: name, partitions: partitions.length }, 'partitions taken')
  }

  /** Keeps the membership while an outage is waited out: polls with everything paused. */
  async #keepAlive(): Promise<void> {
    this.#turnedAtMs = performance.now()
    const owned = this.#group.consumer.assignments()
    this.#group.consumer.pause(owned)
    const stray = await this.#group.read(1, 1)
    if (stray.length > 0) throw new TocsinError('consume_failed', 'Kafka gave a record of a paused partition.')
    this.#group.consumer.resume(owned)
  }

  #liveness(): { ok: boolean; detail: string } {
    const ageMs = performance.now() - this.#turnedAtMs
    return { ok: ageMs < LOOP_STALE_MS, detail: `loop turned ${Math.round(ageMs)} ms ago` }
  }

  #positionsText(): string {
    return `${this.#positions.size} partitions`
  }
}

function countBy(messages: readonly Message[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { topic } of messages) counts.set(topic, (counts.get(topic) ?? 0) + 1)
  return counts
}

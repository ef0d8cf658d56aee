import type { HealthEvent } from '@tocsin/events'
import { DAY_MS, dateOf } from '@tocsin/obligations'
import {
  emit,
  type Outcome,
  type Output,
  type Received,
  type Stage,
  type StageDefinition,
  type Store,
  type Task,
} from '@tocsin/stage'
import { Accounting } from './accounting.ts'
import { FactBook } from './fact-book.ts'
import { Facts } from './facts.ts'
import { FormDesk, type FormMark, type FormParts } from './form-desk.ts'
import type { World } from './law.ts'
import { PeriodDesk, type PeriodMark, type PeriodParts } from './period-desk.ts'
import { type DeskParts, ReportDesk } from './report-desk.ts'
import type { ScheduleMark } from './schedule.ts'

export const SERVICE = 'reporter'
/** What facts are made from. */
export const FACT_TOPICS = [
  'incident-changes',
  'clock-events',
  'source-counts',
  'deliveries',
  'health-events',
  'detections',
] as const
export type FactTopic = (typeof FACT_TOPICS)[number]

/** Days that a late change can still correct. */
const KEEP_DAYS = 62
const CHECK_EVERY_MS = 1_000
const PRUNE_EVERY_MS = 3_600_000
/** One partition makes the reports: it reads whole topics, so any one can. */
const DESK_PARTITION = 0

/** Gives a record to the facts. */
export function takeRecord(facts: Facts, record: Pick<Received<FactTopic>, 'topic' | 'value'>, nowMs: number): void {
  const { topic, value } = record as Received<FactTopic>
  switch (topic) {
    case 'incident-changes':
      return facts.change(value, nowMs)
    case 'clock-events':
      return facts.clockEvent(value, nowMs)
    case 'source-counts':
      return facts.count(value, nowMs)
    case 'deliveries':
      return facts.delivery(value, nowMs)
    case 'health-events':
      return facts.health(value, nowMs)
    case 'detections':
      return facts.detection(value, nowMs)
    default:
      return topic satisfies never
  }
}

/** Records in, daily facts, checked sums and statutory reports out. */
export function reporter(world: World, desk: DeskParts & FormParts & PeriodParts): StageDefinition<FactTopic> {
  return {
    name: SERVICE,
    inputs: FACT_TOPICS,
    stores: ['facts', 'memos', 'counts', 'schedules', 'forms', 'periods'],
    create: (task) => new ReporterTask(world, desk, task),
  }
}

class ReporterTask implements Stage<FactTopic> {
  readonly #book: FactBook
  readonly #facts: Facts
  readonly #memos: ReturnType<Task['store']>
  readonly #accounting: Accounting
  readonly #desks: readonly { tick(nowMs: number): Output[] }[]
  #checkedAt = 0
  #prunedAt = 0

  constructor(world: World, desk: DeskParts & FormParts & PeriodParts, task: Task) {
    this.#book = new FactBook(task.store('facts'))
    this.#memos = task.store('memos')
    this.#facts = new Facts(this.#book, task.store('memos'), world)
    this.#accounting = new Accounting(task.store('counts'))
    const stores = [task.store('schedules'), task.store('forms'), task.store('periods')] as const
    this.#desks =
      task.partition === DESK_PARTITION
        ? [
            new ReportDesk(desk, stores[0] as Store<ScheduleMark>),
            new FormDesk(desk, stores[1] as Store<FormMark>),
            new PeriodDesk(desk, stores[2] as Store<PeriodMark>),
          ]
        : []
  }

  process(record: Received<FactTopic>, nowMs: number): Outcome {
    takeRecord(this.#facts, record, nowMs)
    if (record.topic === 'source-counts') this.#accounting.take(record.value, nowMs)
    return emit()
  }

  endOfBatch(): Output[] {
    return this.#book.drain().map((value) => ({ topic: 'daily-facts', key: value.factId, value }))
  }

  tick(nowMs: number): Output[] {
    const outputs: Output[] = []
    if (Math.abs(nowMs - this.#checkedAt) >= CHECK_EVERY_MS) {
      this.#checkedAt = nowMs
      outputs.push(...this.#accounting.check(nowMs).map(healthOutput))
    }
    if (nowMs - this.#prunedAt >= PRUNE_EVERY_MS) this.#prune(nowMs)
    return [...outputs, ...this.#desks.flatMap((desk) => desk.tick(nowMs))]
  }

  #prune(nowMs: number): void {
    this.#prunedAt = nowMs
    const oldest = dateOf(Math.floor(nowMs / DAY_MS) - KEEP_DAYS)
    this.#book.prune(oldest)
    for (const [key, memo] of this.#memos.entries()) {
      const day = (memo as { day?: string }).day
      if (day !== undefined && day < oldest) this.#memos.delete(key)
    }
  }
}

function healthOutput(value: HealthEvent): Output {
  return { topic: 'health-events', key: value.constituent ?? SERVICE, value }
}

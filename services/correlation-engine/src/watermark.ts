/** A source without events for this long does not hold the watermark (design.md 2.4). */
const IDLE_AFTER_MS = 30_000

/** How far event time has surely come in one input partition. */
export interface Watermark {
  atMs: number
  /** No live source: this partition holds back nobody. */
  idle: boolean
}

/**
 * Watermark of one partition: the least over its live sources of (highest time seen − allowed lateness); idle sources
 * do not hold it, and it never goes back.
 */
export class PartitionWatermark {
  readonly #latenessMs: number
  readonly #sources = new Map<string, { highestMs: number; seenAtMs: number }>()
  #current = Number.NEGATIVE_INFINITY

  constructor(latenessMs: number) {
    this.#latenessMs = latenessMs
  }

  observe(sourceId: string, occurredAtMs: number, nowMs: number): void {
    const source = this.#sources.get(sourceId)
    if (source === undefined) this.#sources.set(sourceId, { highestMs: occurredAtMs, seenAtMs: nowMs })
    else {
      source.highestMs = Math.max(source.highestMs, occurredAtMs)
      source.seenAtMs = nowMs
    }
  }

  /** The watermark at `nowMs`; null before the first event. */
  at(nowMs: number): Watermark | null {
    if (this.#sources.size === 0) return null
    const all = [...this.#sources.values()]
    const live = all.filter((source) => nowMs - source.seenAtMs < IDLE_AFTER_MS)
    const reached =
      live.length > 0
        ? Math.min(...live.map((source) => source.highestMs))
        : Math.max(...all.map((source) => source.highestMs))
    this.#current = Math.max(this.#current, reached - this.#latenessMs)
    return { atMs: this.#current, idle: live.length === 0 }
  }
}

/** Watermark of a task that reads several partitions: the least of those that are not idle; it never goes back. */
export class TaskWatermark {
  readonly #partitions = new Map<number, Watermark>()
  #current = Number.NEGATIVE_INFINITY

  /** Takes what a partition says; gives the task's watermark. */
  report(partition: number, watermark: Watermark): number {
    this.#partitions.set(partition, watermark)
    const live = [...this.#partitions.values()].filter((entry) => !entry.idle)
    const of =
      live.length > 0
        ? Math.min(...live.map((entry) => entry.atMs))
        : Math.max(...[...this.#partitions.values()].map((entry) => entry.atMs))
    this.#current = Math.max(this.#current, of)
    return this.#current
  }
}

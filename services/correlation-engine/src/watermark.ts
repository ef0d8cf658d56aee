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

/** What is stored of a task's watermark; null stands for a partition that has not yet said how far it is. */
export interface StoredWatermark {
  currentMs: number | null
  partitions: [partition: number, atMs: number | null, idle: boolean][]
}

/** Watermark of a task that reads several partitions: the least of those that are not idle; it never goes back. */
export class TaskWatermark {
  readonly #partitions = new Map<number, Watermark>()
  #current = Number.NEGATIVE_INFINITY

  /** Goes on from what was stored, where something was. */
  constructor(stored?: StoredWatermark) {
    if (stored === undefined) return
    this.#current = stored.currentMs ?? Number.NEGATIVE_INFINITY
    for (const [partition, atMs, idle] of stored.partitions) {
      this.#partitions.set(partition, { atMs: atMs ?? Number.NEGATIVE_INFINITY, idle })
    }
  }

  /** Event time that surely has come, milliseconds since 1970; minus infinity before the first report. */
  get currentMs(): number {
    return this.#current
  }

  /** Takes that a partition has records: from now on it holds the watermark until it says how far it is. */
  expect(partition: number): void {
    if (!this.#partitions.has(partition))
      this.#partitions.set(partition, { atMs: Number.NEGATIVE_INFINITY, idle: false })
  }

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

  stored(): StoredWatermark {
    const finite = (ms: number): number | null => (Number.isFinite(ms) ? ms : null)
    return {
      currentMs: finite(this.#current),
      partitions: [...this.#partitions].map(([partition, { atMs, idle }]) => [partition, finite(atMs), idle]),
    }
  }
}

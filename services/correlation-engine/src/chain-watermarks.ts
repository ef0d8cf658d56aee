import type { Watermark } from './partition-watermark.ts'

/** What is stored of a task's watermarks, so that after a restart the same events are late as without one. */
export interface StoredWatermarks {
  /** How far each level has come, level 1 first. */
  reached: number[]
  partitions: [partition: number, atMs: number, idle: boolean][]
  /** What each task of the windows said of its levels, level 1 first. */
  tasks: [partition: number, levels: number[]][]
}

/** From where records come to a task of the windows. */
export interface Upstream {
  /** Partitions of the enriched events. */
  eventPartitions: number
  /** Partitions of the matches, so tasks of the windows: each may hand on to each. */
  matchPartitions: number
}

/**
 * How far event time has come for each level of a chain, in one task of the windows. Level 1, correlations over rules, waits for the partitions of
 * events; level n + 1 waits for every task of the windows to say that it has brought level n so far, because each of them may still
 * hand on a firing. That is said in the same partition behind what was handed on, so nothing handed on comes late, however
 * fast event time runs. Idle partitions of events hold nobody. No level ever goes back.
 */
export class ChainWatermarks {
  readonly #upstream: Upstream
  readonly #partitions = new Map<number, Watermark>()
  readonly #tasks = new Map<number, readonly number[]>()
  readonly #reached: number[] = []

  /** Goes on from what was stored, where something was. */
  constructor(upstream: Upstream, stored?: StoredWatermarks) {
    this.#upstream = upstream
    for (let partition = 0; partition < upstream.eventPartitions; partition++) {
      this.#partitions.set(partition, { atMs: 0, idle: false })
    }
    for (let partition = 0; partition < upstream.matchPartitions; partition++) this.#tasks.set(partition, [])
    for (const [partition, atMs, idle] of stored?.partitions ?? []) this.#partitions.set(partition, { atMs, idle })
    for (const [partition, levels] of stored?.tasks ?? []) this.#tasks.set(partition, levels)
    this.#reached.push(...(stored?.reached ?? []))
  }

  /** Event time that surely has come for the correlations of a depth, milliseconds since 1970; 0 before anything is known. */
  at(depth: number): number {
    return this.#reached[depth - 1] ?? 0
  }

  /** Takes what a partition of events says. */
  reportPartition(partition: number, watermark: Watermark): void {
    this.#partitions.set(partition, watermark)
    this.#raise(0, this.#ofPartitions())
  }

  /** Takes what a task of the windows says of its levels, level 1 first. */
  reportTask(partition: number, levels: readonly number[]): void {
    this.#tasks.set(partition, levels)
    for (const level of levels.keys()) {
      this.#raise(level + 1, Math.min(...[...this.#tasks.values()].map((said) => said[level] ?? 0)))
    }
  }

  /** The levels below `depth`, level 1 first: what other tasks must be told. */
  below(depth: number): number[] {
    return Array.from({ length: depth - 1 }, (_, level) => this.at(level + 1))
  }

  stored(): StoredWatermarks {
    return {
      reached: [...this.#reached],
      partitions: [...this.#partitions].map(([partition, { atMs, idle }]) => [partition, atMs, idle]),
      tasks: [...this.#tasks].map(([partition, levels]) => [partition, [...levels]]),
    }
  }

  /** True for a number that names a task of the windows. */
  hasTask(partition: number): boolean {
    return partition >= 0 && partition < this.#upstream.matchPartitions
  }

  #ofPartitions(): number {
    const all = [...this.#partitions.values()]
    const live = all.filter(({ idle }) => !idle)
    return live.length > 0 ? Math.min(...live.map(({ atMs }) => atMs)) : Math.max(...all.map(({ atMs }) => atMs))
  }

  #raise(level: number, atMs: number): void {
    for (let below = this.#reached.length; below <= level; below++) this.#reached.push(0)
    this.#reached[level] = Math.max(this.#reached[level] ?? 0, atMs)
  }
}

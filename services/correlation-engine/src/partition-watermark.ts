import type { Store } from '@tocsin/stage'

/**
 * A source that gave nothing in so many ticks of its partition does not hold the watermark (design.md 2.4). Ticks are counted, not a
 * clock read: a process that stood still, or whose clock jumped, has not watched its sources meanwhile.
 */
const IDLE_AFTER_TICKS = 30
/** A partition that has never given anything holds nobody after so many ticks. */
const EMPTY_AFTER_TICKS = 5
/** A source's time is stored again when it has moved this far: what is restored may be so much too low, which only waits longer. */
const STORED_STEP_MS = 10_000

/** How far event time has surely come in one input partition. */
export interface Watermark {
  /** 0 where nothing is known yet. */
  atMs: number
  /** No live source: this partition holds back nobody. */
  idle: boolean
}

/** What is stored: of a live source the highest time seen, and of the partition (under the empty name) what it said last. */
export interface StoredTime {
  highestMs: number
  saidMs?: number
  idle?: boolean
}

interface LiveSource {
  highestMs: number
  storedMs: number
  silentTicks: number
}

const PARTITION = ''

/**
 * Watermark of one partition of events: the least over its live sources of (highest time seen − allowed lateness); idle sources
 * do not hold it, and it never goes back. Its store is written with the first event of a source and the tick that says it, so that after a restart a source that
 * lags behind the others of its partition still holds it.
 */
export class PartitionWatermark {
  readonly #latenessMs: number
  readonly #store: Store<StoredTime>
  readonly #sources = new Map<string, LiveSource>()
  #highestMs = 0
  #said: Watermark = { atMs: 0, idle: false }
  #ticks = 0

  constructor(latenessMs: number, store: Store<StoredTime>) {
    this.#latenessMs = latenessMs
    this.#store = store
    for (const [sourceId, { highestMs, saidMs, idle }] of store.entries()) {
      this.#highestMs = Math.max(this.#highestMs, highestMs)
      if (sourceId === PARTITION) this.#said = { atMs: saidMs ?? 0, idle: idle ?? false }
      else this.#sources.set(sourceId, { highestMs, storedMs: highestMs, silentTicks: 0 })
    }
  }

  /** Takes the time of one event of a source, milliseconds since 1970. */
  observe(sourceId: string, occurredAtMs: number): void {
    const source = this.#sources.get(sourceId)
    if (source === undefined) {
      this.#sources.set(sourceId, { highestMs: occurredAtMs, storedMs: occurredAtMs, silentTicks: 0 })
      // In the transaction of its first event: one that holds the watermark from now on makes no tick speak that would store it.
      this.#store.set(sourceId, { highestMs: occurredAtMs })
    } else {
      if (occurredAtMs > source.highestMs) source.highestMs = occurredAtMs
      source.silentTicks = 0
    }
    if (occurredAtMs > this.#highestMs) this.#highestMs = occurredAtMs
  }

  /** Counts a tick, and gives what is to be said where it is news; the first tick always speaks. */
  tick(): Watermark | null {
    const isFirst = this.#ticks++ === 0
    this.#forgetIdle()
    const now = this.#now()
    if (!isFirst && now.atMs === this.#said.atMs && now.idle === this.#said.idle) return null
    this.#said = now
    this.#keep()
    return now
  }

  #now(): Watermark {
    if (this.#sources.size === 0 && this.#highestMs === 0) {
      return { atMs: 0, idle: this.#said.idle || this.#ticks > EMPTY_AFTER_TICKS }
    }
    let reachedMs = this.#sources.size === 0 ? this.#highestMs : Number.POSITIVE_INFINITY
    for (const { highestMs } of this.#sources.values()) reachedMs = Math.min(reachedMs, highestMs)
    return { atMs: Math.max(this.#said.atMs, reachedMs - this.#latenessMs), idle: this.#sources.size === 0 }
  }

  #forgetIdle(): void {
    for (const [sourceId, source] of this.#sources) {
      if (source.silentTicks++ < IDLE_AFTER_TICKS) continue
      this.#sources.delete(sourceId)
      this.#store.delete(sourceId)
    }
  }

  #keep(): void {
    this.#store.set(PARTITION, { highestMs: this.#highestMs, saidMs: this.#said.atMs, idle: this.#said.idle })
    for (const [sourceId, source] of this.#sources) {
      if (source.highestMs < source.storedMs + STORED_STEP_MS) continue
      source.storedMs = source.highestMs
      this.#store.set(sourceId, { highestMs: source.highestMs })
    }
  }
}

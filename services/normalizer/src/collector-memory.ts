import type { RawFrame } from '@tocsin/events'
import type { Store } from '@tocsin/stage'

/**
 * Knows which lines of a collector were taken before (design.md 2.3): a collector sends again what it saw no answer for, and
 * after a crash the ingest no longer knows what it had. The memory is the highest number per source and collector, committed
 * with the events, so that no crash on the way doubles a line or loses one. That is enough, because both the collector and
 * the ingest keep the order: whatever run of lines comes, it begins at or before the first that is missing.
 */
export class CollectorMemory {
  readonly #highest: Store<number>

  constructor(highest: Store<number>) {
    this.#highest = highest
  }

  /** Begins a block of a source. What it holds is remembered by `keep`: a block that is tried again is no repeat of itself. */
  block(sourceId: string): { isRepeat(frame: RawFrame): boolean; keep(): void } {
    const taken = new Map<string, number>()
    return {
      isRepeat: ({ collectorId, collectorSeq }) => {
        if (collectorId === null || collectorSeq === null) return false
        const key = `${sourceId}\u001f${collectorId}`
        if (collectorSeq <= (taken.get(key) ?? this.#highest.get(key) ?? 0)) return true
        taken.set(key, collectorSeq)
        return false
      },
      keep: () => {
        for (const [key, seq] of taken) this.#highest.set(key, seq)
      },
    }
  }
}

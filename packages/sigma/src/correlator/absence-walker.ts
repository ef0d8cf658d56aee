import type { CompiledCorrelation } from '../correlations.ts'
import { type Entry, firstAtOrAfter } from './entry.ts'

/**
 * "A, then no B within t": holds at an event of the first rule when no event of another rule has a time in [its time, its time + timespan]. Asked
 * only when the watermark has passed that stretch, so what it says is final. One event that is both counts as followed.
 */
export class AbsenceWalker {
  private readonly timespanMs: number
  /** The first follower at or behind the entry last asked about; -1 where it must be looked for. */
  private follower = -1

  constructor(correlation: CompiledCorrelation) {
    this.timespanMs = correlation.timespanMs
  }

  evaluate(entries: readonly Entry[], index: number): void {
    const entry = entries[index] as Entry
    if (!entry.rules.includes(0)) return
    const first = firstAtOrAfter(entries, entry.atMs)
    if (this.follower < first) this.follower = nextFollower(entries, first)
    const follower = entries[this.follower]
    entry.holds = follower === undefined || follower.atMs > entry.atMs + this.timespanMs
    entry.value = entry.holds ? 1 : 0
    entry.edge = entry.holds
  }

  drop(_entries: readonly Entry[], count: number): void {
    this.follower = this.follower < count ? -1 : this.follower - count
  }

  invalidate(index: number): void {
    if (index <= this.follower) this.follower = -1
  }
}

function nextFollower(entries: readonly Entry[], from: number): number {
  let index = from
  while (index < entries.length && !(entries[index] as Entry).rules.some((rule) => rule > 0)) index++
  return index
}

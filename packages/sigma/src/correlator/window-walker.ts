import type { CompiledCorrelation } from '../correlations.ts'
import { type Entry, firstAtOrAfter } from './entry.ts'
import { passes, type WindowValue, windowValueFor } from './window-value.ts'

/**
 * Evaluates the window [t - timespan, t], both ends included, at one entry after the other. Going on from where it stopped costs what enters and
 * leaves; starting elsewhere costs one window.
 */
export class WindowWalker {
  private readonly correlation: CompiledCorrelation
  private window: WindowValue
  /** Entries from `low` up to `next` (not included) are in the window. */
  private low = 0
  private next = 0

  constructor(correlation: CompiledCorrelation) {
    this.correlation = correlation
    this.window = windowValueFor(correlation)
  }

  /** Evaluates the entry at `index` and writes its value, `holds` and `edge`. */
  evaluate(entries: readonly Entry[], index: number): void {
    if (index !== this.next) this.load(entries, index)
    const entry = entries[index] as Entry
    const { tests, timespanMs } = this.correlation
    while (this.low < index && (entries[this.low] as Entry).atMs < entry.atMs - timespanMs) {
      this.window.remove(entries[this.low++] as Entry)
    }
    const before = this.low < index && passes(tests, this.window.value(entry.atMs))
    this.window.add(entry)
    entry.value = this.window.value(entry.atMs)
    entry.holds = passes(tests, entry.value)
    entry.edge = entry.holds && !before
    this.next = index + 1
  }

  /** Tells that entries before `count` are about to be dropped. */
  drop(entries: readonly Entry[], count: number): void {
    if (this.next < 0) return
    while (this.low < Math.min(count, this.next)) this.window.remove(entries[this.low++] as Entry)
    this.low = Math.max(0, this.low - count)
    this.next = Math.max(0, this.next - count)
  }

  /** Tells that something at or after `index` has changed. */
  invalidate(index: number): void {
    if (index < this.next) this.next = -1
  }

  private load(entries: readonly Entry[], index: number): void {
    this.window = windowValueFor(this.correlation)
    this.low = firstAtOrAfter(entries, (entries[index] as Entry).atMs - this.correlation.timespanMs)
    for (let i = this.low; i < index; i++) this.window.add(entries[i] as Entry)
  }
}

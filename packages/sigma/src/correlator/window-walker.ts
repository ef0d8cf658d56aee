import type { CompiledCorrelation } from '../correlations.ts'
import { AbsenceWalker } from './absence-walker.ts'
import { type Entry, firstAtOrAfter } from './entry.ts'
import { passes, type WindowValue, windowValueFor } from './window-value.ts'

/** Evaluates entries one after the other; told what was dropped and what changed. */
export interface Walker {
  /** Evaluates the entry at `index` and writes its value, `holds` and `edge`. */
  evaluate(entries: readonly Entry[], index: number): void
  /** Tells that entries before `count` are about to be dropped. */
  drop(entries: readonly Entry[], count: number): void
  /** Tells that something at or after `index` has changed. */
  invalidate(index: number): void
}

/** The walker of a correlation. */
export function walkerFor(correlation: CompiledCorrelation): Walker {
  return correlation.type === 'absence' ? new AbsenceWalker(correlation) : new WindowWalker(correlation)
}

/**
 * Windows that end at each entry. Going on from where it stopped costs what enters and leaves; starting elsewhere costs one window. A window never
 * reaches further back than the timespan: [t - timespan, t] where it slides, from the stretch's beginning where it tumbles (stretches
 * begin at multiples of the timespan), and from the session's first event where silence parts it.
 */
class WindowWalker implements Walker {
  private readonly correlation: CompiledCorrelation
  private window: WindowValue
  /** Entries from `low` up to `next` (not included) are in the window. */
  private low = 0
  private next = 0

  constructor(correlation: CompiledCorrelation) {
    this.correlation = correlation
    this.window = windowValueFor(correlation)
  }

  evaluate(entries: readonly Entry[], index: number): void {
    if (index !== this.next) this.load(entries, index)
    const entry = entries[index] as Entry
    const { tests } = this.correlation
    const earliestMs = this.earliestMs(entries, index)
    while (this.low < index && (entries[this.low] as Entry).atMs < earliestMs) {
      this.window.remove(entries[this.low++] as Entry)
    }
    const startMs = this.correlation.window === 'session' ? (entries[this.low] as Entry).atMs : earliestMs
    const before = this.low < index && passes(tests, this.window.value(startMs))
    this.window.add(entry)
    entry.value = this.window.value(startMs)
    entry.holds = passes(tests, entry.value)
    entry.edge = entry.holds && !before
    this.next = index + 1
  }

  drop(entries: readonly Entry[], count: number): void {
    if (this.next < 0) return
    while (this.low < Math.min(count, this.next)) this.window.remove(entries[this.low++] as Entry)
    this.low = Math.max(0, this.low - count)
    this.next = Math.max(0, this.next - count)
  }

  invalidate(index: number): void {
    if (index < this.next) this.next = -1
  }

  /** Nothing before this time is in the window that ends at an entry. */
  private earliestMs(entries: readonly Entry[], index: number): number {
    const { atMs } = entries[index] as Entry
    const { window, timespanMs, gapMs } = this.correlation
    const earliestMs = atMs - timespanMs
    if (window === 'tumbling') return Math.floor(atMs / timespanMs) * timespanMs
    if (window === 'sliding' || this.low >= index) return earliestMs
    // What is in the window belongs to one session already: only the last step can part it.
    const gap = atMs - (entries[index - 1] as Entry).atMs
    return gap > (gapMs ?? 0) ? atMs : earliestMs
  }

  private load(entries: readonly Entry[], index: number): void {
    this.window = windowValueFor(this.correlation)
    this.low = firstAtOrAfter(entries, (entries[index] as Entry).atMs - this.correlation.timespanMs)
    if (this.correlation.window === 'session') this.low = this.sessionStart(entries, index)
    for (let i = this.low; i < index; i++) this.window.add(entries[i] as Entry)
  }

  private sessionStart(entries: readonly Entry[], index: number): number {
    let start = index
    const at = (position: number): number => (entries[position] as Entry).atMs
    while (start > this.low && at(start) - at(start - 1) <= (this.correlation.gapMs ?? 0)) start--
    return start
  }
}

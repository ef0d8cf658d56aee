import type { CompiledCorrelation } from '../correlations.ts'
import type { Comparison } from '../documents.ts'
import { numberOf } from '../values.ts'
import type { Entry } from './entry.ts'

/** What a sliding window is worth: entries enter at its end and leave at its start, both in the order of event time. */
export interface WindowValue {
  add(entry: Entry): void
  remove(entry: Entry): void
  /** The value at `nowMs`; null when there is nothing to compute it from. */
  value(nowMs: number): number | null
}

/** True when a value passes every test of the condition. */
export function passes(tests: readonly { op: Comparison; value: number }[], value: number | null): boolean {
  return value !== null && tests.every((test) => compare(test.op, value, test.value))
}

function compare(op: Comparison, left: number, right: number): boolean {
  switch (op) {
    case 'gt':
      return left > right
    case 'gte':
      return left >= right
    case 'lt':
      return left < right
    case 'lte':
      return left <= right
    case 'eq':
      return left === right
    case 'neq':
      return left !== right
  }
}

/** The empty window of a correlation. */
export function windowValueFor(correlation: CompiledCorrelation): WindowValue {
  switch (correlation.type) {
    case 'event_count':
      return new EventCount()
    case 'value_count':
      return new DistinctCount((entry) => (entry.values === null ? [] : [JSON.stringify(entry.values)]))
    case 'temporal':
      return new DistinctCount((entry) => entry.rules)
    case 'temporal_ordered':
      return new OrderedSteps(correlation.ruleIds.length, correlation.timespanMs)
    case 'value_sum':
      return new Numbers((numbers) => numbers.reduce((sum, number) => sum + number, 0))
    case 'value_avg':
      return new Numbers((numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length)
    case 'value_percentile':
      return new Numbers((numbers) => percentile(numbers, correlation.percentile ?? 50))
    case 'value_median':
      return new Numbers((numbers) => percentile(numbers, 50))
  }
}

class EventCount implements WindowValue {
  private count = 0
  add(): void {
    this.count++
  }
  remove(): void {
    this.count--
  }
  // An empty window has no value, as in the reference: a count of nothing does not satisfy "less than".
  value(): number | null {
    return this.count === 0 ? null : this.count
  }
}

class DistinctCount<Key> implements WindowValue {
  private readonly counts = new Map<Key, number>()
  private readonly keysOf: (entry: Entry) => readonly Key[]
  private size = 0

  constructor(keysOf: (entry: Entry) => readonly Key[]) {
    this.keysOf = keysOf
  }
  add(entry: Entry): void {
    this.size++
    for (const key of this.keysOf(entry)) this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }
  remove(entry: Entry): void {
    this.size--
    for (const key of this.keysOf(entry)) {
      const left = (this.counts.get(key) ?? 0) - 1
      if (left > 0) this.counts.set(key, left)
      else this.counts.delete(key)
    }
  }
  value(): number | null {
    return this.size === 0 ? null : this.counts.size
  }
}

/**
 * `temporal_ordered`: t1 <= t2 <= … in the order of the rules, ties allowed, one event may serve several steps. For each step it keeps the
 * latest possible start of a chain that reaches it; the chain is inside the window when that start is.
 */
class OrderedSteps implements WindowValue {
  private readonly starts: number[]
  private readonly timespanMs: number
  private tied = new Set<number>()
  private lastMs = Number.NEGATIVE_INFINITY

  constructor(steps: number, timespanMs: number) {
    this.starts = Array<number>(steps).fill(Number.NEGATIVE_INFINITY)
    this.timespanMs = timespanMs
  }
  add(entry: Entry): void {
    if (entry.atMs !== this.lastMs) this.tied = new Set()
    this.lastMs = entry.atMs
    for (const rule of entry.rules) this.tied.add(rule)
    for (let step = 0; step < this.starts.length; step++) {
      if (!this.tied.has(step)) continue
      const before = step === 0 ? entry.atMs : (this.starts[step - 1] as number)
      this.starts[step] = Math.max(this.starts[step] as number, before)
    }
  }
  remove(): void {}
  value(nowMs: number): number | null {
    return (this.starts.at(-1) as number) >= nowMs - this.timespanMs ? this.starts.length : 0
  }
}

/** Values computed from the numbers in the window; anything that is no number is skipped (C3). */
class Numbers implements WindowValue {
  private numbers: number[] = []
  private readonly reduce: (numbers: readonly number[]) => number

  constructor(reduce: (numbers: readonly number[]) => number) {
    this.reduce = reduce
  }
  add(entry: Entry): void {
    const number = numberIn(entry)
    if (number !== null) this.numbers.push(number)
  }
  remove(entry: Entry): void {
    if (numberIn(entry) !== null) this.numbers.shift()
  }
  // Computed anew each time: adding and taking away would gather rounding errors that depend on the order of arrival.
  value(): number | null {
    return this.numbers.length === 0 ? null : this.reduce(this.numbers)
  }
}

function numberIn(entry: Entry): number | null {
  return entry.values?.[0] === undefined ? null : numberOf(entry.values[0])
}

/** Percentile with linear interpolation between neighbours (C4). */
function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const position = ((sorted.length - 1) * percent) / 100
  const low = Math.floor(position)
  const below = sorted[low] as number
  const above = sorted[low + 1]
  return above === undefined ? below : below + (above - below) * (position - low)
}

import type { CompiledCorrelation } from '../correlations.ts'
import type { Comparison } from '../documents.ts'
import { type Sentence, satisfied, stepsOf } from '../sentence.ts'
import type { Entry } from './entry.ts'
import { Sorted, Total } from './number-windows.ts'

/** What a sliding window is worth: entries enter at its end and leave at its start, both in the order of event time. */
export interface WindowValue {
  add(entry: Entry): void
  remove(entry: Entry): void
  /** The value of the window that starts at `startMs`; null when there is nothing to compute it from. */
  value(startMs: number): number | null
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
  const { sentence } = correlation
  switch (correlation.type) {
    case 'event_count':
      return new EventCount()
    case 'value_count':
      return new DistinctValues()
    case 'temporal':
      return sentence === null ? new DistinctRules() : new Presence(sentence)
    case 'temporal_ordered': {
      const shape = sentence === null ? null : stepsOf(sentence)
      const steps = shape?.steps ?? correlation.ruleIds.map((_, position) => position)
      return new OrderedSteps(steps, shape?.absent ?? [])
    }
    case 'value_sum':
      return new Total('sum')
    case 'value_avg':
      return new Total('average')
    case 'value_percentile':
      return new Sorted(correlation.percentile ?? 50)
    case 'value_median':
      return new Sorted(50)
    case 'absence':
      throw new Error('An absence has no window behind its events.')
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

/** How many different keys there are, each with how often it was put in. */
class Tally<Key> {
  private readonly counts = new Map<Key, number>()

  get size(): number {
    return this.counts.size
  }
  put(key: Key): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }
  take(key: Key): void {
    const left = (this.counts.get(key) ?? 0) - 1
    if (left > 0) this.counts.set(key, left)
    else this.counts.delete(key)
  }
}

/** Different values, or tuples of values; exact, because a group holds at most ten thousand events. */
class DistinctValues implements WindowValue {
  private readonly tally = new Tally<string>()
  private size = 0

  add({ values }: Entry): void {
    this.size++
    if (values !== null) this.tally.put(textOf(values))
  }
  remove({ values }: Entry): void {
    this.size--
    if (values !== null) this.tally.take(textOf(values))
  }
  value(): number | null {
    return this.size === 0 ? null : this.tally.size
  }
}

function textOf(values: readonly string[]): string {
  const [only = ''] = values
  return values.length === 1 ? only : JSON.stringify(values)
}

class DistinctRules implements WindowValue {
  private readonly tally = new Tally<number>()
  private size = 0

  add({ rules }: Entry): void {
    this.size++
    for (const rule of rules) this.tally.put(rule)
  }
  remove({ rules }: Entry): void {
    this.size--
    for (const rule of rules) this.tally.take(rule)
  }
  value(): number | null {
    return this.size === 0 ? null : this.tally.size
  }
}

/** A temporal condition written as a sentence: the number of rules that occurred where it holds, else nothing. */
class Presence implements WindowValue {
  private readonly counts = new Map<number, number>()
  private readonly sentence: Sentence

  constructor(sentence: Sentence) {
    this.sentence = sentence
  }
  add(entry: Entry): void {
    for (const rule of entry.rules) this.counts.set(rule, (this.counts.get(rule) ?? 0) + 1)
  }
  remove(entry: Entry): void {
    for (const rule of entry.rules) this.counts.set(rule, (this.counts.get(rule) ?? 0) - 1)
  }
  value(): number | null {
    const occurred = (rule: number): boolean => (this.counts.get(rule) ?? 0) > 0
    if (!satisfied(this.sentence, occurred)) return 0
    return [...this.counts.values()].filter((count) => count > 0).length
  }
}

/**
 * `temporal_ordered`: t1 <= t2 <= … in the order of the rules, ties allowed, one event may serve several steps. For each step it keeps the
 * latest possible start of a chain that reaches it; the chain is inside the window when that start is. Rules that must be absent are
 * counted beside it.
 */
class OrderedSteps implements WindowValue {
  private readonly steps: readonly number[]
  private readonly absent: readonly number[]
  private readonly starts: number[]
  private unwanted = 0
  private tied = new Set<number>()
  private lastMs = Number.NEGATIVE_INFINITY

  constructor(steps: readonly number[], absent: readonly number[]) {
    this.steps = steps
    this.absent = absent
    this.starts = Array<number>(steps.length).fill(Number.NEGATIVE_INFINITY)
  }
  add(entry: Entry): void {
    if (this.isUnwanted(entry)) this.unwanted++
    if (entry.atMs !== this.lastMs) this.tied = new Set()
    this.lastMs = entry.atMs
    for (const rule of entry.rules) this.tied.add(rule)
    for (let step = 0; step < this.starts.length; step++) {
      if (!this.tied.has(this.steps[step] as number)) continue
      const before = step === 0 ? entry.atMs : (this.starts[step - 1] as number)
      this.starts[step] = Math.max(this.starts[step] as number, before)
    }
  }
  remove(entry: Entry): void {
    if (this.isUnwanted(entry)) this.unwanted--
  }
  value(startMs: number): number | null {
    return this.unwanted === 0 && (this.starts.at(-1) as number) >= startMs ? this.starts.length : 0
  }
  private isUnwanted(entry: Entry): boolean {
    return this.absent.length > 0 && entry.rules.some((rule) => this.absent.includes(rule))
  }
}

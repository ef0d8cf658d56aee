import { numberOf } from '../values.ts'
import type { Entry } from './entry.ts'

/** Fractions of up to six digits are added as whole millionths: exact, whatever was added and taken away before. */
const units = 1_000_000

/** Sum or average of the numbers in a window; anything that is no number is skipped (C3). */
export class Total {
  private readonly kind: 'sum' | 'average'
  private count = 0
  private whole = 0
  private millionths = 0
  /** Numbers with finer fractions or beyond what adds up exactly: added anew each time. */
  private others: number[] = []

  constructor(kind: 'sum' | 'average') {
    this.kind = kind
  }

  add(entry: Entry): void {
    const number = numberIn(entry)
    if (number !== null) this.change(number, 1)
  }

  remove(entry: Entry): void {
    const number = numberIn(entry)
    if (number !== null) this.change(number, -1)
  }

  value(): number | null {
    if (this.count === 0) return null
    // In the order of size, not of arrival: the same numbers have the same sum.
    const sum = this.whole + this.millionths / units + this.others.reduce((total, number) => total + number, 0)
    return this.kind === 'sum' ? sum : sum / this.count
  }

  private change(number: number, sign: 1 | -1): void {
    this.count += sign
    const whole = Math.trunc(number)
    const rest = (number - whole) * units
    const millionths = Math.round(rest)
    if (Math.abs(rest - millionths) < 1e-3 && Math.abs(whole) < 1e11) {
      this.whole += sign * whole
      this.millionths += sign * millionths
    } else if (sign > 0) insert(this.others, number)
    else take(this.others, number)
  }
}

/**
 * Percentile or median of the numbers in a window, with linear interpolation between neighbours (C4). Exact: a group holds at most
 * ten thousand entries, and that many are kept in order.
 */
export class Sorted {
  private readonly percent: number
  private readonly numbers: number[] = []

  constructor(percent: number) {
    this.percent = percent
  }

  add(entry: Entry): void {
    const number = numberIn(entry)
    if (number !== null) insert(this.numbers, number)
  }

  remove(entry: Entry): void {
    const number = numberIn(entry)
    if (number !== null) take(this.numbers, number)
  }

  value(): number | null {
    const { numbers } = this
    if (numbers.length === 0) return null
    const position = ((numbers.length - 1) * this.percent) / 100
    const low = Math.floor(position)
    const below = numbers[low] as number
    const above = numbers[low + 1]
    return above === undefined ? below : below + (above - below) * (position - low)
  }
}

function numberIn(entry: Entry): number | null {
  return entry.values?.[0] === undefined ? null : numberOf(entry.values[0])
}

function insert(sorted: number[], number: number): void {
  sorted.splice(placeOf(sorted, number), 0, number)
}

function take(sorted: number[], number: number): void {
  const place = placeOf(sorted, number)
  if (sorted[place] === number) sorted.splice(place, 1)
}

function placeOf(sorted: readonly number[], number: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < number) low = middle + 1
    else high = middle
  }
  return low
}

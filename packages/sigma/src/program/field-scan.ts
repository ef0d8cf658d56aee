import type { Predicate, Test } from '../predicate.ts'
import { numberOf, type Scalar, textOf } from '../values.ts'
import { AnchoredIndex } from './anchored-index.ts'
import { GramIndex, type Literal } from './gram-index.ts'
import type { ScanMemory } from './scan-memory.ts'

/** Longest text of a field that is looked at; what is cut is counted. */
export const maxScannedChars = 65_536

/** One value of a field, looked at: its text in lower case and the predicates that hold for it. */
export interface ScannedValue {
  value: Scalar
  lower: string
  fired: readonly number[]
}

/** A predicate that a scan answers: its number in the program. */
export interface ScannedPredicate {
  id: number
  test: Test
}

const nothing: readonly number[] = []
const maxGram = 4

/** Predicates of one field that a single look at its value answers: hash tables for equality and ends, gram indexes for texts within. */
export class FieldScan {
  /** Values that were longer than `maxScannedChars` and were cut. */
  truncated = 0
  private readonly byText = new Map<string, number[]>()
  private readonly byNumber = new Map<number, number[]>()
  private readonly starts: AnchoredIndex | null
  private readonly ends: AnchoredIndex | null
  private readonly within: GramIndex[]
  private readonly memory: ScanMemory<ScannedValue>

  constructor(predicates: readonly ScannedPredicate[], memory: ScanMemory<ScannedValue>) {
    this.memory = memory
    const starts: Literal[] = []
    const ends: Literal[] = []
    const within: Literal[][] = Array.from({ length: maxGram + 1 }, () => [])
    for (const { id, test } of predicates) {
      if (test.kind === 'number') add(this.byNumber, test.value, id)
      else if (test.kind === 'equals') add(this.byText, test.text, id)
      else if (test.kind === 'starts') starts.push({ text: test.text, id })
      else if (test.kind === 'ends') ends.push({ text: test.text, id })
      else if (test.kind === 'contains') within[Math.min(maxGram, test.text.length)]?.push({ text: test.text, id })
    }
    this.starts = starts.length === 0 ? null : new AnchoredIndex('start', starts)
    this.ends = ends.length === 0 ? null : new AnchoredIndex('end', ends)
    this.within = within.flatMap((literals, length) => (literals.length === 0 ? [] : [new GramIndex(length, literals)]))
  }

  /** Looks at one value, or remembers what was found the last time: logs repeat themselves. */
  look(value: Scalar): ScannedValue {
    const known = this.memory.get(value)
    if (known !== undefined) return known
    const scanned = this.scan(value)
    this.memory.keep(value, scanned, scanned.lower.length)
    return scanned
  }

  private scan(scalar: Scalar): ScannedValue {
    let value = scalar
    if (typeof value === 'string' && value.length > maxScannedChars) {
      this.truncated++
      value = value.slice(0, maxScannedChars)
    }
    const lower = textOf(value).toLowerCase()
    const found: number[] = []
    const same = this.byText.get(lower)
    if (same !== undefined) found.push(...same)
    if (this.byNumber.size > 0) {
      const number = numberOf(value)
      const equal = number === null ? undefined : this.byNumber.get(number)
      if (equal !== undefined) found.push(...equal)
    }
    this.starts?.scan(lower, found)
    this.ends?.scan(lower, found)
    for (const index of this.within) index.scan(lower, found)
    return { value, lower, fired: found.length === 0 ? nothing : [...new Set(found)] }
  }
}

/** How a predicate can be answered: always by the scan, by the scan where that is wanted, or only by asking for it. */
export function scanKindOf({ field, test }: Predicate): 'always' | 'wanted' | 'never' {
  switch (test.kind) {
    case 'number':
    case 'equals':
      return field === null ? 'never' : 'always'
    case 'starts':
    case 'ends':
      return field === null || test.text === '' ? 'never' : 'always'
    case 'contains':
      return test.text === '' ? 'never' : 'wanted'
    case 'glob':
    case 'regex':
    case 'cidr':
    case 'compare':
    case 'time':
    case 'segment':
    case 'octets':
    case 'null':
    case 'exists':
    case 'fieldref':
      return 'never'
  }
}

function add<Key>(map: Map<Key, number[]>, key: Key, id: number): void {
  const ids = map.get(key)
  if (ids === undefined) map.set(key, [id])
  else ids.push(id)
}

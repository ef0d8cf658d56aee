import type { Literal } from './gram-index.ts'

const levels = [512, 256, 128, 64, 48, 32, 24, 16, 12, 10, 8, 6, 5, 4, 3, 2, 1]

/**
 * Finds which of many texts a value starts or ends with. Each text stands under its outermost characters, as many as one of a few
 * lengths; a value is asked once for each length in use, however many texts there are.
 */
export class AnchoredIndex {
  private readonly end: 'start' | 'end'
  private readonly levels: { length: number; literals: Map<string, Literal[]> }[] = []

  constructor(end: 'start' | 'end', literals: readonly Literal[]) {
    this.end = end
    for (const literal of literals) this.put(literal)
  }

  /** Adds the number of every literal that stands at the end looked at. */
  scan(text: string, found: number[]): void {
    const { end } = this
    for (const { length, literals } of this.levels) {
      if (length > text.length) continue
      const near = literals.get(end === 'start' ? text.slice(0, length) : text.slice(-length))
      if (near === undefined) continue
      for (const { text: literal, id } of near) {
        if (end === 'start' ? text.startsWith(literal) : text.endsWith(literal)) found.push(id)
      }
    }
  }

  private put(literal: Literal): void {
    const length = levels.find((level) => level <= literal.text.length) ?? 1
    let level = this.levels.find((known) => known.length === length)
    if (level === undefined) {
      level = { length, literals: new Map() }
      this.levels.push(level)
    }
    const key = this.end === 'start' ? literal.text.slice(0, length) : literal.text.slice(-length)
    const known = level.literals.get(key)
    if (known === undefined) level.literals.set(key, [literal])
    else known.push(literal)
  }
}

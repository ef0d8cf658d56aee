import type { Scalar } from '../values.ts'

/** Longer values hardly ever come twice, and looking them up costs as much as looking at them. */
const maxRememberedChars = 1_024
const maxEntries = 4_096
/** Look-ups after which a memory that does not help is put aside, and for how many it stays so. */
const trial = 4_096
const pause = 65_536

/** Characters that all memories of a rule set may hold together. */
export class MemoryBudget {
  private left: number
  private readonly total: number
  /** Rises when everything must be forgotten. */
  generation = 0

  constructor(totalChars = 16_777_216) {
    this.total = totalChars
    this.left = totalChars
  }

  /** Takes what one more entry needs. */
  spend(chars: number): void {
    this.left -= chars + 128
    if (this.left > 0) return
    this.generation++
    this.left = this.total
  }
}

/**
 * What was found for the values last seen of a field: bounded in entries and, with its siblings, in characters. It puts itself aside
 * for a while where values do not repeat.
 */
export class ScanMemory<Found> {
  private recent = new Map<Scalar, Found>()
  private older = new Map<Scalar, Found>()
  private readonly budget: MemoryBudget
  private generation: number
  private asked = 0
  private hits = 0
  private paused = 0

  constructor(budget: MemoryBudget) {
    this.budget = budget
    this.generation = budget.generation
  }

  get(value: Scalar): Found | undefined {
    if (this.paused > 0) {
      this.paused--
      return undefined
    }
    if (typeof value === 'string' && value.length > maxRememberedChars) return undefined
    if (++this.asked >= trial) this.judge()
    const found = this.recent.get(value)
    if (found !== undefined) {
      this.hits++
      return found
    }
    const old = this.older.get(value)
    if (old === undefined) return undefined
    this.hits++
    this.recent.set(value, old)
    return old
  }

  keep(value: Scalar, found: Found, chars: number): void {
    if (this.paused > 0 || chars > maxRememberedChars) return
    if (this.generation !== this.budget.generation) {
      this.forget()
      this.generation = this.budget.generation
    }
    if (this.recent.size >= maxEntries) {
      this.older = this.recent
      this.recent = new Map()
    }
    this.recent.set(value, found)
    this.budget.spend(chars)
  }

  private judge(): void {
    if (this.hits < this.asked / 4) {
      this.paused = pause
      this.forget()
    }
    this.asked = 0
    this.hits = 0
  }

  private forget(): void {
    this.recent = new Map()
    this.older = new Map()
  }
}

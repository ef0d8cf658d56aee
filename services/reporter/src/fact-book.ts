import { type DailyFact, idFrom } from '@tocsin/events'
import type { Store } from '@tocsin/stage'

/** Where a number stands: day, whose, what, and its dimensions. */
export interface Coordinates {
  day: string
  constituent: string
  pack: string
  name: string
  dimensions: Readonly<Record<string, string>>
}

/** What one case, detection or outage adds to facts. */
export interface Contribution extends Coordinates {
  value: number
}

type Kept = { kind: 'fact'; fact: DailyFact } | { kind: 'owner'; day: string; contributions: Contribution[] }

/**
 * Facts as sums. Counts are added; what may change its mind later (a case) owns its contributions and replaces them, so that
 * a late change corrects the facts of the day it belongs to. `drain` gives what changed, each fact once.
 */
export class FactBook {
  readonly #kept: Store<Kept>
  readonly #changed = new Map<string, DailyFact>()

  constructor(store: Store<Kept>) {
    this.#kept = store
  }

  /** Adds to a fact. */
  add(at: Coordinates, delta: number, nowMs: number): void {
    if (delta === 0) return
    const { factId, value } = this.#find(at)
    this.#set(at, factId, value + delta, nowMs)
  }

  /** Puts a fact to a value. */
  put(at: Coordinates, value: number, nowMs: number): void {
    const found = this.#find(at)
    if (found.value !== value) this.#set(at, found.factId, value, nowMs)
  }

  value(at: Coordinates): number {
    return this.#find(at).value
  }

  /** Replaces what `owner` contributes. */
  replace(owner: string, contributions: readonly Contribution[], nowMs: number): void {
    const key = `owner|${owner}`
    const before = this.#kept.get(key)
    const was = before?.kind === 'owner' ? before.contributions : []
    if (JSON.stringify(was) === JSON.stringify(contributions)) return
    for (const gone of was) this.add(gone, -gone.value, nowMs)
    for (const come of contributions) this.add(come, come.value, nowMs)
    const day = contributions[0]?.day ?? was[0]?.day ?? ''
    this.#kept.set(key, { kind: 'owner', day, contributions: [...contributions] })
  }

  /** Facts changed since the last drain. */
  drain(): DailyFact[] {
    const changed = [...this.#changed.values()]
    this.#changed.clear()
    return changed
  }

  /** Every fact in the book. */
  *facts(): IterableIterator<DailyFact> {
    for (const [, kept] of this.#kept.entries()) if (kept.kind === 'fact') yield kept.fact
  }

  /** Forgets what belongs to days before `day`; the topic keeps it. */
  prune(day: string): void {
    for (const [key, kept] of this.#kept.entries()) {
      if (kept.kind !== 'fact' && kept.kind !== 'owner') continue
      if ((kept.kind === 'fact' ? kept.fact.day : kept.day) < day) this.#kept.delete(key)
    }
  }

  #find({ day, constituent, name, dimensions }: Coordinates): { factId: string; value: number } {
    const sorted = Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1))
    const factId = idFrom(day, constituent, name, ...sorted.flat())
    const kept = this.#kept.get(`fact|${factId}`)
    return { factId, value: kept?.kind === 'fact' ? kept.fact.value : 0 }
  }

  #set({ day, constituent, pack, name, dimensions }: Coordinates, factId: string, value: number, nowMs: number): void {
    const fact = { factId, day, constituent, pack, name, dimensions: { ...dimensions }, value, updatedAt: nowMs }
    this.#kept.set(`fact|${factId}`, { kind: 'fact', fact })
    this.#changed.set(factId, fact)
  }
}

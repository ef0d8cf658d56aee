import { Correlator, type CorrelatorOutput } from '../correlator/correlator.ts'
import { compareEntries } from '../correlator/entry.ts'
import type { Position } from '../correlator/firing.ts'
import { ObservationIndex } from '../correlator/observation.ts'
import type { CompiledRuleSet } from '../rule-set.ts'
import type { FlatEvent } from './flat-event.ts'

/** What one event gave: lines that are now final, in the order of event time, and whether it was late. */
export interface CorrelateStep {
  lines: string[]
  late: boolean
}

/**
 * Core of `tocsin correlate`: flat events in any order in, one line `{"rule","id","ts","key","value","edge"}` for every event at which a
 * condition holds. An event below the highest time seen less the lateness is late and not counted.
 */
export class CorrelateRun {
  private readonly rules: CompiledRuleSet
  private readonly correlator: Correlator
  private readonly index: ObservationIndex
  private readonly latenessMs: number
  private readonly ranks: Map<string, number>
  private readonly times = new Map<number, { ts: string | number; atMs: number }>()
  private highestMs = Number.NEGATIVE_INFINITY
  private count = 0

  constructor(rules: CompiledRuleSet, latenessMs: number) {
    this.rules = rules
    this.latenessMs = latenessMs
    this.index = new ObservationIndex(rules.correlations)
    this.correlator = new Correlator(rules.correlations, { positions: true, stored: false, episodes: false })
    this.ranks = new Map(rules.correlations.map((correlation, rank) => [correlation.metadata.id, rank]))
  }

  /** Takes the next event. One without a time is late: it has no place. */
  take(event: FlatEvent): CorrelateStep {
    const { atMs, ts } = event
    if (atMs === null || ts === null || atMs < this.highestMs - this.latenessMs) return { lines: [], late: true }
    this.highestMs = Math.max(this.highestMs, atMs)
    const watermarkMs = this.highestMs - this.latenessMs
    const lines = this.write(this.correlator.advance(watermarkMs))
    const matched = this.rules.matchIds(event.view, event.logSource)
    const order = this.count++
    const observations = this.index.observe(
      { eventId: event.id, atMs, constituent: '', view: event.view, order },
      matched,
    )
    if (observations.length > 0) this.times.set(order, { ts, atMs })
    for (const observation of observations) this.correlator.observe(observation)
    return { lines, late: false }
  }

  /** The lines that were still waiting for the watermark. */
  finish(): string[] {
    return this.write(this.correlator.finish())
  }

  private write({ positions }: CorrelatorOutput): string[] {
    const lines = positions.sort((a, b) => this.compare(a, b)).map((position) => this.line(position))
    const settledMs = this.highestMs - this.latenessMs
    // Kept in the order of arrival; what the watermark has passed is not asked for again.
    for (const [order, { atMs }] of this.times) {
      if (atMs >= settledMs) break
      this.times.delete(order)
    }
    return lines
  }

  private compare(a: Position, b: Position): number {
    return compareEntries(a, b) || (this.ranks.get(a.correlationId) ?? 0) - (this.ranks.get(b.correlationId) ?? 0)
  }

  private line({ correlationId, eventId, order, atMs, key, value, edge }: Position): string {
    const ts = this.times.get(Number(order))?.ts ?? atMs / 1_000
    return JSON.stringify({ rule: correlationId, id: eventId, ts, key, value, edge })
  }
}

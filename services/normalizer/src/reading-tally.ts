import type { Event } from '@tocsin/events'
import type { Metrics } from '@tocsin/runtime'

/** What became of a line: read, not read beyond its header, or nothing of it kept. */
export type Reading = 'parsed' | 'unparsed' | 'rejected'

const WINDOW_LINES = 10_000

/** Whether nothing beyond a line's header was read, or no parser its detail. */
export function isUnparsed({ quality, dataset }: Pick<Event, 'quality' | 'dataset'>): boolean {
  return quality.includes('unrecognised') || (dataset === 'generic' && quality.includes('detail_unread'))
}

/** How well lines are read, for /metrics (VN-5.1e): counts, and the share of unparsed lines among the last ten thousand or so. */
export class ReadingTally {
  readonly #counts: Record<Reading, number> = { parsed: 0, unparsed: 0, rejected: 0 }
  #lines = 0
  #unparsed = 0

  add(reading: Reading): void {
    this.#counts[reading] += 1
    this.#lines += 1
    if (reading !== 'parsed') this.#unparsed += 1
    if (this.#lines < WINDOW_LINES) return
    // Old lines fade: half of the window weighs as much as what comes next.
    this.#lines /= 2
    this.#unparsed /= 2
  }

  /** From 0 to 1; 0 before the first line. */
  get unparsedShare(): number {
    return this.#lines === 0 ? 0 : this.#unparsed / this.#lines
  }

  /** Moves what was counted since the last call into /metrics. */
  publish(metrics: Metrics): void {
    const counter = metrics.counter('tocsin_normalizer_lines_total', 'Lines by how they were read', ['reading'])
    for (const reading of ['parsed', 'unparsed', 'rejected'] as const) {
      counter.inc({ reading }, this.#counts[reading])
      this.#counts[reading] = 0
    }
    metrics
      .gauge('tocsin_normalizer_unparsed_share', 'Share of the last lines of which no detail was read')
      .set(this.unparsedShare)
  }
}

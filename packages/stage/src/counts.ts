import { idFrom, type SourceCount } from '@tocsin/events'
import type { OutputTo } from './outcome.ts'

/** What may be counted of a source at one hop. */
export type CountField = 'received' | 'accepted' | 'refused' | 'dropped' | 'normalized' | 'rejected'

const MINUTE_MS = 60_000

/**
 * Counts of one hop per source and minute of receipt, as differences: each drain gives what was added since the last,
 * and goes into the same transaction as the records that it counts, so that the sums agree after any crash.
 */
export class SourceCounter {
  readonly #service: string
  readonly #slot: string
  readonly #counts = new Map<string, SourceCount>()
  #sequence = 0

  constructor(service: string, slot: number | string) {
    this.#service = service
    this.#slot = String(slot)
  }

  /** Adds `count` to a field of (source, minute of `receivedAtMs`); refused, dropped and rejected name a reason. */
  add(
    sourceId: string,
    constituent: string,
    receivedAtMs: number,
    field: CountField,
    count = 1,
    reason?: string,
  ): void {
    const minute = Math.floor(receivedAtMs / MINUTE_MS) * MINUTE_MS
    const key = `${sourceId}\u001f${minute}`
    let row = this.#counts.get(key)
    if (row === undefined) {
      row = {
        countId: '',
        sourceId,
        constituent,
        service: this.#service,
        slot: this.#slot,
        minute,
        received: 0,
        accepted: 0,
        refused: 0,
        dropped: 0,
        normalized: 0,
        rejected: 0,
        reasons: {},
        lastAt: null,
        skewMs: null,
      }
      this.#counts.set(key, row)
    }
    row[field] += count
    if (row.lastAt === null || receivedAtMs > row.lastAt) row.lastAt = receivedAtMs
    if (reason !== undefined) row.reasons[reason] = (row.reasons[reason] ?? 0) + count
  }

  /** Notes a measured skew of (source, minute), milliseconds; the greatest is kept. Only after `add` for the same minute. */
  skew(sourceId: string, receivedAtMs: number, skewMs: number): void {
    const row = this.#counts.get(`${sourceId}\u001f${Math.floor(receivedAtMs / MINUTE_MS) * MINUTE_MS}`)
    if (row !== undefined && (row.skewMs === null || skewMs > row.skewMs)) row.skewMs = skewMs
  }

  /** Gives the differences since the last drain; `position` (batch offsets, say) makes their ids repeatable. */
  drain(position: string): OutputTo<'source-counts'>[] {
    const outputs = [...this.#counts.values()].map((row): OutputTo<'source-counts'> => {
      const countId = idFrom(row.service, row.slot, row.sourceId, row.minute, position, this.#sequence++)
      return { topic: 'source-counts', key: row.sourceId, value: { ...row, countId } }
    })
    this.#counts.clear()
    return outputs
  }
}

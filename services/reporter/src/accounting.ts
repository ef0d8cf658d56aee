import { type HealthEvent, idFrom, type SourceCount } from '@tocsin/events'
import type { Store } from '@tocsin/stage'

/** Sums of one source and minute over the hops. */
export interface Row {
  sourceId: string
  constituent: string
  minute: number
  received: number
  accepted: number
  refused: number
  dropped: number
  normalized: number
  rejected: number
  /** Lines that a collector sent again and the normalizer had; absent in rows of an older version. */
  repeated?: number
  enriched: number
  correlated: number
  changedAt: number
  raised: boolean
}

const MINUTE_MS = 60_000
/** An imbalance must be this old: records are on their way. */
export const GRACE_MS = 2 * MINUTE_MS
/** A row that agrees is forgotten after this; one that does not, after a day. */
const FORGET_MS = 15 * MINUTE_MS
const FORGET_RAISED_MS = 24 * 60 * MINUTE_MS
/** A larger step of the clock between two checks is a pause of ours or a moved test clock: everybody gets the grace again. */
const JUMP_MS = 30_000

/** What does not agree in a row, one sentence each; empty when all sums do (design.md 2.1). */
export function imbalances(row: Row): string[] {
  const faults: string[] = []
  const { received, accepted, refused, dropped, normalized, rejected, enriched, correlated } = row
  if (received !== accepted + refused + dropped)
    faults.push(`received ${received}, but accepted ${accepted} + refused ${refused} + dropped ${dropped}`)
  const repeated = row.repeated ?? 0
  if (accepted !== normalized + rejected + repeated) {
    const known = repeated === 0 ? '' : ` + repeated ${repeated}`
    faults.push(`accepted ${accepted}, but normalized ${normalized} + rejected ${rejected}${known}`)
  }
  if (normalized !== enriched) faults.push(`normalized ${normalized}, but enrichment received ${enriched}`)
  if (normalized !== correlated) faults.push(`normalized ${normalized}, but correlation-engine received ${correlated}`)
  return faults
}

/** The one checker of the sums: counts in, health events out, one a source and minute, cleared when it agrees. */
export class Accounting {
  readonly #rows: Store<Row>
  #checkedAt: number | null = null
  #graceFrom = 0

  constructor(rows: Store<Row>) {
    this.#rows = rows
  }

  take(count: SourceCount, nowMs: number): void {
    const key = `${count.sourceId}|${count.minute}`
    const row = { ...(this.#rows.get(key) ?? emptyRow(count)), changedAt: nowMs }
    switch (count.service) {
      case 'syslog-ingest':
        row.received += count.received
        row.accepted += count.accepted
        row.refused += count.refused
        row.dropped += count.dropped
        break
      case 'normalizer':
        row.normalized += count.normalized
        row.rejected += count.rejected
        row.repeated = (row.repeated ?? 0) + count.dropped
        break
      case 'enrichment':
        row.enriched += count.received
        break
      case 'correlation-engine':
        row.correlated += count.received
        break
      default:
        return
    }
    this.#rows.set(key, row)
  }

  /** Gives what is to be raised or cleared at an instant. */
  check(nowMs: number): HealthEvent[] {
    if (this.#checkedAt === null || nowMs - this.#checkedAt > JUMP_MS) this.#graceFrom = nowMs
    this.#checkedAt = nowMs
    const events: HealthEvent[] = []
    for (const [key, row] of this.#rows.entries()) {
      const faults = imbalances(row)
      const ageMs = nowMs - Math.max(row.changedAt, row.minute + MINUTE_MS, this.#graceFrom)
      if (faults.length > 0 && !row.raised && ageMs >= GRACE_MS) {
        this.#rows.set(key, { ...row, raised: true })
        events.push(eventOf(row, faults, 'raised', nowMs))
      } else if (faults.length === 0 && row.raised) {
        this.#rows.set(key, { ...row, raised: false })
        events.push(eventOf(row, faults, 'cleared', nowMs))
      } else if (ageMs > (faults.length > 0 ? FORGET_RAISED_MS : FORGET_MS)) this.#rows.delete(key)
    }
    return events
  }
}

function emptyRow({ sourceId, constituent, minute }: SourceCount): Row {
  const sums = {
    received: 0,
    accepted: 0,
    refused: 0,
    dropped: 0,
    normalized: 0,
    rejected: 0,
    enriched: 0,
    correlated: 0,
  }
  return { sourceId, constituent, minute, ...sums, changedAt: 0, raised: false }
}

function eventOf(row: Row, faults: readonly string[], state: 'raised' | 'cleared', at: number): HealthEvent {
  const { sourceId, constituent, minute, changedAt: _changedAt, raised: _raised, ...sums } = row
  const time = new Date(minute).toISOString()
  const message =
    state === 'raised'
      ? `The counts of source ${sourceId} for ${time} disagree: ${faults.join('; ')}. Look at the lag of the service named, then at dead-letters and its log.`
      : `The counts of source ${sourceId} for ${time} agree again.`
  return {
    healthId: idFrom('reporter', 'counts_disagree', sourceId, minute),
    code: 'counts_disagree',
    service: 'reporter',
    slot: '',
    constituent,
    sourceId,
    level: state === 'raised' ? 'critical' : 'info',
    state,
    at,
    message,
    values: Object.fromEntries(Object.entries(sums).map(([name, value]) => [name, String(value)])),
  }
}

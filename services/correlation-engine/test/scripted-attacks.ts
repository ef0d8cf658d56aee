import type { EnrichedEvent } from '@tocsin/events'
import { type RuleCase, unroll } from '../src/rules/case-run.ts'
import { enrichedFrom } from './enriched-events.ts'

/** One attack of the cases beside our rules, as a body of its own lives through it; the last record comes now. */
export function attackOf({ rule, events }: RuleCase, body: string, nowMs: number): EnrichedEvent[] {
  const timed = unroll(events)
  const lastMs = timed.at(-1)?.atMs ?? 0
  return timed.map(({ atMs, logsource, document }, n) =>
    enrichedFrom(document, {
      eventId: `${rule}-${n}`,
      constituent: body,
      sourceId: 'vn-3.2',
      occurredAt: nowMs - (lastMs - atMs),
      receivedAt: nowMs,
      logProduct: logsource.product ?? null,
      logService: logsource.service ?? null,
      logCategory: [logsource.category ?? []].flat(),
    }),
  )
}

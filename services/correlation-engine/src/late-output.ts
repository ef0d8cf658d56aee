import type { Observation } from '@tocsin/sigma'
import type { Output } from '@tocsin/stage'
import type { EventSummary } from './event-summary.ts'
import type { Tally } from './health-tally.ts'

/** The record of an observation that came behind the watermark, and how it is counted. */
export function lateOutput(late: Observation, watermarkMs: number): { output: Output; tally: Tally } {
  const { eventId, constituent, correlationId, ruleId, atMs, detail } = late
  const watermark = Math.trunc(watermarkMs)
  const sourceId = (JSON.parse(detail['summary'] || '{}') as Partial<EventSummary>).sourceId ?? null
  const output: Output = {
    topic: 'late-events',
    key: sourceId ?? constituent,
    value: {
      eventId,
      constituent,
      sourceId,
      correlationId,
      ruleId,
      occurredAt: Math.trunc(atMs),
      watermark,
      lagMs: Math.trunc(watermark - atMs),
    },
  }
  return { output, tally: lateTally(ruleId, sourceId, constituent) }
}

function lateTally(ruleId: string, sourceId: string | null, constituent: string): Tally {
  return {
    code: 'late_events',
    subject: `${ruleId} ${sourceId ?? ''}`,
    level: 'info',
    constituent,
    sourceId,
    message: (count) =>
      `${count} events of the source ${sourceId ?? '(unknown)'} came too late for correlations over the rule ${ruleId}; see its clock and its way.`,
    values: { ruleId },
  }
}

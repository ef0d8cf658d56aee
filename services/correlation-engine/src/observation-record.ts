import type { Match } from '@tocsin/events'
import type { Observation } from '@tocsin/sigma'
import type { EventSummary } from './event-summary.ts'

/** A chained match comes from no partition of events. */
const NO_SOURCE_PARTITION = -1

/** Takes what counts for a correlation, with its event; gives the record that is re-keyed through Kafka. */
export function matchOf(observation: Observation, summary: EventSummary, sourcePartition: number): Match {
  const { correlationId, ruleId, eventId, atMs, constituent, key, values, carry } = observation
  return {
    kind: 'match',
    constituent,
    correlationId,
    groupKey: JSON.stringify(key),
    ruleId,
    eventId,
    occurredAt: Math.trunc(atMs),
    sourcePartition,
    exercise: summary.exercise,
    groupBy: {},
    fields: {
      ...(values === null ? {} : { values: JSON.stringify(values) }),
      carry: JSON.stringify(carry),
      summary: JSON.stringify(summary),
    },
  }
}

/** The same for a correlation's firing that counts for one above it: its event's summary rides on. */
export function chainedMatchOf(observation: Observation): Match {
  const summary = JSON.parse(observation.detail['summary'] ?? '{}') as EventSummary
  return matchOf(observation, summary, NO_SOURCE_PARTITION)
}

/** Takes such a record back to what it was made of. Throws where a foreign writer made it otherwise. */
export function observationOf(match: Match): Observation {
  const { values, carry, summary } = match.fields
  return {
    correlationId: match.correlationId,
    ruleId: match.ruleId,
    eventId: match.eventId,
    atMs: match.occurredAt,
    constituent: match.constituent,
    key: JSON.parse(match.groupKey) as string[],
    values: values === undefined ? null : (JSON.parse(values) as string[]),
    carry: JSON.parse(carry ?? '{}') as Record<string, string>,
    detail: { summary: summary ?? '' },
    order: match.eventId,
  }
}

/** Key of the re-keyed record: one correlation and group always meet in one partition. */
export function matchKey(observation: Observation): string {
  return `${observation.correlationId}\u001f${observation.constituent}\u001f${observation.key.join('\u001f')}`
}

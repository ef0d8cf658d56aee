import type { Match } from '@tocsin/events'

/** A match record that carries an id and a key, for stages of tests. */
export function matchOf(eventId: string, key: string, sourcePartition = 0): Match {
  return {
    kind: 'match',
    constituent: key,
    correlationId: '',
    groupKey: '',
    ruleId: '',
    eventId,
    occurredAt: 1_700_000_000_000,
    sourcePartition,
    exercise: true,
    groupBy: {},
    fields: {},
  }
}

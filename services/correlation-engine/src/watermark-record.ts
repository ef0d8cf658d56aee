import type { Match } from '@tocsin/events'
import type { Output } from '@tocsin/stage'
import type { Watermark } from './partition-watermark.ts'

const nothing = {
  constituent: '',
  correlationId: '',
  groupKey: '',
  ruleId: '',
  eventId: '',
  exercise: false,
  groupBy: {},
}

/** What a partition of events says of its time, for every partition of the matches. */
export function watermarkRecords(partition: number, matchPartitions: number, watermark: Watermark): Output[] {
  return toEach(matchPartitions, `watermark ${partition}`, {
    ...nothing,
    kind: 'watermark',
    occurredAt: Math.trunc(watermark.atMs),
    sourcePartition: partition,
    fields: { idle: String(watermark.idle) },
  })
}

/** What a task of the windows says of its levels (level 1 first), for every partition of the matches. */
export function chainWatermarkRecords(partition: number, matchPartitions: number, levels: readonly number[]): Output[] {
  return toEach(matchPartitions, `chain-watermark ${partition}`, {
    ...nothing,
    kind: 'chain-watermark',
    occurredAt: Math.trunc(levels[0] ?? 0),
    sourcePartition: partition,
    fields: { levels: JSON.stringify(levels.map((atMs) => Math.trunc(atMs))) },
  })
}

/** Reads the levels of such a record. Throws a SyntaxError where a foreign writer made it otherwise. */
export function levelsOf(match: Match): number[] {
  const levels: unknown = JSON.parse(match.fields['levels'] ?? '')
  if (!Array.isArray(levels) || !levels.every((atMs) => Number.isSafeInteger(atMs)))
    throw new SyntaxError('The levels of a chain watermark must be whole milliseconds.')
  return levels
}

function toEach(matchPartitions: number, key: string, value: Match): Output[] {
  return Array.from({ length: matchPartitions }, (_, partition) => ({ topic: 'matches', key, partition, value }))
}

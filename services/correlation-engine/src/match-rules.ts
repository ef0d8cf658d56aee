import type { EnrichedEvent } from '@tocsin/events'
import { viewOfRecord } from '@tocsin/sigma'
import { emit, type Output, SourceCounter, type StageDefinition } from '@tocsin/stage'
import { detectionOfMatch } from './detection.ts'
import { logSourceOf } from './event-log-source.ts'
import { summaryOf } from './event-summary.ts'
import { HealthTally } from './health-tally.ts'
import { matchKey, matchOf } from './observation-record.ts'
import type { RulesInForce } from './rules-in-force.ts'
import { isInShadow, shadowTally } from './shadow.ts'
import { PartitionWatermark, type Watermark } from './watermark.ts'

/** What the first half needs. */
export interface MatchSettings {
  /** The rules in force now; may change between records. */
  rules: () => RulesInForce
  /** Partitions of `matches`: each watermark goes to all of them. */
  matchPartitions: number
  latenessMs: number
  slot: number
}

/**
 * First half of the engine, where the data is, without state: each event against all rules. A single rule's match is a
 * detection at once; what counts for a correlation is re-keyed by its group; about once a second every partition says
 * how far its time has come.
 */
export function matchRules(settings: MatchSettings): StageDefinition<'enriched-events'> {
  return {
    name: 'correlation-engine.rules',
    inputs: ['enriched-events'],
    maxBatchRecords: 2_000,
    tickMs: 1_000,
    create: ({ partition }) => {
      const watermark = new PartitionWatermark(settings.latenessMs)
      const counter = new SourceCounter('correlation-engine', settings.slot)
      const tally = new HealthTally(`${settings.slot}/rules/${partition}`)
      let last: Watermark | null = null
      let position = ''
      return {
        process: ({ value: event, offset }, nowMs) => {
          position = `${partition}/${offset}`
          watermark.observe(event.sourceId, event.occurredAt, nowMs)
          counter.add(event.sourceId, event.constituent, event.receivedAt, 'received')
          counter.add(event.sourceId, event.constituent, event.receivedAt, 'accepted')
          return emit(...outputsOf(event, settings.rules(), partition, nowMs, tally))
        },
        endOfBatch: (nowMs) => [...counter.drain(position), ...tally.drain(nowMs)],
        tick: (nowMs) => {
          const now = watermark.at(nowMs)
          if (now === null || (now.atMs === last?.atMs && now.idle === last.idle)) return []
          last = now
          return Array.from({ length: settings.matchPartitions }, (_, target) =>
            watermarkRecord(partition, target, now),
          )
        },
      }
    },
  }
}

function outputsOf(
  event: EnrichedEvent,
  { rules, observations, setVersions }: RulesInForce,
  partition: number,
  nowMs: number,
  tally: HealthTally,
): Output[] {
  const view = viewOfRecord(event)
  const matches = rules.match(view, logSourceOf(event))
  if (matches.length === 0) return []
  const summary = summaryOf(event)
  const outputs: Output[] = []
  for (const match of matches) {
    if (!match.alerts || match.level === 'informational') continue
    if (isInShadow(match.metadata, nowMs)) {
      tally.add(shadowTally(match.ruleId, match.title))
      continue
    }
    const setVersion = setVersions.get(match.ruleId) ?? ''
    const value = detectionOfMatch(match, summary, nowMs, setVersion)
    outputs.push({ topic: 'detections', key: event.constituent, value })
  }
  const observed = { eventId: event.eventId, atMs: event.occurredAt, constituent: event.constituent, view }
  for (const observation of observations.observe(
    observed,
    matches.map((match) => match.ruleId),
  )) {
    outputs.push({ topic: 'matches', key: matchKey(observation), value: matchOf(observation, summary, partition) })
  }
  return outputs
}

function watermarkRecord(partition: number, target: number, watermark: Watermark): Output {
  return {
    topic: 'matches',
    key: `watermark ${partition}`,
    partition: target,
    value: {
      kind: 'watermark',
      constituent: '',
      correlationId: '',
      groupKey: '',
      ruleId: '',
      eventId: '',
      occurredAt: Math.trunc(watermark.atMs),
      sourcePartition: partition,
      exercise: false,
      groupBy: {},
      fields: { idle: String(watermark.idle) },
    },
  }
}

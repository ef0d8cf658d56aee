import type { EnrichedEvent } from '@tocsin/events'
import { viewOfRecord } from '@tocsin/sigma'
import { emit, type Output, SourceCounter, type StageDefinition } from '@tocsin/stage'
import { detectionOfMatch } from './detection.ts'
import { logSourceOf } from './event-log-source.ts'
import { summaryOf } from './event-summary.ts'
import { HealthTally } from './health-tally.ts'
import { matchKey, matchOf } from './observation-record.ts'
import { PartitionWatermark, type StoredTime } from './partition-watermark.ts'
import type { RulesInForce } from './rules-in-force.ts'
import { isInShadow, shadowTally } from './shadow.ts'
import { UnmappedRules } from './unmapped-rules.ts'
import { watermarkRecords } from './watermark-record.ts'

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
 * First half of the engine, where the data is: each event against all rules. A single rule's match is a detection at once;
 * what counts for a correlation is re-keyed by its group; about once a second every partition says how far its time has
 * come. Its only state is the highest time of each live source.
 */
export function matchRules(settings: MatchSettings): StageDefinition<'enriched-events'> {
  return {
    name: 'correlation-engine.rules',
    inputs: ['enriched-events'],
    maxBatchRecords: 2_000,
    tickMs: 1_000,
    stores: ['times'],
    create: (task) => {
      const { partition } = task
      const watermark = new PartitionWatermark(settings.latenessMs, task.store<StoredTime>('times'))
      const counter = new SourceCounter('correlation-engine', settings.slot)
      const tally = new HealthTally(`${settings.slot}/rules/${partition}`)
      // One task speaks for all: every worker has the same rules.
      const unmapped = partition === 0 ? new UnmappedRules() : null
      let position = ''
      return {
        process: ({ value: event, offset }, nowMs) => {
          position = `${partition}/${offset}`
          watermark.observe(event.sourceId, event.occurredAt)
          // What enrichment tells of a list comes from no line, and what was read once more was counted: the sums are of lines.
          if (event.blockId !== '' && !event.quality.includes('reread')) {
            counter.add(event.sourceId, event.constituent, event.receivedAt, 'received')
            counter.add(event.sourceId, event.constituent, event.receivedAt, 'accepted')
          }
          return emit(...outputsOf(event, settings.rules(), partition, nowMs, tally))
        },
        endOfBatch: (nowMs) => [...counter.drain(position), ...tally.drain(nowMs)],
        tick: (nowMs) => {
          const said = watermark.tick()
          const records = said === null ? [] : watermarkRecords(partition, settings.matchPartitions, said)
          return [...records, ...(unmapped?.outputs(settings.rules(), nowMs) ?? [])]
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

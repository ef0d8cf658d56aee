import { type Detection, type IndicatorHit, idFrom } from '@tocsin/events'
import type { Firing, RuleMatch } from '@tocsin/sigma'
import type { EventSummary } from './event-summary.ts'
import { participantsOf } from './participants.ts'
import { ruleTextOf, severityOf } from './rule-text.ts'

const MAX_REFS = 100

/** Takes a single rule's match and its event; gives the detection. `detectedAt` is now: it is stamped here, once. */
export function detectionOfMatch(
  match: RuleMatch,
  summary: EventSummary,
  detectedAt: number,
  ruleSetVersion: string,
): Detection {
  const { metadata, ruleId, level } = match
  return {
    ...evidenceOf([summary]),
    ...wordsOf(metadata, level),
    // State hash `event`: a rule on one event has no state; its anchor is the event (design.md 2.3).
    detectionId: idFrom(ruleId, 'event', summary.eventId, summary.eventId),
    detectedAt,
    ruleSetVersion,
    constituent: summary.constituent,
    ruleId,
    revision: 0,
    kind: 'event',
    phase: 'open',
    groupKey: summary.eventId,
    groupBy: {},
    anchorEventId: summary.eventId,
    firstEvent: Math.trunc(summary.occurredAt),
    lastEvent: Math.trunc(summary.occurredAt),
    value: null,
    threshold: null,
    eventCount: 1,
    approximate: false,
    supersededBy: null,
    description: `${match.title}: ${match.fields
      .slice(0, 4)
      .map(({ field, value }) => `${field} = ${String(value)}`)
      .join(', ')}`.slice(0, 1_000),
  }
}

/** Takes a correlation's firing and what its events brought; gives the detection, with the T0 that its id got first. */
export function detectionOfFiring(
  firing: Firing,
  summaries: readonly EventSummary[],
  detectedAt: number,
  ruleSetVersion: string,
): Detection {
  return {
    ...evidenceOf(summaries),
    ...wordsOf(firing.metadata, firing.level),
    detectionId: firing.detectionId,
    detectedAt,
    ruleSetVersion,
    constituent: firing.constituent,
    ruleId: firing.correlationId,
    revision: firing.revision,
    kind: 'correlation',
    phase: firing.edge,
    groupKey: firing.groupKey,
    groupBy: firing.groupBy,
    anchorEventId: firing.anchorEventId,
    firstEvent: Math.trunc(firing.firstEventAtMs),
    lastEvent: Math.trunc(firing.lastEventAtMs),
    value: firing.value,
    threshold: firing.threshold,
    eventCount: firing.eventCount,
    approximate: firing.approximate,
    supersededBy: firing.supersededBy,
    description:
      `${firing.title}: ${firing.eventCount} events, value ${firing.value} against ${firing.threshold}${groupText(firing.groupBy)}`.slice(
        0,
        1_000,
      ),
  }
}

function groupText(groupBy: Readonly<Record<string, string>>): string {
  const parts = Object.entries(groupBy).map(([name, value]) => `${name} = ${value}`)
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`
}

function wordsOf(metadata: Firing['metadata'], level: Firing['level']) {
  const { rsitClass, rsitType, titles, recommendations, techniques } = ruleTextOf(metadata)
  return {
    severity: severityOf(level),
    tlp: 'AMBER',
    ruleName: metadata.title,
    ruleVersion: metadata.modified ?? metadata.date ?? '',
    level,
    tags: metadata.tags,
    techniques,
    rsitClass,
    rsitType,
    titles,
    recommendations,
  }
}

function evidenceOf(summaries: readonly EventSummary[]) {
  const unique = (values: Iterable<string>): string[] => [...new Set(values)].slice(0, MAX_REFS)
  const indicatorIds = unique(summaries.flatMap((summary) => summary.indicatorIds))
  return {
    exercise: summaries.length > 0 && summaries.every((summary) => summary.exercise),
    method: indicatorIds.length > 0 ? 'indirect' : 'direct',
    eventIds: unique(summaries.map((summary) => summary.eventId)),
    // What a list says of the registry comes from no line, so it has no octets to show.
    rawRefs: summaries
      .filter(({ blockId }) => blockId !== '')
      .slice(0, MAX_REFS)
      .map(({ eventId, blockId, frameIndex, original }) => ({ eventId, blockId, frameIndex, original })),
    participants: participantsOf(summaries),
    assetIds: unique(summaries.flatMap((summary) => summary.assetIds)),
    systemIds: unique(summaries.flatMap((summary) => summary.systemIds)),
    sourceIds: unique(summaries.map((summary) => summary.sourceId)),
    deviceName: summaries.find((summary) => summary.deviceName !== null)?.deviceName ?? null,
    triggeredRuleName: summaries.find((summary) => summary.triggeredRuleName !== null)?.triggeredRuleName ?? null,
    indicatorIds,
    indicatorHits: hitsOf(summaries),
  }
}

/** Each indicator once, as it was in the last event that hit it: it may have been verified meanwhile. */
function hitsOf(summaries: readonly EventSummary[]): IndicatorHit[] {
  const byId = new Map<string, IndicatorHit>()
  for (const { indicatorHits = [] } of summaries) for (const hit of indicatorHits) byId.set(hit.indicatorId, hit)
  return [...byId.values()].slice(0, MAX_REFS)
}

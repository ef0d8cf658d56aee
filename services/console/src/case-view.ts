import type { Incident } from '@tocsin/events'

/** One clock of a case as the page shows it. */
export type ClockView = Incident['clocks'][number]

/** A line of the list. */
export interface CaseSummary {
  caseId: string
  revision: number
  number: string
  constituent: string
  kind: string
  status: string
  severity: number
  nationalSeverity: string | null
  nationalClass: string | null
  exercise: boolean
  titles: Readonly<Record<string, string>>
  ruleName: string
  rsitClass: string
  rsitType: string
  occurredFirst: number
  occurredLast: number
  detectedAt: number
  modifiedAt: number
  acknowledgedAt: number | null
  eventCount: number
  assignee: string | null
  /** First address named as source, for the search box. */
  source: string | null
  clocks: readonly ClockView[]
}

/** One case in full, without the text of its evidence, which has a route of its own. */
export interface CaseDetail extends Omit<Incident, 'rawRefs' | 'detectionIds' | 'groupKey'> {
  evidenceCount: number
}

/** One line of evidence. */
export interface EvidenceLine {
  eventId: string
  blockId: string
  frameIndex: number
  original: string | null
}

export function summaryOf(incident: Incident): CaseSummary {
  const source = incident.participants.find(({ role, ip }) => role === 'source' && ip !== null)
  return {
    caseId: incident.caseId,
    revision: incident.revision,
    number: incident.number,
    constituent: incident.constituent,
    kind: incident.kind,
    status: incident.status,
    severity: incident.severity,
    nationalSeverity: incident.nationalSeverity,
    nationalClass: incident.nationalClass,
    exercise: incident.exercise,
    titles: incident.titles,
    ruleName: incident.ruleName,
    rsitClass: incident.rsitClass,
    rsitType: incident.rsitType,
    occurredFirst: incident.occurredFirst,
    occurredLast: incident.occurredLast,
    detectedAt: incident.detectedAt,
    modifiedAt: incident.modifiedAt,
    acknowledgedAt: incident.acknowledgedAt,
    eventCount: incident.eventCount,
    assignee: incident.assignee,
    source: source?.ip ?? null,
    clocks: incident.clocks,
  }
}

export function detailOf(incident: Incident): CaseDetail {
  const { rawRefs, detectionIds: _detections, groupKey: _group, ...rest } = incident
  return { ...rest, evidenceCount: rawRefs.length }
}

export function evidenceOf(incident: Incident): EvidenceLine[] {
  return incident.rawRefs.map(({ eventId, blockId, frameIndex, original }) => ({
    eventId,
    blockId,
    frameIndex,
    original,
  }))
}

import type { CaseResponse, Detection, Incident, Request } from '@tocsin/events'
import {
  type Fact,
  type LegalKinds,
  nationalClassOf,
  nationalSeverityOf,
  type SettingsSince,
} from '@tocsin/obligations'
import { blankRecord } from './blank-record.ts'
import { mergeIds, mergeParticipants, mergeRawRefs } from './participants.ts'
import { automaticAnalysis } from './primary-analysis.ts'
import { FIRST_MEASURES } from './recommendation.ts'
import type { Law } from './registry.ts'
import type { TicketClocks } from './tickets.ts'

/** Everything that this service remembers of one case: its public record and what it was made from. */
export interface CaseState {
  record: Incident
  /** Happenings with their legal instants; the clocks follow from them alone. */
  facts: readonly Fact[]
  /** Clock events already written: id → key of the clock. */
  recorded: Readonly<Record<string, string>>
  /** Revision after the newest command: an older sight is stale. Clocks and deliveries make nobody's sight stale. */
  commandRevision: number
  /** Highest Sigma level seen, and whether a correlation was among the detections. */
  level: string
  detectionKind: string
  /** rule or analyst. */
  origin: string
  /** The tickets that the pack cuts from its detections, in the order in which they came; each has clocks of its own. */
  tickets: readonly TicketClocks[]
  /** True once a person classified it or wrote its analysis: then no rule changes it. */
  classifiedByHand: boolean
  analysedByHand: boolean
  /** Detection that gave title, class and recommendation: the worst, the least id among equals. */
  lead: { detectionId: string; severity: number }
  /** Time limits of the body's own regulation as they were when the case was opened (VN-5.3b). */
  settings: Readonly<Record<string, string>>
  /** Later values of that regulation, each from the instant at which it was seen; timers follow them at once. */
  settingsSince?: readonly SettingsSince[]
  /** Yes-or-no marks that a pack's predicates may ask for. */
  marks: Readonly<Record<string, boolean>>
  /** Measures already taken through sources, newest last. */
  measures: readonly string[]
  /** The request for supplementary information that is still open, or null (VN-11.4d). */
  supplementary: Request | null
  /** What clocks did before this instant was told about another case: the one that this was split from, or took over. */
  toldBefore: number | null
  /** Next instant at which a clock does something by itself. */
  wakeAt: number | null
}

/** What is known of a detection that belongs to a case. */
export interface DetectionEntry {
  caseId: string
  revision: number
  eventCount: number
  /** T0 as first committed; a later one for the same id is ignored (design.md 2.3). */
  detectedAt: number
}

export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const

const MAX_DETECTIONS = 1000

/** What a new case is opened with. */
export interface Opening {
  caseId: string
  number: string
  groupKey: string
  law: Law
  kinds: LegalKinds
  related: string[]
  settings: Readonly<Record<string, string>>
  nowMs: number
}

/** Opens a case from its first detection. T0 is the detection's `detectedAt` and never changes again. */
export function openCase(detection: Detection, opening: Opening): CaseState {
  const { law, kinds, nowMs } = opening
  const kind = kinds.incident ? 'incident' : 'event'
  const { detectedAt } = detection
  const record: Incident = {
    ...blankRecord(),
    caseId: opening.caseId,
    constituent: detection.constituent,
    kind,
    exercise: detection.exercise,
    tlp: detection.tlp,
    pack: law.pack.id,
    packVersion: law.pack.version,
    detectedAt,
    createdAt: nowMs,
    modifiedAt: nowMs,
    promotedAt: kind === 'incident' ? detectedAt : null,
    occurredFirst: detection.firstEvent,
    occurredLast: detection.lastEvent,
    groupKey: opening.groupKey,
    number: opening.number,
    ruleId: detection.ruleId,
    ruleName: detection.ruleName,
    description: detection.description ?? detection.ruleName,
    triggeredRuleName: detection.triggeredRuleName,
    deviceName: detection.deviceName,
    related: opening.related,
  }
  const facts: Fact[] = [{ name: 'detectedAt', at: detectedAt }]
  if (kind === 'incident') facts.push({ name: 'promotedAt', at: detectedAt })
  const state: CaseState = {
    record,
    facts,
    recorded: {},
    commandRevision: 0,
    level: detection.level,
    detectionKind: detection.kind,
    origin: 'rule',
    tickets: [],
    classifiedByHand: false,
    analysedByHand: false,
    lead: { detectionId: detection.detectionId, severity: detection.severity },
    settings: opening.settings,
    marks: {},
    measures: [],
    supplementary: null,
    toldBefore: null,
    wakeAt: null,
  }
  return addDetection(state, detection, undefined, law)
}

/**
 * Adds a detection, or a newer revision of one (`before`), to a case. Every merge is idempotent and does not depend on the
 * order, so that replays and repeats give the same case.
 */
export function addDetection(
  state: CaseState,
  detection: Detection,
  before: DetectionEntry | undefined,
  law: Law,
): CaseState {
  const known = state.record
  const leads = leadsOver(detection, state.lead)
  const adopts = leads && !state.classifiedByHand
  const record: Incident = {
    ...known,
    severity: Math.max(known.severity, detection.severity),
    tlp: stricterTlp(known.tlp, detection.tlp),
    occurredFirst: Math.min(known.occurredFirst, detection.firstEvent),
    occurredLast: Math.max(known.occurredLast, detection.lastEvent),
    titles: adopts ? detection.titles : known.titles,
    recommendations: adopts ? measuresOf(detection) : known.recommendations,
    rsitClass: adopts ? detection.rsitClass : known.rsitClass,
    rsitType: adopts ? detection.rsitType : known.rsitType,
    techniques: mergeIds(known.techniques, detection.techniques),
    detectionIds: withId(known.detectionIds, detection.detectionId),
    detectionCount: known.detectionCount + (before === undefined ? 1 : 0),
    eventCount: known.eventCount + detection.eventCount - (before?.eventCount ?? 0),
    rawRefs: mergeRawRefs(known.rawRefs, detection.rawRefs),
    participants: mergeParticipants(known.participants, detection.participants),
    assetIds: mergeIds(known.assetIds, detection.assetIds),
    systemIds: mergeIds(known.systemIds, detection.systemIds),
    sourceIds: mergeIds(known.sourceIds, detection.sourceIds),
    indicatorIds: mergeIds(known.indicatorIds, detection.indicatorIds),
  }
  const level = LEVELS.findLast((name) => name === state.level || name === detection.level) ?? detection.level
  return withNational(
    {
      ...state,
      level,
      lead: leads ? { detectionId: detection.detectionId, severity: detection.severity } : state.lead,
      detectionKind: detection.kind === 'correlation' ? 'correlation' : state.detectionKind,
      record: {
        ...record,
        primaryAnalysis: state.analysedByHand ? known.primaryAnalysis : automaticAnalysis(record, level),
      },
    },
    law,
  )
}

function leadsOver({ detectionId, severity }: Detection, lead: CaseState['lead']): boolean {
  if (severity !== lead.severity) return severity > lead.severity
  return detectionId <= lead.detectionId
}

/** Makes an event an incident at a legal instant; its id and its T0 stay (design.md 1). */
export function promote(state: CaseState, at: number): CaseState {
  const promotedAt = Math.max(at, state.record.detectedAt)
  return {
    ...state,
    record: { ...state.record, kind: 'incident', promotedAt },
    facts: [...state.facts, { name: 'promotedAt', at: promotedAt }],
  }
}

/** A closed case whose episode turned out graver is open again; an open one stays as it is. */
export function reopened(state: CaseState, at: number): CaseState {
  if (state.record.status !== 'closed') return state
  const facts = state.facts.map((fact) =>
    fact.name === 'closedAt' && fact.withdrawnAt === undefined ? { ...fact, withdrawnAt: at } : fact,
  )
  return { ...state, facts, record: { ...state.record, status: 'unverified', closedAt: null } }
}

/** Puts the nation's class and severity for what the case is classed as now. */
export function withNational(state: CaseState, law: Law): CaseState {
  const { record } = state
  const { pack } = law
  const nationalClass =
    pack.taxonomy === null ? null : nationalClassOf(pack.taxonomy, record.rsitClass, record.rsitType).code
  return {
    ...state,
    record: { ...record, nationalClass, nationalSeverity: nationalSeverityOf(pack, record.severity).code },
  }
}

const MAX_RESPONSES = 50
const MAX_RESPONSE_TEXT = 2_000

/** Adds what somebody answered or did to a case; the oldest give way, and stay on `incident-changes`. */
export function withResponse(state: CaseState, response: CaseResponse): CaseState {
  const { text, evidence } = response
  const bounded = {
    ...response,
    text: text.slice(0, MAX_RESPONSE_TEXT),
    evidence: evidence?.slice(0, MAX_RESPONSE_TEXT) ?? null,
  }
  const responses = [...state.record.responses, bounded].slice(-MAX_RESPONSES)
  return { ...state, record: { ...state.record, responses } }
}

/** True when a case counts in totals: a false positive or a merged one stays in the history alone (VN-4.2b-4). */
export function countsInTotals(record: Pick<Incident, 'status'>): boolean {
  return record.status !== 'false-positive' && record.status !== 'merged'
}

/** Place of a TLP 2.0 marking from open to closed; -1 for a word that is none. */
export function tlpRank(marking: string): number {
  return TLP.indexOf(marking.toLowerCase().replace(/^tlp:/, ''))
}

function measuresOf(detection: Detection): Record<string, string> {
  return Object.values(detection.recommendations).some((text) => text.trim() !== '')
    ? detection.recommendations
    : { ...FIRST_MEASURES }
}

function withId(known: readonly string[], id: string): string[] {
  return known.includes(id) ? [...known] : [...known, id].sort().slice(0, MAX_DETECTIONS)
}

const TLP: readonly string[] = ['clear', 'green', 'amber', 'amber+strict', 'red']

export function stricterTlp(a: string, b: string): string {
  return tlpRank(b) > tlpRank(a) ? b : a
}

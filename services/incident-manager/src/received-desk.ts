import { idFrom, type ReceivedItem } from '@tocsin/events'
import { ORIGIN_PREFIX, readSharedCase, type SharedCase, tlpOf } from '@tocsin/exchange'
import { legalKindsOf, RSIT_PAIRS } from '@tocsin/obligations'
import { drop, emit, type Outcome, reject } from '@tocsin/stage'
import { blankRecord } from './blank-record.ts'
import { type CaseState, LEVELS, withNational } from './case.ts'
import { type CaseLedger, packUnavailable } from './case-ledger.ts'
import type { Law, Registry } from './registry.ts'

/** What received items look at and change. */
export interface ReceivedParts {
  name: string
  ledger: CaseLedger
  registry: Registry
}

/**
 * Id of the case of what came from elsewhere: from the body here and its origin, so that it is one case of that body however often
 * it comes, and nobody who names another's origin reaches that one's case (design.md 2.6).
 */
export const receivedCaseId = (constituent: string, origin: string): string =>
  idFrom('case', 'received', constituent, origin)

/** Takes what senders and other deployments gave (TW-P1, VN-3.4b, VN-10.1b) into cases. T0 is the receipt: from then on we know of it. */
export class ReceivedDesk {
  readonly #parts: ReceivedParts

  constructor(parts: ReceivedParts) {
    this.#parts = parts
  }

  /** Opens a case for an item, or brings the case of an earlier one up to its newer state. */
  process(item: ReceivedItem, nowMs: number): Outcome {
    const { ledger, registry, name } = this.#parts
    if (item.verdict !== 'accepted' || item.sharedCase === '') return drop('no-case')
    if (item.constituent === '') return drop('unknown-body')
    let shared: SharedCase
    try {
      shared = readSharedCase(JSON.parse(item.sharedCase))
    } catch (error) {
      return reject(
        'bad_received_case',
        `Item ${item.itemId} of ${item.sender} holds no case: ${(error as Error).message}`,
        item.constituent,
      )
    }
    const constituent = registry.constituent(item.constituent)
    if (constituent === undefined) {
      return reject(
        'unknown_constituent',
        `Item ${item.itemId} is about ${item.constituent}, which is not in the registry: register it and replay.`,
        item.constituent,
      )
    }
    const known = ledger.cases.get(receivedCaseId(item.constituent, shared.origin))
    const law = known === undefined ? ledger.lawNow(constituent.pack, item.receivedAt) : ledger.lawOf(known.record)
    if (law === undefined) return packUnavailable(constituent.pack, item.constituent)
    const isTakenBack = shared.status === 'false-positive'
    if (known === undefined) {
      // What was taken back before it was told here is nothing.
      if (isTakenBack) return drop('taken-back')
      const number = ledger.nextNumber(law, nowMs)
      const state = withNational(opened(item, shared, law, number, constituent.limits, nowMs), law)
      const change = {
        action: 'created',
        actor: name,
        reason: null,
        detail: { sender: item.sender, origin: shared.origin },
      }
      const fact = { at: nowMs, constituent: item.constituent, actor: name, roles: [], action: 'incident.created' }
      const outputs = ledger.commit(state, law, change, nowMs)
      outputs.push(ledger.audited({ ...fact, object: state.record.caseId, outcome: 'allowed', reason: null }))
      return emit(...outputs)
    }
    const told = toldRevision(known)
    const isNews = isTakenBack && !known.record.related.includes(TAKEN_BACK)
    if (shared.revision < told || (shared.revision === told && !isNews)) return drop('repeated-item')
    const detail = { sender: item.sender, origin: shared.origin, revision: String(shared.revision) }
    const action = isTakenBack ? 'origin-took-back' : 'origin-changed'
    // What people here decided stays theirs: a withdrawal is told to them, it closes nothing.
    const state = isTakenBack
      ? { ...known, record: { ...known.record, related: [...relatedOf(shared), TAKEN_BACK] } }
      : changed(known, shared)
    return emit(...ledger.commit(state, law, { action, actor: name, reason: null, detail }, nowMs))
  }
}

const REVISION_PREFIX = 'origin-revision:'
const TAKEN_BACK = 'origin-taken-back'
const relatedOf = ({ origin, revision, related }: SharedCase): string[] => [
  `${ORIGIN_PREFIX}${origin}`,
  `${REVISION_PREFIX}${revision}`,
  ...related.filter((entry) => !entry.startsWith('origin')).slice(0, 50),
]

function toldRevision({ record }: CaseState): number {
  const entry = record.related.find((one) => one.startsWith(REVISION_PREFIX))
  return Number(entry?.slice(REVISION_PREFIX.length) ?? -1)
}

const levelOf = (severity: number): string =>
  severity >= 85 ? 'critical' : severity >= 65 ? 'high' : severity >= 45 ? 'medium' : severity >= 25 ? 'low' : LEVELS[0]

const MAX_TEXT = 4_000

/** What the case says, as its origin says it. */
function contentOf(shared: SharedCase) {
  const isClass = RSIT_PAIRS.includes(`${shared.rsitClass}/${shared.rsitType}`)
  return {
    severity: Math.min(100, Math.max(0, Math.round(shared.severity))),
    titles: shared.titles,
    recommendations: shared.recommendations,
    description: shared.description.slice(0, MAX_TEXT),
    rsitClass: isClass ? shared.rsitClass : 'other',
    rsitType: isClass ? shared.rsitType : 'undetermined',
    techniques: shared.techniques.slice(0, 50),
    occurredFirst: shared.occurredFirst,
    occurredLast: shared.occurredLast,
    eventCount: shared.eventCount,
    ruleId: shared.ruleId,
    ruleName: shared.ruleName,
    triggeredRuleName: shared.triggeredRuleName,
    participants: shared.participants.slice(0, 100).map((one) => ({ ...one, host: null, account: null })),
    indicatorIds: shared.indicatorIds.slice(0, 100),
    related: relatedOf(shared),
    // A word of theirs that is no marking counts as the strongest, whatever compares or shows it later.
    tlp: tlpOf(shared.tlp).toUpperCase(),
    restriction: ['none', 'need-to-know'].find((one) => one === shared.restriction) ?? 'private',
  }
}

function opened(
  item: ReceivedItem,
  shared: SharedCase,
  law: Law,
  number: string,
  settings: Readonly<Record<string, string>>,
  nowMs: number,
): CaseState {
  const content = contentOf(shared)
  const detectedAt = Math.min(item.receivedAt, nowMs)
  const level = levelOf(content.severity)
  const subject = {
    origin: 'received',
    asIncident: shared.kind === 'incident',
    level,
    rsitClass: content.rsitClass,
    status: 'new',
  }
  const kinds = legalKindsOf(law.pack, subject)
  const kind = kinds.incident ? 'incident' : kinds.event ? 'event' : 'threat'
  return {
    record: {
      ...blankRecord(),
      ...content,
      caseId: receivedCaseId(item.constituent, shared.origin),
      number,
      constituent: item.constituent,
      kind,
      exercise: item.exercise,
      pack: law.pack.id,
      packVersion: law.pack.version,
      detectedAt,
      createdAt: nowMs,
      promotedAt: kind === 'incident' ? detectedAt : null,
      groupKey: `received|${shared.origin}`.slice(0, 400),
      detectionCount: 0,
      reportedBy: item.sender,
    },
    facts: [
      { name: 'detectedAt', at: detectedAt },
      ...(kind === 'incident' ? [{ name: 'promotedAt', at: detectedAt }] : []),
    ],
    recorded: {},
    commandRevision: 0,
    level,
    detectionKind: 'event',
    origin: 'received',
    tickets: [],
    classifiedByHand: false,
    analysedByHand: false,
    lead: { detectionId: '', severity: content.severity },
    settings,
    marks: {},
    measures: [],
    supplementary: null,
    toldBefore: null,
    wakeAt: null,
  }
}

/** A newer state of the origin: what people here classified stays as they did. */
function changed(state: CaseState, shared: SharedCase): CaseState {
  const { rsitClass, rsitType, ...content } = contentOf(shared)
  const classes = state.classifiedByHand ? {} : { rsitClass, rsitType }
  return { ...state, record: { ...state.record, ...content, ...classes } }
}

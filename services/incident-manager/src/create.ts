import { type IncidentCommand, idFrom, type Participant } from '@tocsin/events'
import { legalKindsOf, RSIT_PAIRS } from '@tocsin/obligations'
import { blankRecord } from './blank-record.ts'
import { type CaseState, LEVELS, withNational } from './case.ts'
import { type Decision, refuse } from './decision.ts'
import { effectsOf, isEffectRefusal } from './effects.ts'
import { FIRST_MEASURES } from './recommendation.ts'
import type { Law } from './registry.ts'

/** What only the stage knows: the next human number. */
export interface Creation {
  /** Time limits of the body's own regulation (VN-5.3b). */
  settings: Readonly<Record<string, string>>
  nextNumber(law: Law, nowMs: number): string
}

const KINDS = ['event', 'incident', 'threat']
const SEVERITY_OF: Readonly<Record<string, number>> = { informational: 10, low: 30, medium: 50, high: 70, critical: 90 }

/**
 * Opens a case by hand: an analyst's own finding, or a report by telephone. T0 is the instant of the command (AMB-KZ6); the
 * id comes from the command's id, so a repeat cannot open a second case.
 */
export function createByHand(command: IncidentCommand, law: Law, creation: Creation, nowMs: number): Decision {
  const { fields } = command
  const { settings } = creation
  const title = (fields.title ?? '').trim().slice(0, 200)
  if (title === '') return refuse('invalid', 'A case needs a title.')
  const kind = fields.kind ?? 'event'
  if (!KINDS.includes(kind)) return refuse('invalid', `A case is an event, an incident or a threat, not "${kind}".`)
  const level = fields.level ?? 'medium'
  if (!(LEVELS as readonly string[]).includes(level)) return refuse('invalid', `There is no level "${level}".`)
  const rsit = fields.rsit ?? 'other/undetermined'
  if (!RSIT_PAIRS.includes(rsit)) return refuse('invalid', `RSIT has no class "${rsit}".`)
  const { reportedVia } = fields
  if (reportedVia !== undefined && !REPORT_CHANNELS.includes(reportedVia)) {
    return refuse('invalid', `A report comes by ${REPORT_CHANNELS.join(', ')}, not by "${reportedVia}".`)
  }
  const effects = effectsOf(fields, law.rules, kind === 'incident')
  if (isEffectRefusal(effects)) return refuse('invalid', effects.reason)
  const [rsitClass = 'other', rsitType = 'undetermined'] = rsit.split('/')
  const detectedAt = Math.min(command.issuedAt, nowMs)
  const kinds = legalKindsOf(law.pack, {
    origin: 'analyst',
    asIncident: kind === 'incident',
    level,
    rsitClass,
    status: 'new',
  })
  if (kind === 'event' && !kinds.event) return refuse('invalid', `${law.pack.id} does not count this as a legal event.`)
  const state: CaseState = {
    record: {
      ...blankRecord(),
      caseId: idFrom('case', 'by-hand', command.commandId),
      number: creation.nextNumber(law, nowMs),
      constituent: command.constituent,
      kind,
      exercise: fields.exercise === 'true',
      pack: law.pack.id,
      packVersion: law.pack.version,
      severity: SEVERITY_OF[level] ?? 50,
      detectedAt,
      createdAt: nowMs,
      promotedAt: kind === 'incident' ? detectedAt : null,
      occurredFirst: detectedAt,
      occurredLast: detectedAt,
      groupKey: `by-hand|${command.commandId}`.slice(0, 400),
      ruleId: 'analyst',
      ruleName: title,
      titles: { en: title },
      recommendations: fields.recommendation === undefined ? { ...FIRST_MEASURES } : { en: fields.recommendation },
      description: (fields.description ?? title).slice(0, 4000),
      primaryAnalysis: fields.primaryAnalysis?.trim().slice(0, 8000) || null,
      rsitClass,
      rsitType,
      effects: effects.effects,
      serial: effects.serial,
      systemIds: fields.systemId === undefined ? [] : [fields.systemId],
      participants: participantsOf(fields),
      reportedBy: reporterOf(fields),
    },
    facts: [
      { name: 'detectedAt', at: detectedAt },
      ...(kind === 'incident' ? [{ name: 'promotedAt', at: detectedAt }] : []),
    ],
    recorded: {},
    commandRevision: 0,
    level,
    detectionKind: 'event',
    origin: 'analyst',
    tickets: [],
    classifiedByHand: fields.rsit !== undefined,
    analysedByHand: fields.primaryAnalysis !== undefined,
    lead: { detectionId: '', severity: 0 },
    settings,
    marks: {},
    measures: [],
    supplementary: null,
    toldBefore: null,
    wakeAt: null,
  }
  const change = {
    action: 'created',
    actor: command.actor,
    reason: command.reason,
    detail: { kind, title, by: command.channel },
  }
  return { state: withNational(state, law), change }
}

const REPORT_CHANNELS = ['telephone', 'mail', 'fax', 'dispatch', 'person', 'other']

/** `Aigul S., +7 … (telephone)`: who reported it and how, where a person did. */
function reporterOf(fields: Readonly<Record<string, string>>): string | null {
  const name = (fields.reportedBy ?? '').trim()
  if (name === '') return null
  return `${name.slice(0, 300)} (${fields.reportedVia ?? 'telephone'})`
}

function participantsOf(fields: Readonly<Record<string, string>>): Participant[] {
  const side = (role: string, ip: string | undefined): Participant[] =>
    ip === undefined || ip === ''
      ? []
      : [
          {
            role,
            ip: ip.slice(0, 64),
            port: null,
            protocol: null,
            host: null,
            domain: null,
            account: null,
            country: null,
            asn: null,
            lon: null,
            lat: null,
            count: 1,
          },
        ]
  return [...side('source', fields.sourceIp), ...side('target', fields.targetIp)]
}

import type { Incident, Participant } from '@tocsin/events'

/**
 * The fields of a case that may leave the house at all (operations.md S-19). A field that is not in this list leaves in no format;
 * a new field of the model is not in it until somebody puts it there. Accounts, host names, raw lines, contacts, clocks, notices
 * and the names of officers are not.
 */
export const SHARED_FIELDS = [
  'caseId',
  'number',
  'revision',
  'constituent',
  'kind',
  'status',
  'severity',
  'exercise',
  'tlp',
  'restriction',
  'pack',
  'packVersion',
  'verification',
  'confidence',
  'detectedAt',
  'createdAt',
  'modifiedAt',
  'occurredFirst',
  'occurredLast',
  'promotedAt',
  'verifiedAt',
  'causesEliminatedAt',
  'consequencesEliminatedAt',
  'closedAt',
  'ruleId',
  'ruleName',
  'triggeredRuleName',
  'titles',
  'description',
  'primaryAnalysis',
  'conclusion',
  'recommendations',
  'rsitClass',
  'rsitType',
  'nationalClass',
  'nationalSeverity',
  'techniques',
  'effects',
  'serial',
  'vnKind',
  'measuresPossible',
  'detectionCount',
  'eventCount',
  'participants',
  'indicatorIds',
  'related',
] as const satisfies readonly (keyof Incident)[]

export type SharedField = (typeof SHARED_FIELDS)[number]

/** Of a participant: never its account or host name. */
export const PARTICIPANT_FIELDS = [
  'role',
  'ip',
  'port',
  'protocol',
  'domain',
  'country',
  'asn',
  'lon',
  'lat',
  'count',
] as const satisfies readonly (keyof Participant)[]

export type SharedParticipant = Pick<Participant, (typeof PARTICIPANT_FIELDS)[number]>

/** A case as it leaves: the one model behind every exchange format (XC-1). */
export interface SharedCase extends Omit<Pick<Incident, SharedField>, 'participants'> {
  participants: SharedParticipant[]
  /** `<deployment>/<case id>` where it was made first; kept over every exchange, so that nothing goes round (VN-10.1b). */
  origin: string
}

/** What a case looks like of which nothing is told but what it is. */
const NOTHING: Omit<SharedCase, 'caseId' | 'number' | 'origin'> = {
  revision: 0,
  constituent: '',
  kind: 'event',
  status: 'new',
  severity: 0,
  exercise: false,
  tlp: 'AMBER',
  restriction: 'need-to-know',
  pack: '',
  packVersion: '',
  verification: 'unverified',
  confidence: null,
  detectedAt: 0,
  createdAt: 0,
  modifiedAt: 0,
  occurredFirst: 0,
  occurredLast: 0,
  promotedAt: null,
  verifiedAt: null,
  causesEliminatedAt: null,
  consequencesEliminatedAt: null,
  closedAt: null,
  ruleId: '',
  ruleName: '',
  triggeredRuleName: null,
  titles: {},
  description: '',
  primaryAnalysis: null,
  conclusion: null,
  recommendations: {},
  rsitClass: 'other',
  rsitType: 'undetermined',
  nationalClass: null,
  nationalSeverity: null,
  techniques: [],
  effects: [],
  serial: null,
  vnKind: null,
  measuresPossible: null,
  detectionCount: 0,
  eventCount: 0,
  participants: [],
  indicatorIds: [],
  related: [],
}

/** A case without content. */
export const blankSharedCase = (caseId: string, origin: string): SharedCase => ({
  ...structuredClone(NOTHING),
  caseId,
  number: '',
  origin,
})

/** Without these a receiver does not know what it holds; they are told whatever the list of an export says. */
const ALWAYS: readonly SharedField[] = [
  'caseId',
  'revision',
  'exercise',
  'tlp',
  'restriction',
  'createdAt',
  'modifiedAt',
]

/**
 * Takes a case; gives what may leave of it. `fields` narrows the list for one export (a contract, a request), it never widens it.
 * `deployment` is our own name; a case that came from elsewhere keeps the origin that it came with.
 * Texts come out well-formed: a surrogate that stands alone becomes U+FFFD.
 */
export function sharedCaseOf(
  incident: Incident,
  deployment: string,
  fields: readonly SharedField[] = SHARED_FIELDS,
): SharedCase {
  const shared: Record<string, unknown> = {
    ...blankSharedCase(incident.caseId, originOf(incident) ?? `${deployment}/${incident.caseId}`),
  }
  for (const field of SHARED_FIELDS) {
    if (!fields.includes(field) && !ALWAYS.includes(field)) continue
    shared[field] = field === 'participants' ? incident.participants.map(participantOf) : incident[field]
  }
  return wellFormed(shared) as unknown as SharedCase
}

/** Begins the entry of `related` in which a case that came from elsewhere keeps its origin. */
export const ORIGIN_PREFIX = 'origin:'

/** Where a case came from, null where it is our own. */
export function originOf({ related }: Pick<Incident, 'related'>): string | null {
  return related.find((entry) => entry.startsWith(ORIGIN_PREFIX))?.slice(ORIGIN_PREFIX.length) ?? null
}

function participantOf(participant: Participant): SharedParticipant {
  return Object.fromEntries(
    PARTICIPANT_FIELDS.map((field) => [field, participant[field]]),
  ) as unknown as SharedParticipant
}

/** Texts of a case itself that may be null. */
export const NULLABLE_CASE_TEXTS: readonly string[] = [
  'triggeredRuleName',
  'primaryAnalysis',
  'conclusion',
  'nationalClass',
  'nationalSeverity',
  'vnKind',
]

/** A nullable text without characters says nothing, so it is null; formats need not tell the two apart. */
const NULLABLE_TEXTS: readonly string[] = [...NULLABLE_CASE_TEXTS, 'ip', 'protocol', 'domain', 'country']

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.toWellFormed(),
      member === '' && NULLABLE_TEXTS.includes(name) ? null : wellFormed(member),
    ]),
  )
}

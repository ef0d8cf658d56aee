import {
  blankSharedCase,
  PARTICIPANT_FIELDS,
  SHARED_FIELDS,
  type SharedCase,
  type SharedParticipant,
} from './shared-case.ts'

/** Bounds of what others send (operations.md S-1): a case of ours stays far below each. */
const MAX_TEXT_CHARACTERS = 20_000
const MAX_ENTRIES = 1_000
const LATEST_MS = Date.UTC(9999, 11, 31)

/** Types of the fields, read off a case without content; null stands for a nullable one. */
const SAMPLE = blankSharedCase('', '')
const NULLABLE: Readonly<Record<string, 'string' | 'number' | 'boolean' | 'instant'>> = {
  confidence: 'number',
  promotedAt: 'instant',
  verifiedAt: 'instant',
  causesEliminatedAt: 'instant',
  consequencesEliminatedAt: 'instant',
  closedAt: 'instant',
  triggeredRuleName: 'string',
  primaryAnalysis: 'string',
  conclusion: 'string',
  nationalClass: 'string',
  nationalSeverity: 'string',
  vnKind: 'string',
  serial: 'boolean',
  measuresPossible: 'boolean',
}
const INSTANTS = new Set(['detectedAt', 'createdAt', 'modifiedAt', 'occurredFirst', 'occurredLast'])
const PARTICIPANT_NUMBERS = new Set(['port', 'asn', 'lon', 'lat', 'count'])

/**
 * Takes what a format carried (never trusted); gives the case. Fields that are not ours are left out, a field that is missing or of
 * another kind makes it no case: throws RangeError naming it.
 */
export function readSharedCase(value: unknown): SharedCase {
  if (typeof value !== 'object' || value === null) throw new RangeError('It is no case.')
  const given = value as Record<string, unknown>
  const read: Record<string, unknown> = { origin: textOf('origin', given['origin']) }
  for (const field of SHARED_FIELDS) read[field] = fieldOf(field, given[field])
  if (read['caseId'] === '' || read['origin'] === '') throw new RangeError('The case has no id or no origin.')
  return read as unknown as SharedCase
}

function fieldOf(field: (typeof SHARED_FIELDS)[number], given: unknown): unknown {
  const nullable = NULLABLE[field]
  if (nullable !== undefined) return given === null ? null : scalarOf(field, given, nullable)
  const sample: unknown = SAMPLE[field]
  if (field === 'participants') return listOf(field, given).map((one) => participantOf(one))
  if (Array.isArray(sample)) return listOf(field, given).map((one) => textOf(field, one))
  if (typeof sample === 'object') return mapOf(field, given)
  return scalarOf(field, given, INSTANTS.has(field) ? 'instant' : (typeof sample as 'string' | 'number' | 'boolean'))
}

function scalarOf(field: string, given: unknown, type: 'string' | 'number' | 'boolean' | 'instant'): unknown {
  if (type === 'string') return textOf(field, given)
  if (type === 'boolean' && typeof given === 'boolean') return given
  const isNumber = typeof given === 'number' && Number.isFinite(given)
  if (type === 'number' && isNumber) return given
  if (type === 'instant' && isNumber && Number.isInteger(given) && Math.abs(given) <= LATEST_MS) return given
  throw new RangeError(`The field ${field} is no ${type}.`)
}

function textOf(field: string, given: unknown): string {
  if (typeof given === 'string' && given.length <= MAX_TEXT_CHARACTERS) return given
  throw new RangeError(`The field ${field} is no text of at most ${MAX_TEXT_CHARACTERS} characters.`)
}

function listOf(field: string, given: unknown): unknown[] {
  if (Array.isArray(given) && given.length <= MAX_ENTRIES) return given
  throw new RangeError(`The field ${field} is no list of at most ${MAX_ENTRIES} entries.`)
}

function mapOf(field: string, given: unknown): Record<string, string> {
  const entries = typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.entries(given) : null
  if (entries === null || entries.length > MAX_ENTRIES) throw new RangeError(`The field ${field} is no map.`)
  return Object.fromEntries(entries.map(([name, text]) => [name, textOf(field, text)]))
}

function participantOf(given: unknown): SharedParticipant {
  if (typeof given !== 'object' || given === null) throw new RangeError('A participant is no record.')
  const one = given as Record<string, unknown>
  return Object.fromEntries(
    PARTICIPANT_FIELDS.map((field) => {
      const value = one[field] ?? null
      if (field === 'role') return [field, textOf(field, value)]
      if (field === 'count') return [field, scalarOf(field, value, 'number')]
      return [
        field,
        value === null ? null : scalarOf(field, value, PARTICIPANT_NUMBERS.has(field) ? 'number' : 'string'),
      ]
    }),
  ) as unknown as SharedParticipant
}

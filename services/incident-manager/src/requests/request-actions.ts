import { type IncidentCommand, idFrom, type Request } from '@tocsin/events'
import { type Refusal, refuse } from '../decision.ts'
import { BODY_ROLES, CENTRE_ROLES } from '../permissions.ts'
import { CENTRE } from '../registry.ts'
import { newRequest } from './new-request.ts'
import { isOpen, type RequestState } from './request-state.ts'

/** Commands on a request, as they stand in `action` of an incident-command; its `caseId` is the id of the request. */
export const REQUEST_ACTIONS = [
  'request-open',
  'request-answer',
  'request-refuse',
  'request-close',
  'request-proof',
] as const
export type RequestAction = (typeof REQUEST_ACTIONS)[number]

export function isRequestAction(word: string): word is RequestAction {
  return (REQUEST_ACTIONS as readonly string[]).includes(word)
}

/** A command on a request that is there already. */
export type FurtherAction = Exclude<RequestAction, 'request-open'>

export function isFurtherAction(word: string): word is FurtherAction {
  return word !== 'request-open' && isRequestAction(word)
}

/** What may be asked of someone formally, and the place of the law that it rests on where none is given. */
export const REQUEST_KINDS: Readonly<Record<string, string>> = {
  coordination: 'VN-3.4a',
  help: 'VN-4.1b',
  instruction: 'VN-5.3c-2',
  provision: 'VN-5.2a-2',
  cooperation: 'VN-6.1',
  task: 'VN-6.3',
  inspection: 'VN-9.3',
  problem: 'VN-15.2',
  'source-request': 'KZ-10.2c',
  recommendation: 'KZ-11a',
}

const LIMITS = { subject: 300, text: 16_000, files: 50, dueDays: 3_650 }
const DAY_MS = 86_400_000
/** Name, size and hash of a file: `plan.pdf 20480 sha256:9f86…`. */
const FILE = /^[^\r\n/\\]{1,200} \d{1,15} sha256:[0-9a-f]{64}$/

export type RequestDecision = Refusal | { state: RequestState; said: string }

/** Opens a request: the centre asks a body, or a body asks the centre. Its id comes from the command's. */
export function openRequest(command: IncidentCommand, pack: string, number: () => string, at: number): RequestDecision {
  const { fields, constituent, actor } = command
  const side = sideOf(command)
  if (side === null) return notPermitted(command)
  const [from, to] = side === CENTRE ? [CENTRE, constituent] : [constituent, CENTRE]
  const kind = fields['kind'] ?? ''
  const usualGround = REQUEST_KINDS[kind]
  if (usualGround === undefined)
    return refuse('invalid', `A request is one of ${Object.keys(REQUEST_KINDS).join(', ')}, not "${kind}".`)
  const subject = (fields['subject'] ?? '').trim()
  if (subject === '' || subject.length > LIMITS.subject)
    return refuse('invalid', `A request needs a subject of at most ${LIMITS.subject} characters.`)
  const dueAt = dueOf(fields, at)
  if (typeof dueAt === 'string') return refuse('invalid', dueAt)
  const files = filesOf(fields)
  if (typeof files === 'string') return refuse('invalid', files)
  const record = newRequest({
    requestId: idFrom('request', 'by-command', constituent, command.commandId),
    kind,
    constituent,
    from,
    to,
    ground: (fields['ground'] ?? '').trim().slice(0, LIMITS.subject) || usualGround,
    subject,
    body: (fields['body'] ?? '').trim().slice(0, LIMITS.text),
    createdAt: at,
    dueAt,
    exercise: fields['exercise'] === 'true',
    openedBy: actor,
    files,
    pack,
    number: number(),
    systemId: (fields['systemId'] ?? '').trim() || null,
  })
  const facts = [{ name: 'openedAt', at }, ...(dueAt === null ? [] : [{ name: 'dueAt', at: dueAt }])]
  const state: RequestState = { record, facts, recorded: {}, run: null, waitingFor: {}, alarmed: false, wakeAt: at }
  return { state, said: `Done: request ${record.number} is open.` }
}

/** Decides a command on a request that exists; who asked may close it, who was asked answers or refuses. */
export function decideRequest(
  state: RequestState,
  command: IncidentCommand,
  action: FurtherAction,
  at: number,
): RequestDecision {
  const side = sideOf(command)
  const { record } = state
  // The centre may write down for a body what came by dispatch or telephone; a body speaks only for itself.
  const speaksFor = (party: string): boolean => side !== null && (side === CENTRE || side === party)
  switch (action) {
    case 'request-answer':
      return speaksFor(record.to) ? answered(state, command, at) : notPermitted(command)
    case 'request-refuse':
      return speaksFor(record.to) ? ended(state, command, 'refused', at) : notPermitted(command)
    case 'request-close':
      return speaksFor(record.from) ? ended(state, command, 'closed', at) : notPermitted(command)
    case 'request-proof':
      return speaksFor(record.from) ? proved(state, command) : notPermitted(command)
    default:
      return action satisfies never
  }
}

function answered(state: RequestState, command: IncidentCommand, at: number): RequestDecision {
  const { record } = state
  if (record.state === 'closed' || record.state === 'refused')
    return refuse('illegal-transition', `Request ${record.number} is ${record.state}.`)
  const text = (command.fields['text'] ?? '').trim().slice(0, LIMITS.text)
  const files = filesOf(command.fields)
  if (typeof files === 'string') return refuse('invalid', files)
  if (text === '' && files.length === 0) return refuse('invalid', 'An answer has a text or a file.')
  const difference = (command.fields['difference'] ?? '').trim().slice(0, LIMITS.text) || record.difference
  // The first answer is the one that was in time or late; a later one adds to it.
  const answeredAt = record.answeredAt ?? at
  const answer: Partial<Request> = {
    state: 'answered',
    answer: record.answer === null ? text : `${record.answer}\n\n${text}`.slice(-LIMITS.text),
    answeredAt,
    answeredBy: command.actor,
    answerFiles: [...record.answerFiles, ...files].slice(-LIMITS.files),
    difference,
  }
  const late = record.dueAt !== null && answeredAt > record.dueAt
  const facts =
    record.answeredAt === null
      ? [...state.facts, { name: state.run === null ? 'answeredAt' : 'submittedAt', at }]
      : state.facts
  return {
    state: { ...state, facts, record: { ...record, ...answer } },
    said: `Done: request ${record.number} is answered${late ? `, ${spanText(answeredAt - (record.dueAt ?? 0))} late` : ''}.`,
  }
}

function ended(state: RequestState, command: IncidentCommand, word: 'refused' | 'closed', at: number): RequestDecision {
  const { record } = state
  const reason = (command.reason ?? '').trim()
  if (record.closedAt !== null) return refuse('illegal-transition', `Request ${record.number} is ${record.state}.`)
  if (word === 'refused' && !isOpen(record))
    return refuse('illegal-transition', `Request ${record.number} is ${record.state}.`)
  if (reason === '') return refuse('invalid', 'Say why.')
  const text = word === 'refused' ? { answer: reason.slice(0, LIMITS.text), answeredBy: command.actor } : {}
  return {
    state: {
      ...state,
      facts: [...state.facts, { name: 'closedAt', at }],
      record: { ...record, ...text, state: word, closedAt: at },
    },
    said: `Done: request ${record.number} is ${word}.`,
  }
}

function proved(state: RequestState, command: IncidentCommand): RequestDecision {
  const proof = (command.fields['proof'] ?? '').trim().slice(0, LIMITS.subject)
  if (proof === '') return refuse('invalid', 'Say what proves the sending, such as the number and day of a dispatch.')
  const { record } = state
  const all = record.proof === null ? proof : `${record.proof}; ${proof}`.slice(-LIMITS.text)
  return { state: { ...state, record: { ...record, proof: all } }, said: `Done: request ${record.number} has a proof.` }
}

/** `centre`, the body, or null for somebody who may only look. */
function sideOf({ actorRoles, constituent }: IncidentCommand): string | null {
  const has = (roles: readonly string[]): boolean => actorRoles.some((role) => roles.includes(role))
  if (has(CENTRE_ROLES)) return CENTRE
  // A contact acknowledges and does nothing else.
  return has([...BODY_ROLES.filter((role) => role !== 'contact'), 'enterprise']) ? constituent : null
}

function notPermitted({ actor, actorRoles, action }: IncidentCommand): Refusal {
  return refuse('not-permitted', `The roles of ${actor} (${actorRoles.join(', ') || 'none'}) do not allow ${action}.`)
}

/** UTC ms, null where none is set, or what is wrong. */
function dueOf(fields: Readonly<Record<string, string>>, at: number): number | null | string {
  const { dueAt, days } = fields
  if (dueAt !== undefined && dueAt !== '') {
    const due = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(dueAt) ? Date.parse(dueAt) : Number.NaN
    if (Number.isNaN(due)) return 'The due time is an instant such as 2026-09-30T18:00:00+07:00.'
    return due > at && due < at + LIMITS.dueDays * DAY_MS ? due : 'The due time lies ahead, by ten years at most.'
  }
  if (days === undefined || days === '') return null
  const count = Number(days)
  return Number.isInteger(count) && count > 0 && count <= LIMITS.dueDays
    ? at + count * DAY_MS
    : `The number of days is a whole number from 1 to ${LIMITS.dueDays}.`
}

/** The files that a command names, one a line, or what is wrong. */
function filesOf(fields: Readonly<Record<string, string>>): string[] | string {
  const lines = (fields['files'] ?? '').split('\n').filter((line) => line.trim() !== '')
  if (lines.length > LIMITS.files) return `A request has at most ${LIMITS.files} files.`
  const wrong = lines.find((line) => !FILE.test(line))
  return wrong === undefined
    ? lines
    : 'A file is named by its name, its size in octets and its hash: plan.pdf 20480 sha256:9f86….'
}

function spanText(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000))
  return minutes < 120
    ? `${minutes} min`
    : minutes < 2_880
      ? `${Math.round(minutes / 60)} h`
      : `${Math.round(minutes / 1_440)} days`
}

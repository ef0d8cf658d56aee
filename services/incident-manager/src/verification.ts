import { type IncidentCommand, idFrom, type Request } from '@tocsin/events'
import { legalKindsOf } from '@tocsin/obligations'
import type { OutputTo } from '@tocsin/stage'
import { type CaseState, promote, withResponse } from './case.ts'
import { refuse } from './decision.ts'
import { applied, type Handler, reasonOf, textOf, whileOpen, withFact } from './handler.ts'
import { subjectOfCase } from './legal.ts'
import { newRequest } from './requests/new-request.ts'
import { lifted, suppressionOf } from './suppression.ts'

const HOUR_MS = 3_600_000
const MAX_HOURS = 24 * 90

/** Confirms what the case says (VN-8.3b); where the pack makes an incident of that alone, the case becomes one. */
export const verify: Handler = whileOpen((state, command, at, law) => {
  if (state.record.verifiedAt !== null) return refuse('illegal-transition', 'The case is verified already.')
  const confidence = confidenceOf(command)
  if (typeof confidence === 'string') return refuse('invalid', confidence)
  const verified = withFact(state, 'verifiedAt', at, {
    verifiedAt: at,
    status: 'confirmed',
    verification: 'confirmed',
    confidence: confidence ?? state.record.confidence,
  })
  const becomes = legalKindsOf(law.pack, subjectOfCase(verified, undefined)).incident
  // What the pack makes an incident by verification alone needs no form; what asks for effects waits for `promote`.
  const automatic = becomes && verified.record.kind === 'event' && law.rules.promotion.leastEffects === 0
  return applied(automatic ? promote(verified, at) : verified, command, automatic ? 'promoted' : 'verified')
})

/** Asks for what is missing to judge an unverified case (VN-11.4d): one open request, answered by `supplementary-collected`. */
export const askSupplementary: Handler = whileOpen((state, command, at) => {
  const { record } = state
  if (record.verification === 'confirmed')
    return refuse('illegal-transition', 'The case is verified; nothing is to be collected for that any more.')
  if (state.supplementary !== null) {
    return refuse('illegal-transition', `Supplementary collection was asked of ${state.supplementary.to} already.`)
  }
  const what = textOf(command, 'what')
  const to = textOf(command, 'to', 200) || record.constituent
  if (what === '') return refuse('invalid', 'Say what is to be collected: more sources, a longer window, a capture.')
  const hours = command.fields.hours === undefined ? 24 : Number(command.fields.hours)
  if (!Number.isInteger(hours) || hours < 1 || hours > MAX_HOURS)
    return refuse('invalid', `The time to collect is a whole number of hours from 1 to ${MAX_HOURS}.`)
  const request = newRequest({
    requestId: idFrom('request', 'supplementary', command.commandId),
    kind: 'supplementary-collection',
    constituent: record.constituent,
    from: command.actor,
    to,
    ground: 'VN-11.4d',
    subject: `Supplementary collection for case ${record.number}`,
    body: what,
    createdAt: at,
    dueAt: at + hours * HOUR_MS,
    exercise: record.exercise,
    openedBy: command.actor,
    pack: record.pack,
  })
  const asked: CaseState = {
    ...state,
    supplementary: request,
    record: { ...record, verification: 'supplementary-asked', related: withRelation(record.related, request) },
  }
  const detail = { what, to, request: request.requestId }
  return { ...applied(asked, command, 'supplementary-asked', detail), outputs: [requestOutput(request)] }
})

/** Takes the result of a supplementary collection: it links back, and the person says how sure the case is now. */
export const supplementaryCollected: Handler = whileOpen((state, command, at) => {
  const open = state.supplementary
  if (open === null) return refuse('illegal-transition', 'No supplementary collection was asked for.')
  const text = textOf(command, 'text')
  if (text === '') return refuse('invalid', 'Say what was collected.')
  const confidence = confidenceOf(command)
  if (typeof confidence === 'string') return refuse('invalid', confidence)
  if (confidence === null) return refuse('invalid', 'Say how sure the case is now: confidence from 0 to 100.')
  const evidence = textOf(command, 'evidence') || null
  const answered: Request = {
    ...open,
    state: 'answered',
    answer: text,
    answeredAt: at,
    answeredBy: command.actor,
    answerFiles: evidence === null ? [] : [evidence],
  }
  const collected = withResponse(
    { ...state, supplementary: null, record: { ...state.record, verification: 'unverified', confidence } },
    { at, by: command.actor, kind: 'supplementary', text, evidence },
  )
  const detail = { text, confidence: String(confidence), request: open.requestId }
  return { ...applied(collected, command, 'supplementary-collected', detail), outputs: [requestOutput(answered)] }
})

/** Marks a case as no case (VN-4.2b-4); with `suppress=yes` detections like it open none for some days. */
export const markFalsePositive: Handler = whileOpen((state, command, at) => {
  const reason = reasonOf(command)
  if (reason === '') return refuse('invalid', 'A false positive needs a reason.')
  const wish = suppressionOf(state, command.fields, command.actor, reason, at)
  if (wish !== null && !('suppressionId' in wish)) return refuse('invalid', wish.reason)
  const marked = withFact(state, 'falsePositiveAt', at, { status: 'false-positive', verification: 'false-positive' })
  const detail: Record<string, string> =
    wish === null ? {} : { suppression: wish.suppressionId, until: new Date(wish.expiresAt).toISOString() }
  return { ...applied(marked, command, 'marked-false-positive', detail), suppressions: wish === null ? [] : [wish] }
})

/** Ends a suppression before its time; the false positive stays one. */
export const liftSuppression: Handler = (state, command, at, _law, book) => {
  const found = book.suppressions.ofCase(state)
  if (found === undefined) return refuse('illegal-transition', 'No suppression made from this case is in force.')
  if (reasonOf(command) === '') return refuse('invalid', 'Lifting a suppression needs a reason.')
  const detail = { suppression: found.suppressionId }
  return { ...applied(state, command, 'suppression-lifted', detail), suppressions: [lifted(found, command.actor, at)] }
}

/** 0 to 100, null where none was given, or what is wrong with it. */
function confidenceOf(command: IncidentCommand): number | null | string {
  const word = command.fields.confidence
  if (word === undefined || word.trim() === '') return null
  const confidence = Number(word)
  return Number.isInteger(confidence) && confidence >= 0 && confidence <= 100
    ? confidence
    : 'Confidence is a whole number from 0 to 100.'
}

const MAX_RELATED = 100

function withRelation(related: readonly string[], request: Request): string[] {
  return [...related, `request:${request.requestId}`].slice(-MAX_RELATED)
}

function requestOutput(request: Request): OutputTo<'requests'> {
  return { topic: 'requests', key: request.requestId, value: request }
}

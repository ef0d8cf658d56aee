import { type CaseAction, type IncidentCommand, idFrom } from '@tocsin/events'
import { type CaseState, withResponse } from '../case.ts'
import { type Applied, type Refusal, refuse } from '../decision.ts'
import { applied, type Handler, reasonOf, textOf, whileOpen } from '../handler.ts'
import { isOfCentre } from '../permissions.ts'
import {
  actionsOf,
  approve,
  type Effect,
  isOpen,
  isSamePerson,
  KINDS,
  possibleThrough,
  propose,
  recordOf,
  refuseAction,
  revert,
  type Step,
  settle,
} from './action.ts'
import { canonicalAddress } from './address.ts'
import type { ResponseReach } from './filters.ts'

const MAX_ACTIONS = 50
/** Ways by which a person is known well enough to be one of two: not a mail, whose sender anybody can write. */
const CHANNELS_OF_APPROVAL: readonly string[] = ['console', 'cli']

/** Asks for a measure through the body's packet filter; nothing is done before a second person approves it (XC-12). */
export const proposeResponse: Handler = whileOpen((state, command, at, _law, { reach }) => {
  const { record } = state
  const kind = KINDS.find((one) => one === textOf(command, 'kind'))
  if (kind === undefined) return refuse('invalid', `Say what to do: kind is ${KINDS.join(' or ')}.`)
  const target = canonicalAddress(textOf(command, 'target'))
  if (target === null) return refuse('invalid', 'Say which single IPv4 or IPv6 address: target.')
  const reason = reasonOf(command)
  if (reason === '') return refuse('invalid', 'Say why: the second person decides by it.')
  const unprotected = unprotectedTarget(target, reach)
  if (unprotected !== null) return unprotected
  if (kind === 'isolate-host' && !record.participants.some(({ ip }) => ip === target))
    return refuse('invalid', `${target} took no part in the case: only a host that did is isolated.`)
  const actions = actionsOf(record)
  const open = actions.find((one) => isOpen(one, at) && one.kind === kind && one.target === target)
  if (open !== undefined) return refuse('illegal-transition', `There is such an action already; it is ${open.state}.`)
  if (actions.length >= MAX_ACTIONS) return refuse('illegal-transition', `${MAX_ACTIONS} actions are recorded.`)
  const filter = reach.filterOf(record.constituent, textOf(command, 'via') || null)
  if ('why' in filter) return refuse('illegal-transition', `Not technically possible: ${filter.why}`)
  const action = propose(
    {
      actionId: idFrom('response', command.commandId).slice(0, 32),
      kind,
      target,
      viaSourceId: filter.sourceId,
      reason: reason.slice(0, 2_000),
      requestedBy: command.actor,
    },
    at,
  )
  const possible = { measuresPossible: true, measuresReason: possibleThrough(filter.sourceId) }
  const known = { ...state, record: { ...record, ...possible } }
  return stepped(known, command, action, 'response-proposed', at)
})

/** The second person's yes: from now on the filter is asked. */
export const approveResponse: Handler = whileOpen((state, command, at, _law, { reach }) => {
  if (!CHANNELS_OF_APPROVAL.includes(command.channel))
    return refuse('not-permitted', `Approve it in the console or by the command line, not by ${command.channel}.`)
  const action = actionOf(state, command, at)
  if (action === undefined) return unknownAction()
  // The list of protected addresses and the filters may have changed since it was proposed.
  const unprotected = unprotectedTarget(action.target, reach)
  if (unprotected !== null) return unprotected
  const filter = reach.filterOf(state.record.constituent, action.viaSourceId)
  if ('why' in filter) return refuse('illegal-transition', `Not technically possible: ${filter.why}`)
  return stepped(
    state,
    command,
    approve(action, command.actor, at, state.record.exercise),
    'response-approved',
    at,
    'not-permitted',
  )
})

/** The second person's no, or the first one's change of mind. */
export const refuseResponse: Handler = (state, command, at) => {
  const action = actionOf(state, command, at)
  if (action === undefined) return unknownAction()
  const reason = reasonOf(command)
  if (reason === '') return refuse('invalid', 'Say why it is refused.')
  if (!isOfCentre(command.actorRoles) && !isSamePerson(action.requestedBy, command.actor))
    return refuse('not-permitted', 'Only the centre refuses what somebody else asked for.')
  return stepped(state, command, refuseAction(action, command.actor, reason), 'response-refused', at)
}

/** Undoes an action, whatever became of its case. */
export const revertResponse: Handler = (state, command, at) => {
  const action = actionOf(state, command, at)
  if (action === undefined) return unknownAction()
  const reason = reasonOf(command)
  if (reason === '') return refuse('invalid', 'Say why it is undone.')
  const step = revert(action, command.actor, reason, at, state.record.exercise)
  return stepped(state, command, step, 'response-reverting', at)
}

/** What the filter did, told by the part of this service that asked it (effector.ts); a repeat is answered as before. */
export const responseEffect: Handler = (state, command, at) => {
  const action = actionOf(state, command, at)
  if (action === undefined) return unknownAction()
  const { outcome = '', reply = '' } = command.fields
  if (outcome !== 'applied' && outcome !== 'reverted' && outcome !== 'failed')
    return refuse('invalid', `There is no outcome "${outcome}".`)
  const effect: Effect = { revision: Number(command.fields.revision), outcome, reply }
  const decision = stepped(state, command, settle(action, effect, at), `response-${outcome}`, at)
  return 'code' in decision || outcome === 'failed'
    ? decision
    : { ...decision, state: told(decision.state, action, outcome, at) }
}

/** The measure stands among those that were taken, so that notices and the history tell of it. */
function told(state: CaseState, action: CaseAction, outcome: 'applied' | 'reverted', at: number): CaseState {
  const text = `${action.kind} ${action.target} through ${action.viaSourceId}: ${outcome}`
  const by = `${action.requestedBy}, ${outcome === 'applied' ? action.approvedBy : action.endedBy}`
  return {
    ...withResponse(state, { at, by, kind: 'measure-taken', text, evidence: `response:${action.actionId}` }),
    measures: [...state.measures, text].slice(-20),
  }
}

/** Puts a step's action into its case, and the record beside it. */
function stepped(
  state: CaseState,
  command: IncidentCommand,
  step: Step,
  what: string,
  at: number,
  code: Refusal['code'] = 'illegal-transition',
): Applied | Refusal {
  if (typeof step === 'string') return refuse(code, step)
  const rest = actionsOf(state.record).filter(({ actionId }) => actionId !== step.actionId)
  const record = { ...state.record, responseActions: [...rest, step] }
  const { actionId, kind, target, viaSourceId, revision } = step
  const detail = { response: actionId, kind, target, via: viaSourceId, state: step.state, revision: String(revision) }
  const value = recordOf(step, record, at)
  return {
    ...applied({ ...state, record }, command, what, detail),
    outputs: [{ topic: 'response-actions', key: actionId, value }],
    said: `Done: ${what}, ${kind} ${target} (${actionId}).`,
  }
}

/** The action that a command names, by its id or the beginning of it; the only open one where it names none. */
function actionOf({ record }: CaseState, command: IncidentCommand, at: number): CaseAction | undefined {
  const wanted = textOf(command, 'response', 64)
  const found = actionsOf(record).filter((one) => (wanted === '' ? isOpen(one, at) : one.actionId.startsWith(wanted)))
  return found.length === 1 ? found[0] : undefined
}

function unknownAction(): Refusal {
  return refuse('invalid', 'Say which action of the case: response, its id or the beginning of it.')
}

function unprotectedTarget(target: string, reach: ResponseReach): Refusal | null {
  const protection = reach.protectionOf(target)
  return protection === null
    ? null
    : refuse('invalid', `${target} is never blocked: it lies in the protected network ${protection}.`)
}

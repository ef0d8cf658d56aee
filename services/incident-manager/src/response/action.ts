import type { CaseAction, Incident, ResponseAction } from '@tocsin/events'

/** What can be done through a packet filter. */
export const KINDS = ['block-address', 'isolate-host'] as const
export type ActionKind = (typeof KINDS)[number]

/** How long a proposal waits for a second person. */
export const APPROVE_WITHIN_MS = 4 * 3_600_000

/** What a person asks for; `actionId` follows from the command, so that a repeat proposes nothing new. */
export interface Proposal {
  actionId: string
  kind: ActionKind
  target: string
  viaSourceId: string
  reason: string
  requestedBy: string
}

/** What the filter answered to one state of an action. */
export interface Effect {
  revision: number
  outcome: 'applied' | 'reverted' | 'failed'
  reply: string
}

/** The next state of an action, or why there is none: one sentence. */
export type Step = CaseAction | string

const MAX_REPLY = 500
const HOLDING: readonly string[] = ['approved', 'applied', 'failed', 'reverting']

/** proposed: nothing is done before a second person says yes. */
export function propose(proposal: Proposal, at: number): CaseAction {
  return {
    ...proposal,
    revision: 1,
    state: 'proposed',
    requestedAt: at,
    expiresAt: at + APPROVE_WITHIN_MS,
    approvedBy: null,
    approvedAt: null,
    appliedAt: null,
    revertedAt: null,
    endedBy: null,
    endReason: null,
    reply: null,
  }
}

/** proposed → approved, by somebody else, in time. An exercise is in effect at once: its filter is never asked. */
export function approve(action: CaseAction, by: string, at: number, exercise: boolean): Step {
  if (action.state !== 'proposed') return `The action is ${action.state}; there is nothing to approve.`
  if (isSamePerson(action.requestedBy, by)) return 'Somebody else must approve what you asked for (two-person rule).'
  if (at > action.expiresAt)
    return `The proposal lapsed at ${new Date(action.expiresAt).toISOString()}: propose it again.`
  const approved = next(action, { state: 'approved', approvedBy: by, approvedAt: at })
  return exercise ? { ...approved, state: 'applied', appliedAt: at, reply: EXERCISE } : approved
}

/** proposed → refused: by anybody who may approve, and by the one who asked. */
export function refuseAction(action: CaseAction, by: string, reason: string): Step {
  if (action.state !== 'proposed') return `The action is ${action.state}; only a proposal can be refused.`
  return next(action, { state: 'refused', endedBy: by, endReason: reason })
}

/**
 * applied or failed → reverting. One person is enough: undoing gives back what was there. What failed may have taken effect
 * before the answer was lost, so it can be undone as well.
 */
export function revert(action: CaseAction, by: string, reason: string, at: number, exercise: boolean): Step {
  if (action.state !== 'applied' && action.state !== 'failed')
    return `The action is ${action.state}; only what is in effect, or failed, can be undone.`
  const asked = next(action, { state: 'reverting', endedBy: by, endReason: reason })
  return exercise ? { ...asked, state: 'reverted', revertedAt: at, reply: EXERCISE } : asked
}

/** approved → applied or failed; reverting → reverted, or back to what it was. Only the state that was asked for is answered. */
export function settle(action: CaseAction, { revision, outcome, reply }: Effect, at: number): Step {
  if (revision !== action.revision)
    return `The answer is for state ${revision} of the action, which is at ${action.revision}.`
  const said = { reply: reply.slice(0, MAX_REPLY) }
  if (action.state === 'approved' && outcome === 'applied')
    return next(action, { ...said, state: 'applied', appliedAt: at })
  if (action.state === 'approved' && outcome === 'failed') return next(action, { ...said, state: 'failed' })
  if (action.state === 'reverting' && outcome === 'reverted')
    return next(action, { ...said, state: 'reverted', revertedAt: at })
  if (action.state === 'reverting' && outcome === 'failed')
    return next(action, { ...said, state: action.appliedAt === null ? 'failed' : 'applied' })
  return `An action that is ${action.state} is not ${outcome} by its filter.`
}

/** The actions of a case; one that was kept before there were any has none. */
export function actionsOf(incident: Incident): readonly CaseAction[] {
  return incident.responseActions ?? []
}

/** True while an action holds its address at the filter, or may. */
export function holdsAddress({ state }: CaseAction): boolean {
  return HOLDING.includes(state)
}

/** True while something may still become of an action: a second one of its kind for its address is not proposed. */
export function isOpen(action: CaseAction, at: number): boolean {
  return holdsAddress(action) || (action.state === 'proposed' && at <= action.expiresAt)
}

/** True for two names of one person; accounts differ in more than case and blanks. */
export function isSamePerson(one: string, other: string): boolean {
  const bare = (name: string): string => name.normalize('NFKC').trim().toLowerCase()
  return bare(one) === bare(other)
}

/** The record for `response-actions` of one state of an action. */
export function recordOf(action: CaseAction, incident: Incident, at: number): ResponseAction {
  const { caseId, constituent, exercise } = incident
  const { approvedBy, ...rest } = action
  return {
    ...rest,
    caseId,
    constituent,
    exercise,
    approvedBy: approvedBy === null ? [] : [approvedBy],
    technicallyPossible: true,
    why: possibleThrough(action.viaSourceId),
    at,
  }
}

/** Why a measure through a filter is technically possible (KZ-10.3j). */
export function possibleThrough(viaSourceId: string): string {
  return `The packet filter ${viaSourceId} is connected.`
}

const EXERCISE = 'exercise: the filter was not asked'

function next(action: CaseAction, change: Partial<CaseAction>): CaseAction {
  return { ...action, ...change, revision: action.revision + 1 }
}

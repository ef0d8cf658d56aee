/** Commands on a case that this service knows, as they stand in `action` of an incident-command. */
export const ACTIONS = [
  'create',
  'promote',
  'verify',
  'ask-supplementary',
  'supplementary-collected',
  'mark-false-positive',
  'lift-suppression',
  'acknowledge',
  'assign',
  'classify',
  'answer',
  'measure-taken',
  'causes-eliminated',
  'consequences-eliminated',
  'dispatch',
  'dispatch-result',
  'hand-over',
  'close',
  'reopen',
  'merge',
  'split',
  'share',
  'acknowledge-notice',
  'propose-response',
  'approve-response',
  'refuse-response',
  'revert-response',
  'response-effect',
] as const
export type Action = (typeof ACTIONS)[number]

export function isAction(word: string): word is Action {
  return (ACTIONS as readonly string[]).includes(word)
}

/** People of the surveillance centre. */
export const CENTRE_ROLES = ['national', 'niscc', 'analyst', 'officer', 'shift'] as const
/** People of the body that a case is about. */
export const BODY_ROLES = [
  'constituent',
  'authorised-person',
  'manager',
  'operator',
  'unit-in-charge',
  'contact',
] as const

/** Those of a body who run its network. */
const PROPOSERS = ['constituent', 'manager', 'operator']
/** The part of this service that asks packet filters; no account can have it. */
export const FILTER_ROLE = 'packet-filter'

const centre: readonly string[] = CENTRE_ROLES
const everyone: readonly string[] = [...CENTRE_ROLES, ...BODY_ROLES, 'coordinator']

/** Who may command what. An inspector may look at everything and change nothing. */
const ALLOWED: Readonly<Record<Action, readonly string[]>> = {
  create: centre,
  promote: centre,
  verify: centre,
  'ask-supplementary': centre,
  'supplementary-collected': everyone,
  'mark-false-positive': centre,
  'lift-suppression': centre,
  acknowledge: everyone,
  assign: centre,
  classify: centre,
  answer: everyone,
  'measure-taken': everyone,
  'causes-eliminated': everyone,
  'consequences-eliminated': everyone,
  // The NSC may decide a visit itself (KZ-10.3k).
  dispatch: [...centre, 'nsc'],
  'dispatch-result': [...centre, 'coordinator'],
  'hand-over': centre,
  close: centre,
  reopen: centre,
  merge: centre,
  split: centre,
  share: centre,
  'acknowledge-notice': [...everyone, 'nsc', 'authorized-body'],
  'propose-response': [...centre, ...PROPOSERS],
  // Two people (XC-12): the second one is of the centre, and never the first one (response/action.ts).
  'approve-response': centre,
  'refuse-response': [...centre, ...PROPOSERS],
  'revert-response': centre,
  'response-effect': [FILTER_ROLE],
}

/** True when one of the roles may give the command. */
export function mayCommand(action: Action, roles: readonly string[]): boolean {
  return roles.some((role) => ALLOWED[action].includes(role))
}

/** True when the actor speaks for the body itself: its answers meet the body's own clocks (KZ-12e). */
export function speaksForBody(roles: readonly string[]): boolean {
  return roles.some((role) => (BODY_ROLES as readonly string[]).includes(role))
}

/** True when the actor is of the surveillance centre. */
export function isOfCentre(roles: readonly string[]): boolean {
  return roles.some((role) => centre.includes(role))
}

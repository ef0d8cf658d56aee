/**
 * Roles of an account. `national` is the ministry's or nation's centre and sees every body; an inspector looks and changes
 * nothing; the others act for the bodies they are bound to: a manager, an operator, an enterprise that takes part, or one
 * person named as contact (VN-2.1).
 */
export const ROLES = ['national', 'inspector', 'constituent', 'manager', 'operator', 'enterprise', 'contact'] as const
export type Role = (typeof ROLES)[number]

/** What a route may ask of an account. */
export const PERMISSIONS = ['own-session', 'read-cases', 'read-evidence', 'command'] as const
export type Permission = (typeof PERMISSIONS)[number]

/** Commands on a case that the console sends; incident-manager has the last word on each. */
export const COMMANDS = [
  'acknowledge',
  'promote',
  'verify',
  'ask-supplementary',
  'supplementary-collected',
  'classify',
  'assign',
  'mark-false-positive',
  'answer',
  'measure-taken',
  'causes-eliminated',
  'consequences-eliminated',
  'dispatch',
  'hand-over',
  'merge',
  'share',
  'close',
  'reopen',
  'propose-response',
  'approve-response',
  'refuse-response',
  'revert-response',
] as const
export type CommandName = (typeof COMMANDS)[number]

const BODY_COMMANDS: readonly CommandName[] = [
  'acknowledge',
  'answer',
  'measure-taken',
  'supplementary-collected',
  'causes-eliminated',
  'consequences-eliminated',
  'propose-response',
  // Only what the same person asked for; incident-manager looks.
  'refuse-response',
]
const READING: readonly Permission[] = ['own-session', 'read-cases', 'read-evidence']

/** What a role may do, and on what it may do it. */
export interface RoleRights {
  permissions: readonly Permission[]
  commands: readonly CommandName[]
  /** True when it may open a case by hand: the centre, for what it finds or is told by telephone. */
  creates: boolean
  /** `all`: never bound; `bound`: always; `either`: as the account says. */
  scope: 'all' | 'bound' | 'either'
}

const BODY: RoleRights = { permissions: PERMISSIONS, commands: BODY_COMMANDS, creates: false, scope: 'bound' }

export const RIGHTS: Readonly<Record<Role, RoleRights>> = {
  national: { permissions: PERMISSIONS, commands: COMMANDS, creates: true, scope: 'all' },
  inspector: { permissions: READING, commands: [], creates: false, scope: 'either' },
  constituent: BODY,
  manager: BODY,
  operator: BODY,
  enterprise: { permissions: READING, commands: [], creates: false, scope: 'bound' },
  contact: { permissions: PERMISSIONS, commands: ['acknowledge'], creates: false, scope: 'bound' },
}

import type { Account } from './accounts.ts'
import { type CommandName, type Permission, RIGHTS } from './roles.ts'

/**
 * What a route asks for. `anyone`: no session needed. `object` says whose data the request is about: `none`, the body of a
 * case, or a body named in the request (`listed`: the answer is cut to what the account may see when none is named).
 */
export interface Need {
  permission: Permission | 'anyone'
  object: 'none' | 'case' | 'constituent' | 'listed'
  /** True for the few routes that work before a first password was changed. */
  beforePasswordChange?: boolean
}

/** Whose data a request is about: a body, everything that the account may see, or a thing that is not known. */
export type Target = { kind: 'none' } | { kind: 'constituent'; id: string } | { kind: 'unknown' }

export type Verdict =
  | { kind: 'allowed' }
  | { kind: 'not-signed-in' }
  | { kind: 'password-change-needed' }
  | { kind: 'denied'; reason: string }
  /** Only told to accounts that see every body: a bound account gets `denied` for what is not there, as for what is not its own. */
  | { kind: 'absent' }

const allowed: Verdict = { kind: 'allowed' }

/** True when the account may see data of the body: the one wall between bodies (design.md 2.6, VN-2.1). */
export function maySee(account: Account, constituent: string): boolean {
  return account.constituents === null || account.constituents.includes(constituent)
}

/** The one place that decides. Takes the need of a route, who asks (null for nobody) and what about. */
export function authorize(need: Need, account: Account | null, target: Target): Verdict {
  if (need.permission === 'anyone') return allowed
  if (account === null) return { kind: 'not-signed-in' }
  if (account.mustChangePassword && need.beforePasswordChange !== true) return { kind: 'password-change-needed' }
  if (!RIGHTS[account.role].permissions.includes(need.permission))
    return { kind: 'denied', reason: `The role ${account.role} has no right "${need.permission}".` }
  switch (target.kind) {
    case 'none':
      return need.object === 'none' || need.object === 'listed'
        ? allowed
        : { kind: 'denied', reason: 'The request names no body.' }
    case 'constituent':
      return maySee(account, target.id) ? allowed : { kind: 'denied', reason: 'The account is not bound to that body.' }
    case 'unknown':
      return account.constituents === null
        ? { kind: 'absent' }
        : { kind: 'denied', reason: 'The account is not bound to that body.' }
  }
}

/** True when the account's role may open a case by hand for a body that it may see. */
export function mayCreate(account: Account): boolean {
  return RIGHTS[account.role].creates
}

/** True when the account's role may give this command on a case that it may see. */
export function mayCommand(account: Account, command: CommandName): boolean {
  return RIGHTS[account.role].commands.includes(command)
}

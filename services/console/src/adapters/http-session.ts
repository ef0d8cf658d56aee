import { TocsinError } from '@tocsin/runtime'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { type Account, checkPassword, MAX_PASSWORD_LENGTH } from '../accounts.ts'
import { RIGHTS } from '../roles.ts'
import type { ConsoleParts } from './console-parts.ts'
import { auditCall, type Call, cookieName } from './http-guard.ts'

const signInForm = z.strictObject({ name: z.string().max(64), password: z.string().max(MAX_PASSWORD_LENGTH) })
const passwordForm = z.strictObject({
  password: z.string().max(MAX_PASSWORD_LENGTH),
  newPassword: z.string().max(MAX_PASSWORD_LENGTH),
})
const none = { kind: 'none' } as const

/** Who is signed in, and the server's time; null for nobody. */
export function readSession(call: Call): unknown {
  return { now: call.now, account: call.account === null ? null : accountView(call.account) }
}

export async function signIn(call: Call, parts: ConsoleParts, reply: FastifyReply): Promise<unknown> {
  const form = signInForm.safeParse(call.request.body)
  if (!form.success) throw new TocsinError('bad_request', 'A sign-in has a name and a password.')
  const name = form.data.name.trim().toLowerCase()
  await throttled(name, call, parts)
  const account = parts.accounts.get(name)
  const fits = await parts.passwords.fits(form.data.password, account?.password ?? null)
  if (account === undefined || !fits) {
    // A name that is no account's may be a password typed in the wrong box: it is not written down.
    const reason = account === undefined ? 'no such account' : `wrong password of ${account.name}`
    await auditCall('sign-in', call, parts, none, 'failed', reason)
    throw new TocsinError('wrong_login', 'Name or password is wrong.')
  }
  parts.throttle.succeeded(name, call.address, call.now)
  await auditCall('sign-in', { ...call, account }, parts, none, 'allowed', null)
  startSession(account, call, parts, reply)
  return { now: call.now, account: accountView(account) }
}

export async function signOut(call: Call, parts: ConsoleParts, reply: FastifyReply): Promise<unknown> {
  if (call.session !== null) parts.sessions.end(call.session.id)
  await auditCall('sign-out', call, parts, none, 'allowed', null)
  void reply.clearCookie(cookieName(parts.settings), cookieOptions(parts))
  return { now: call.now, account: null }
}

export async function changePassword(call: Call, parts: ConsoleParts, reply: FastifyReply): Promise<unknown> {
  const form = passwordForm.safeParse(call.request.body)
  const { account } = call
  if (!form.success || account === null)
    throw new TocsinError('bad_request', 'A change has the password of now and the new one.')
  await throttled(account.name, call, parts)
  const { password, newPassword } = form.data
  if (!(await parts.passwords.fits(password, account.password))) {
    await auditCall('password-change', call, parts, none, 'failed', 'wrong password of now')
    throw new TocsinError('wrong_login', 'The password of now is wrong.')
  }
  parts.throttle.succeeded(account.name, call.address, call.now)
  checkPassword(account.name, newPassword)
  if (password === newPassword) throw new TocsinError('weak_password', 'The new password is the old one.')
  const hash = await parts.passwords.hash(newPassword)
  // Written down before it is done: what cannot be written down is not done.
  await auditCall('password-change', call, parts, none, 'allowed', null)
  const changed = await parts.accounts.change(account.name, (before) => ({
    ...(before ?? account),
    password: hash,
    mustChangePassword: false,
    version: (before ?? account).version + 1,
    changedAt: call.now,
  }))
  if (account.name === 'admin') parts.accounts.keepFirstPassword(null)
  // Every other session of the account has ended with its version; this one goes on under a new token.
  if (call.session !== null) parts.sessions.end(call.session.id)
  startSession(changed, call, parts, reply)
  return { now: call.now, account: accountView(changed) }
}

async function throttled(name: string, call: Call, parts: ConsoleParts): Promise<void> {
  const waitMs = parts.throttle.begin(name, call.address, call.now)
  if (waitMs === 0) return
  const seconds = Math.ceil(waitMs / 1_000)
  const error = new TocsinError('too_many_tries', `Too many wrong tries; wait ${seconds} s.`)
  throw Object.assign(error, { waitMs })
}

function startSession(account: Account, call: Call, parts: ConsoleParts, reply: FastifyReply): void {
  const token = parts.sessions.start(account.name, account.version, call.now)
  void reply.setCookie(cookieName(parts.settings), token, cookieOptions(parts))
}

function cookieOptions(parts: ConsoleParts) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: parts.settings.isSecure } as const
}

function accountView({ name, role, constituents, mustChangePassword }: Account) {
  return { name, role, constituents, mustChangePassword, commands: RIGHTS[role].commands }
}

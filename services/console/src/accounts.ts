import { TocsinError } from '@tocsin/runtime'
import { z } from 'zod'
import { RIGHTS, ROLES, type Role } from './roles.ts'

const NAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/
const CONSTITUENT = /^[a-z0-9][a-z0-9-]{0,62}$/

export const MIN_PASSWORD_LENGTH = 12
export const MAX_PASSWORD_LENGTH = 256
const MAX_ACCOUNTS = 10_000

const passwordSchema = z.strictObject({
  algorithm: z.literal('scrypt'),
  cost: z
    .int()
    .min(2 ** 14)
    .max(2 ** 20),
  blockSize: z.int().min(8).max(32),
  salt: z.base64(),
  hash: z.base64(),
})

/** A password as it is kept: scrypt (RFC 7914) with its own salt. */
export type PasswordHash = z.infer<typeof passwordSchema>

const accountSchema = z.strictObject({
  name: z.string().regex(NAME),
  role: z.enum(ROLES),
  /** Bodies that the account may see; null for all. */
  constituents: z.array(z.string().regex(CONSTITUENT)).max(1_000).nullable(),
  password: passwordSchema,
  mustChangePassword: z.boolean(),
  /** Rises with every change; sessions of an older one end. */
  version: z.int(),
  changedAt: z.int(),
})

/** A local account. */
export type Account = z.infer<typeof accountSchema>

/** `accounts.json`. */
export const accountFileSchema = z.strictObject({
  format: z.literal('tocsin/accounts/1'),
  accounts: z.array(accountSchema).max(MAX_ACCOUNTS),
})

/** What an account may see: takes the role and the bodies asked for; gives null for all. Throws `bad_account`. */
export function scopeOf(role: Role, constituents: readonly string[]): string[] | null {
  const strange = constituents.find((id) => !CONSTITUENT.test(id))
  if (strange !== undefined)
    throw new TocsinError('bad_account', `"${strange}" is no id of a body: lower-case letters, digits and hyphens.`)
  const { scope } = RIGHTS[role]
  if (scope === 'all' && constituents.length > 0)
    throw new TocsinError('bad_account', `The role ${role} sees every body; name none.`)
  if (scope === 'bound' && constituents.length === 0)
    throw new TocsinError(
      'bad_account',
      `The role ${role} is bound to bodies; name at least one with --constituent ID.`,
    )
  return constituents.length === 0 ? null : [...new Set(constituents)].sort()
}

/** Throws `bad_account` when the name cannot be an account's. */
export function checkName(name: string): void {
  if (!NAME.test(name))
    throw new TocsinError(
      'bad_account',
      'A name has 1 to 64 lower-case letters, digits and . _ @ -, and begins with a letter or digit.',
    )
}

/** Throws `weak_password` when the password is too short, too long, or the account's own name (NIST SP 800-63B 3.1.1.2). */
export function checkPassword(name: string, password: string): void {
  const length = Array.from(password).length
  if (length < MIN_PASSWORD_LENGTH || password.length > MAX_PASSWORD_LENGTH)
    throw new TocsinError(
      'weak_password',
      `A password has ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters; a few words are good.`,
    )
  if (password.toLowerCase().includes(name.toLowerCase()) || new Set(password).size < 5)
    throw new TocsinError('weak_password', 'The password repeats the name or a few characters; take another one.')
}

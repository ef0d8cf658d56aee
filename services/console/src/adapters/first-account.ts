import type { Log } from '@tocsin/runtime'
import { type Passwords, randomPassword } from '../passwords.ts'
import type { AccountFile } from './account-file.ts'

/** On the very first start: an account `admin` with a password of its own, to be changed at the first sign-in. */
export async function makeFirstAccount(
  accounts: AccountFile,
  passwords: Passwords,
  now: number,
  log: Log,
): Promise<void> {
  if (!accounts.isEmpty) return
  const first = randomPassword()
  const hash = await passwords.hash(first)
  accounts.keepFirstPassword(first)
  await accounts.change('admin', () => ({
    name: 'admin',
    role: 'national',
    constituents: null,
    password: hash,
    mustChangePassword: true,
    version: 1,
    changedAt: now,
  }))
  log.warn(
    { code: 'first_start' },
    `First start: sign in as admin with ${first} (also in the file first-password of the data folder) and change it.`,
  )
}

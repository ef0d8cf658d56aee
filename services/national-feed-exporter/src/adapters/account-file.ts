import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { TocsinError } from '@tocsin/runtime'
import { type Account, accountSchema, readAccount } from '../account/account.ts'

/** Reads an account file. Throws `unreadable_file` or `bad_account_record`. */
export function loadAccount(path: string): Account {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new TocsinError('unreadable_file', `${path} cannot be read: ${(error as Error).message}.`, error)
  }
  return readAccount(text, path)
}

/** Writes an account file, whole or not at all. */
export function saveAccount(path: string, account: Account): void {
  writeFileSync(`${path}.part`, `${JSON.stringify(accountSchema.parse(account), null, 2)}\n`, {
    flush: true,
    mode: 0o600,
  })
  renameSync(`${path}.part`, path)
}

/**
 * Gives the account as its file says now, looked at again at most every `everyMs`: a suspension holds at once (TW-3.5). A file
 * that became wrong changes nothing until it is right.
 */
export function followAccount(path: string, everyMs: number, onWrong: (error: unknown) => void): () => Account {
  let account = loadAccount(path)
  let lookedAt = performance.now()
  return () => {
    if (performance.now() - lookedAt < everyMs) return account
    lookedAt = performance.now()
    try {
      account = loadAccount(path)
    } catch (error) {
      onWrong(error)
    }
    return account
  }
}

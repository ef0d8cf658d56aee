import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf, TocsinError } from '@tocsin/runtime'
import { type Account, accountFileSchema } from '../accounts.ts'

const LOCK_TRIES = 100
const LOCK_PAUSE_MS = 50
const STALE_LOCK_MS = 10_000

/**
 * Local accounts in `accounts.json` of the data folder (0600). Each write replaces the file at once, under a lock, so that the
 * command line and a running console do not lose each other's changes; a change by the other is seen at the next look.
 */
export class AccountFile {
  readonly #folder: string
  readonly #path: string
  #accounts: ReadonlyMap<string, Account> = new Map()
  #seen = ''

  constructor(folder: string) {
    this.#folder = folder
    this.#path = join(folder, 'accounts.json')
    mkdirSync(folder, { recursive: true })
    this.#look()
  }

  get isEmpty(): boolean {
    this.#look()
    return this.#accounts.size === 0
  }

  get(name: string): Account | undefined {
    this.#look()
    return this.#accounts.get(name)
  }

  list(): Account[] {
    this.#look()
    return [...this.#accounts.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Replaces one account by what `change` makes of it (undefined: there is none yet); what it throws changes nothing. */
  async change(name: string, change: (account: Account | undefined) => Account): Promise<Account> {
    const unlock = await this.#lock()
    try {
      this.#look()
      const account = change(this.#accounts.get(name))
      this.#write(new Map(this.#accounts).set(name, account))
      return account
    } finally {
      unlock()
    }
  }

  /** Puts the first password where only the owner of the data folder can read it; null takes it away. */
  keepFirstPassword(password: string | null): void {
    const path = join(this.#folder, 'first-password')
    if (password === null) rmSync(path, { force: true })
    else writePrivately(path, `${password}\n`)
  }

  #look(): void {
    if (!existsSync(this.#path)) return
    const { mtimeMs, size, ino } = statSync(this.#path)
    const seen = `${mtimeMs}/${size}/${ino}`
    if (seen === this.#seen) return
    try {
      const { accounts } = accountFileSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')))
      this.#accounts = new Map(accounts.map((account) => [account.name, account]))
      this.#seen = seen
    } catch (error) {
      throw new TocsinError('bad_account_file', `${this.#path} cannot be read: ${messageOf(error)}.`, error)
    }
  }

  #write(accounts: ReadonlyMap<string, Account>): void {
    const file = accountFileSchema.parse({ format: 'tocsin/accounts/1', accounts: [...accounts.values()] })
    writePrivately(this.#path, `${JSON.stringify(file, null, 2)}\n`)
    this.#seen = ''
    this.#look()
  }

  async #lock(): Promise<() => void> {
    const path = `${this.#path}.lock`
    for (let tries = 0; tries < LOCK_TRIES; tries++) {
      try {
        closeSync(openSync(path, 'wx', 0o600))
        return () => rmSync(path, { force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const age = existsSync(path) ? Date.now() - statSync(path).mtimeMs : 0
      if (age > STALE_LOCK_MS) rmSync(path, { force: true })
      else await pause(LOCK_PAUSE_MS)
    }
    throw new TocsinError('account_file_locked', `${path} is held by another process; remove it if there is none.`)
  }
}

function writePrivately(path: string, text: string): void {
  const part = `${path}.part`
  writeFileSync(part, text, { mode: 0o600, flush: true })
  chmodSync(part, 0o600)
  renameSync(part, path)
}

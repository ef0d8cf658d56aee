import { createHash, randomBytes } from 'node:crypto'

/** How long sessions live. */
export interface SessionLimits {
  idleMs: number
  absoluteMs: number
}

/** A signed-in browser. The token itself is kept nowhere, only its hash. */
export interface Session {
  id: string
  account: string
  /** Version of the account at sign-in; a changed account ends the session. */
  accountVersion: number
  startedAt: number
  usedAt: number
}

const MAX_SESSIONS = 10_000
const MAX_PER_ACCOUNT = 20

/** Sessions in memory: a restart of the console signs everybody out. */
export class Sessions {
  readonly #limits: SessionLimits
  readonly #byId = new Map<string, Session>()

  constructor(limits: SessionLimits) {
    this.#limits = limits
  }

  /** Starts a session; gives the token for the cookie (256 random bits). */
  start(account: string, accountVersion: number, now: number): string {
    const token = randomBytes(32).toString('base64url')
    const id = idOf(token)
    this.#makeRoom(account, now)
    this.#byId.set(id, { id, account, accountVersion, startedAt: now, usedAt: now })
    return token
  }

  /** The session of a token, used at `now`; null when there is none or it has ended. */
  use(token: string | undefined, now: number): Session | null {
    if (token === undefined || token.length > 100) return null
    const session = this.alive(idOf(token), now)
    if (session !== null) session.usedAt = Math.max(session.usedAt, now)
    return session
  }

  /** The same by id and without using it: what an open stream asks. */
  alive(id: string, now: number): Session | null {
    const session = this.#byId.get(id)
    if (session === undefined) return null
    if (!this.#hasEnded(session, now)) return session
    this.#byId.delete(id)
    return null
  }

  end(id: string): void {
    this.#byId.delete(id)
  }

  get size(): number {
    return this.#byId.size
  }

  #hasEnded(session: Session, now: number): boolean {
    return now - session.usedAt > this.#limits.idleMs || now - session.startedAt > this.#limits.absoluteMs
  }

  #makeRoom(account: string, now: number): void {
    const own: Session[] = []
    for (const session of this.#byId.values()) {
      if (this.#hasEnded(session, now)) this.#byId.delete(session.id)
      else if (session.account === account) own.push(session)
    }
    if (own.length >= MAX_PER_ACCOUNT) this.#byId.delete(own[0]?.id ?? '')
    if (this.#byId.size >= MAX_SESSIONS) this.#byId.delete(this.#byId.keys().next().value ?? '')
  }
}

function idOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

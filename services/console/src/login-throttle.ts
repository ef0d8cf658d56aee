interface Tries {
  count: number
  lastAt: number
}

const FORGET_AFTER_MS = 15 * 60_000
const FREE_TRIES = 5
const MAX_PER_ACCOUNT = 20
const MAX_PER_ADDRESS = 30
const MAX_ENTRIES = 10_000

/**
 * Slows guessing down per account, per address, and per pair of both. A pair that signed in before is held by its own
 * failures only, so that somebody who guesses elsewhere cannot lock the owner out (SEC-S23). Memory is bounded.
 */
export class LoginThrottle {
  readonly #tries = new Map<string, Tries>()
  readonly #known = new Map<string, number>()

  /** Counts a try before it is made; gives 0 when it may be made, else the milliseconds to wait. */
  begin(account: string, address: string, now: number): number {
    const pair = `${account}\n${address}`
    const bounds: [string, number][] = [[`pair ${pair}`, FREE_TRIES]]
    if (!this.#known.has(pair)) {
      bounds.push([`account ${account}`, MAX_PER_ACCOUNT], [`address ${address}`, MAX_PER_ADDRESS])
    }
    const waits = bounds.map(([key, free]) => this.#waitOf(key, free, now))
    const waitMs = Math.max(...waits)
    if (waitMs > 0) return waitMs
    for (const [key] of bounds) this.#count(key, now)
    return 0
  }

  /** The try was right: its pair is known from now on, and the tries of the pair are forgotten. */
  succeeded(account: string, address: string, now: number): void {
    const pair = `${account}\n${address}`
    this.#tries.delete(`pair ${pair}`)
    keep(this.#known, pair, now)
  }

  get size(): number {
    return this.#tries.size + this.#known.size
  }

  /** Beyond the free tries each one doubles the wait: 1 s, 2 s, 4 s, at most 15 minutes. */
  #waitOf(key: string, free: number, now: number): number {
    const tries = this.#tries.get(key)
    if (tries === undefined || now - tries.lastAt > FORGET_AFTER_MS || tries.count < free) return 0
    const pauseMs = Math.min(FORGET_AFTER_MS, 1_000 * 2 ** Math.min(20, tries.count - free))
    return Math.max(0, tries.lastAt + pauseMs - now)
  }

  #count(key: string, now: number): void {
    const tries = this.#tries.get(key)
    const stale = tries === undefined || now - tries.lastAt > FORGET_AFTER_MS
    keep(this.#tries, key, { count: stale ? 1 : tries.count + 1, lastAt: now })
  }
}

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > MAX_ENTRIES) map.delete(map.keys().next().value ?? '')
}

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { TocsinError } from '@tocsin/runtime'
import type { PasswordHash } from './accounts.ts'

/** 32 MiB and about 80 ms a try (OWASP: at least N = 2^15 with r = 8 where more lanes are not used). */
const COST = 2 ** 15
const BLOCK_SIZE = 8
const KEY_BYTES = 32
const MAX_AT_ONCE = 2
const MAX_WAITING = 40

/**
 * Hashes and compares passwords. At most two at once, so that a flood of logins costs bounded memory and leaves the event
 * loop free; beyond a short queue it throws `too_many_tries`.
 */
export class Passwords {
  #running = 0
  readonly #waiting: (() => void)[] = []

  async hash(password: string): Promise<PasswordHash> {
    const salt = randomBytes(16)
    const hash = await this.#derive(password, salt, COST, BLOCK_SIZE)
    return {
      algorithm: 'scrypt',
      cost: COST,
      blockSize: BLOCK_SIZE,
      salt: salt.toString('base64'),
      hash: hash.toString('base64'),
    }
  }

  /** True when the password fits. With null (no such account) it works as long and gives false. */
  async fits(password: string, kept: PasswordHash | null): Promise<boolean> {
    const salt = kept === null ? randomBytes(16) : Buffer.from(kept.salt, 'base64')
    const derived = await this.#derive(password, salt, kept?.cost ?? COST, kept?.blockSize ?? BLOCK_SIZE)
    if (kept === null) return false
    const hash = Buffer.from(kept.hash, 'base64')
    return hash.length === derived.length && timingSafeEqual(hash, derived)
  }

  async #derive(password: string, salt: Buffer, cost: number, blockSize: number): Promise<Buffer> {
    await this.#turn()
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        const options = { N: cost, r: blockSize, p: 1, maxmem: 256 * cost * blockSize }
        scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => {
          if (error === null) resolve(key)
          else reject(error)
        })
      })
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= MAX_AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING)
        throw new TocsinError('too_many_tries', 'Too many people sign in at this moment; try again in a few seconds.')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#running++
  }
}

/** A password for the first start: 120 random bits in five groups that can be typed. */
export function randomPassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
  const letters = Array.from(randomBytes(25), (byte) => alphabet[byte % alphabet.length] ?? 'x').join('')
  return letters.replace(/(.{5})(?=.)/g, '$1-')
}

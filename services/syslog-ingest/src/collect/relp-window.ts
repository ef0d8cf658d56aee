/** RELP's transaction numbers run from 1 to this, then from 1 again (librelp, doc/relp.html). */
export const TXNR_MAX = 999_999_999

/**
 * The lines that wait for the centre's answer: which number each went out under, and up to which line everything has been
 * answered. Answers may come in any order; only what has no open line before it counts as arrived.
 */
export class RelpWindow {
  readonly #waiting = new Map<number, { seq: number; answered: boolean }>()
  #txnr = 1
  #arrivedSeq: number

  constructor(arrivedSeq: number) {
    this.#arrivedSeq = arrivedSeq
  }

  /** Lines without an answer, or with one that must wait for an older line's. */
  get size(): number {
    return this.#waiting.size
  }

  /** The last line up to which all are answered. */
  get arrivedSeq(): number {
    return this.#arrivedSeq
  }

  /** The next transaction number, for a command that is no line. */
  nextTxnr(): number {
    const txnr = this.#txnr
    this.#txnr = txnr === TXNR_MAX ? 1 : txnr + 1
    return txnr
  }

  /** Takes a line's number; gives the transaction number that it goes out under. */
  sent(seq: number): number {
    const txnr = this.nextTxnr()
    this.#waiting.set(txnr, { seq, answered: false })
    return txnr
  }

  /** The centre has answered; gives whether it was asked under this number at all. */
  answered(txnr: number): boolean {
    const line = this.#waiting.get(txnr)
    if (line === undefined) return false
    line.answered = true
    for (const [number, { seq, answered }] of this.#waiting) {
      if (!answered) break
      this.#arrivedSeq = seq
      this.#waiting.delete(number)
    }
    return true
  }
}

/** Takes a transaction number, a command and its data; gives the frame. */
export function relpFrame(txnr: number, command: string, data: Buffer): Buffer {
  const head = data.length === 0 ? `${txnr} ${command} 0` : `${txnr} ${command} ${data.length} `
  return Buffer.concat([Buffer.from(head), data, LF])
}

const LF = Buffer.from('\n')

/** How a frame was told from its neighbours; `datagram` is a UDP payload. */
export type Framing = 'datagram' | 'octet-counting' | 'newline' | 'nul' | 'relp' | 'beats' | 'ndjson'

/** Gets each frame: its octets (framing removed), how many octets were cut from its end, and how it was framed. */
export type OnFrame = (octets: Buffer, truncatedBytes: number, framing: Framing) => void

const LF = 0x0a
const CR = 0x0d
const NUL = 0x00
const SPACE = 0x20
const DIGIT_0 = 0x30
const DIGIT_1 = 0x31
const DIGIT_9 = 0x39
const LESS_THAN = 0x3c
const BRACE = 0x7b
const NOWHERE = Number.POSITIVE_INFINITY
const EMPTY: Buffer = Buffer.alloc(0)

/** A count above this is no length but text: skipping gigabytes on a stranger's word would swallow good messages. */
export const MAX_COUNT = 16 * 1024 * 1024
const MAX_COUNT_DIGITS = String(MAX_COUNT).length
const TRUNCATED_MAX = 0x7fffffff

type Mode = 'start' | 'deciding' | 'counted' | 'line'

/**
 * Cuts the octets of one TCP or TLS connection into frames. Octet counting (RFC 6587 3.4.1, RFC 5425 4.3) and framing by
 * LF or NUL (RFC 6587 3.4.2) are told apart at each frame's first octets, because one relay may send both.
 *
 * A frame is octet-counted when it begins with a count without leading zero, a space and a message: `<` of the PRI or
 * `{` of a bare JSON object, or anything where the frame before was counted. Everything else is a line: a count that
 * cannot be one (`4294967296 `, `007 `, `12ab`) stays part of the line's octets and nothing is lost.
 * A frame longer than `maxFrameBytes` is cut and the rest of it skipped, never taken for the next message. Empty lines
 * are padding (RFC 6587 leaves them to the sender) and give no frame. Memory is at most `maxFrameBytes`.
 */
export class Framer {
  readonly #onFrame: OnFrame
  readonly #maxFrameBytes: number
  #mode: Mode = 'start'
  #kept: Buffer = EMPTY
  #keptBytes = 0
  #cutBytes = 0
  #remaining = 0
  #lastWasCounted = false
  #lfAt = -1
  #nulAt = -1

  constructor(onFrame: OnFrame, maxFrameBytes = 65_536) {
    this.#onFrame = onFrame
    this.#maxFrameBytes = maxFrameBytes
  }

  /** True while a frame has begun and not ended: what a slow-loris time-out looks at. */
  get unfinished(): boolean {
    return this.#mode !== 'start'
  }

  /** Takes the next octets of the connection; calls `onFrame` for every frame that they end. */
  push(chunk: Buffer): void {
    let octets = chunk
    if (this.#mode === 'deciding') {
      octets = Buffer.concat([this.#kept.subarray(0, this.#keptBytes), chunk])
      this.#reset()
    }
    this.#lfAt = -1
    this.#nulAt = -1
    for (let at = 0; at < octets.length; ) {
      if (this.#mode === 'start') at = this.#begin(octets, at)
      else if (this.#mode === 'counted') at = this.#takeCounted(octets, at)
      else at = this.#takeLine(octets, at)
    }
  }

  /** The connection has ended: gives what was begun. The missing octets of a counted frame are told as truncated. */
  end(): void {
    if (this.#mode === 'counted') this.#emitKept(this.#remaining, 'octet-counting')
    else if (this.#mode !== 'start') this.#emitLine(0, 'newline')
    this.#reset()
  }

  #begin(octets: Buffer, at: number): number {
    const first = octets[at] as number
    if (first === LF || first === NUL) return at + 1
    if (first < DIGIT_1 || first > DIGIT_9) {
      this.#mode = 'line'
      return at
    }
    let count = 0
    let next = at
    for (; next < octets.length && next - at <= MAX_COUNT_DIGITS; next++) {
      const octet = octets[next] as number
      if (octet < DIGIT_0 || octet > DIGIT_9) break
      count = count * 10 + (octet - DIGIT_0)
    }
    const undecided = next - at <= MAX_COUNT_DIGITS && count <= MAX_COUNT
    if (undecided && next === octets.length) return this.#decideLater(octets, at)
    if (!undecided || octets[next] !== SPACE) return this.#beginLine(at)
    const body = octets[next + 1]
    if (!this.#lastWasCounted) {
      if (body === undefined) return this.#decideLater(octets, at)
      if (body !== LESS_THAN && body !== BRACE) return this.#beginLine(at)
    }
    this.#mode = 'counted'
    this.#remaining = count
    return next + 1
  }

  #beginLine(at: number): number {
    this.#mode = 'line'
    return at
  }

  /** The first octets do not tell yet; they are at most a count and a space. */
  #decideLater(octets: Buffer, at: number): number {
    this.#mode = 'deciding'
    this.#keep(octets.subarray(at))
    return octets.length
  }

  #takeCounted(octets: Buffer, at: number): number {
    const end = Math.min(octets.length, at + this.#remaining)
    const part = octets.subarray(at, end)
    this.#remaining -= part.length
    if (this.#remaining > 0) {
      this.#keep(part)
      return end
    }
    if (this.#keptBytes === 0 && part.length <= this.#maxFrameBytes) {
      this.#mode = 'start'
      this.#lastWasCounted = true
      this.#onFrame(part, 0, 'octet-counting')
      return end
    }
    this.#keep(part)
    this.#emitKept(0, 'octet-counting')
    this.#lastWasCounted = true
    return end
  }

  #takeLine(octets: Buffer, at: number): number {
    if (this.#lfAt < at) this.#lfAt = indexOrNowhere(octets.indexOf(LF, at))
    if (this.#nulAt < at) this.#nulAt = indexOrNowhere(octets.indexOf(NUL, at))
    const end = Math.min(this.#lfAt, this.#nulAt)
    if (end === NOWHERE) {
      this.#keep(octets.subarray(at))
      return octets.length
    }
    const framing = end === this.#lfAt ? 'newline' : 'nul'
    const part = octets.subarray(at, end)
    if (this.#keptBytes === 0 && part.length <= this.#maxFrameBytes) {
      this.#mode = 'start'
      this.#lastWasCounted = false
      if (!isEmptyLine(part)) this.#onFrame(part, 0, framing)
      return end + 1
    }
    this.#keep(part)
    this.#emitLine(0, framing)
    this.#lastWasCounted = false
    return end + 1
  }

  #emitLine(missingBytes: number, framing: Framing): void {
    if (isEmptyLine(this.#kept.subarray(0, this.#keptBytes))) this.#reset()
    else this.#emitKept(missingBytes, framing)
  }

  #emitKept(missingBytes: number, framing: Framing): void {
    const octets = this.#kept.subarray(0, this.#keptBytes)
    const truncatedBytes = Math.min(TRUNCATED_MAX, this.#cutBytes + missingBytes)
    this.#reset()
    if (octets.length > 0) this.#onFrame(octets, truncatedBytes, framing)
  }

  /** Copies, so that a few octets do not hold a whole read buffer; beyond the bound it only counts. */
  #keep(part: Buffer): void {
    const room = this.#maxFrameBytes - this.#keptBytes
    const take = Math.min(room, part.length)
    this.#cutBytes = Math.min(TRUNCATED_MAX, this.#cutBytes + part.length - take)
    const needed = this.#keptBytes + take
    if (needed > this.#kept.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#maxFrameBytes, Math.max(256, needed * 2)))
      this.#kept.copy(grown, 0, 0, this.#keptBytes)
      this.#kept = grown
    }
    part.copy(this.#kept, this.#keptBytes, 0, take)
    this.#keptBytes = needed
  }

  /** The kept octets now belong to the one who got the frame, so the buffer is not used again. */
  #reset(): void {
    this.#mode = 'start'
    this.#kept = EMPTY
    this.#keptBytes = 0
    this.#cutBytes = 0
    this.#remaining = 0
  }
}

const indexOrNowhere = (index: number): number => (index === -1 ? NOWHERE : index)

const isEmptyLine = (octets: Buffer): boolean => octets.length === 0 || (octets.length === 1 && octets[0] === CR)

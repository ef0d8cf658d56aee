/** One RELP frame as it came in. */
export interface RelpFrame {
  /** Transaction number, 1 to 999999999; 0 is a hint that wants no answer. */
  txnr: number
  command: string
  data: Buffer
  /** Octets cut from the end of `data` because it was longer than the bound. */
  truncatedBytes: number
}

const LF = 0x0a
const SPACE = 0x20
const EMPTY: Buffer = Buffer.alloc(0)
/** `999999999 <32 letters> 999999999 `: the longest header of the specification. */
const HEADER_MAX_BYTES = 9 + 1 + 32 + 1 + 9 + 1
const HEADER = /^(0|[1-9]\d{0,8}) ([A-Za-z]{1,32}) (0|[1-9]\d{0,8})$/
/** A sender that announces more than this is broken, or wants our memory. */
const DATA_MAX_BYTES = 16 * 1024 * 1024

/**
 * Cuts the octets of one connection into RELP frames: `TXNR SP COMMAND SP DATALEN [SP DATA] LF` (the specification of
 * librelp, doc/relp.html). A frame is given only when its trailer has come, so that a sender that counts one length and
 * sends another loses the connection and not the border between two messages. Memory is at most `maxDataBytes`.
 */
export class RelpFramer {
  readonly #onFrame: (frame: RelpFrame) => void
  readonly #maxDataBytes: number
  #header: Buffer = EMPTY
  #frame: RelpFrame | null = null
  #parts: Buffer[] = []
  #keptBytes = 0
  #remaining = 0
  #broken = false

  constructor(onFrame: (frame: RelpFrame) => void, maxDataBytes: number) {
    this.#onFrame = onFrame
    this.#maxDataBytes = maxDataBytes
  }

  /** True while a frame has begun and not ended. */
  get unfinished(): boolean {
    return this.#frame !== null || this.#header.length > 0
  }

  /** Takes the next octets; gives false when they are no RELP, after which everything is ignored. */
  push(chunk: Buffer): boolean {
    let at = 0
    while (at < chunk.length && !this.#broken) {
      at = this.#frame === null ? this.#takeHeader(chunk, at) : this.#takeData(chunk, at, this.#frame)
    }
    return !this.#broken
  }

  #takeHeader(chunk: Buffer, at: number): number {
    const held = this.#header.length
    const octets = Buffer.concat([this.#header, chunk.subarray(at, at + HEADER_MAX_BYTES)])
    // A length of 0 is followed by the trailer at once, any other by a space.
    const end = headerEnd(octets)
    if (end === -1) {
      this.#broken = octets.length >= HEADER_MAX_BYTES
      this.#header = octets
      return at + octets.length - held
    }
    const match = HEADER.exec(octets.toString('latin1', 0, end))
    const length = Number(match?.[3])
    if (match === null || length > DATA_MAX_BYTES || (octets[end] === LF && length > 0)) {
      this.#broken = true
      return chunk.length
    }
    this.#header = EMPTY
    this.#frame = { txnr: Number(match[1]), command: match[2] as string, data: EMPTY, truncatedBytes: 0 }
    this.#remaining = length
    // librelp writes `0 LF`, older senders `0 SP LF`.
    return at + end - held + (octets[end] === LF ? 0 : 1)
  }

  #takeData(chunk: Buffer, at: number, frame: RelpFrame): number {
    if (this.#remaining > 0) {
      const part = chunk.subarray(at, at + this.#remaining)
      this.#remaining -= part.length
      this.#keep(part, frame)
      return at + part.length
    }
    if (chunk[at] !== LF) {
      this.#broken = true
      return chunk.length
    }
    const [only] = this.#parts
    frame.data = only !== undefined && this.#parts.length === 1 ? only : Buffer.concat(this.#parts)
    this.#frame = null
    this.#parts = []
    this.#keptBytes = 0
    this.#onFrame(frame)
    return at + 1
  }

  #keep(part: Buffer, frame: RelpFrame): void {
    const take = Math.min(part.length, this.#maxDataBytes - this.#keptBytes)
    frame.truncatedBytes += part.length - take
    if (take === 0) return
    this.#keptBytes += take
    // An unfinished part is copied, so that a few octets do not hold a whole read buffer.
    this.#parts.push(this.#remaining === 0 ? part.subarray(0, take) : Buffer.from(part.subarray(0, take)))
  }
}

/** Place of the separator after the third word, or -1. */
function headerEnd(octets: Buffer): number {
  const first = octets.indexOf(SPACE)
  const second = first === -1 ? -1 : octets.indexOf(SPACE, first + 1)
  if (second === -1) return -1
  for (let at = second + 1; at < octets.length; at++) if (octets[at] === SPACE || octets[at] === LF) return at
  return -1
}

/** Takes a transaction number and the text of an answer; gives the frame `rsp`. */
export function relpResponse(txnr: number, text: string): string {
  return `${txnr} rsp ${Buffer.byteLength(text)} ${text}\n`
}

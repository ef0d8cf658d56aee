import { inflateSync } from 'node:zlib'

/** What a lumberjack sender says. */
export type LumberjackFrame =
  /** So many events follow, and one answer is expected for all of them. */
  { kind: 'window'; size: number } | { kind: 'event'; seq: number; octets: Buffer; truncatedBytes: number }

const VERSION_2 = 0x32
const WINDOW = 0x57
const JSON_EVENT = 0x4a
const COMPRESSED = 0x43
const EMPTY: Buffer = Buffer.alloc(0)
/** Beats send 2,048 events at a time by default. */
const WINDOW_MAX = 100_000
const EVENT_MAX_BYTES = 16 * 1024 * 1024
const COMPRESSED_MAX_BYTES = 16 * 1024 * 1024
const INFLATED_MAX_BYTES = 64 * 1024 * 1024

/**
 * Cuts the octets of one connection into frames of lumberjack version 2 (Beats): a version, a letter, numbers of four octets
 * (big endian) and octets. `C` holds further frames, compressed by zlib, and never another `C`. Memory is bounded by the
 * largest compressed frame and what it may become.
 */
export class LumberjackFramer {
  readonly #onFrame: (frame: LumberjackFrame) => void
  readonly #maxEventBytes: number
  #held: Buffer[] = []
  #heldBytes = 0
  #wantedBytes = 0
  #broken = false

  constructor(onFrame: (frame: LumberjackFrame) => void, maxEventBytes: number) {
    this.#onFrame = onFrame
    this.#maxEventBytes = maxEventBytes
  }

  get unfinished(): boolean {
    return this.#heldBytes > 0
  }

  /** Takes the next octets; gives false when they are no lumberjack, after which everything is ignored. */
  push(chunk: Buffer): boolean {
    if (this.#broken) return false
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
    // Copying starts only when a whole frame is there, so that small pieces cost their own length.
    if (this.#heldBytes < this.#wantedBytes) return true
    const octets = this.#held.length === 1 ? chunk : Buffer.concat(this.#held)
    const at = this.#readAll(octets, true)
    const rest = at === octets.length ? EMPTY : octets.subarray(at)
    this.#held = rest.length === 0 ? [] : [rest.length * 2 < octets.length ? Buffer.from(rest) : rest]
    this.#heldBytes = rest.length
    return !this.#broken
  }

  /** Reads whole frames; gives the place of the first that is not whole. */
  #readAll(octets: Buffer, mayBeCompressed: boolean): number {
    let at = 0
    while (!this.#broken) {
      const left = octets.length - at
      const bytes = frameBytes(octets, at)
      this.#wantedBytes = bytes ?? 0
      if (bytes === null) this.#broken = true
      else if (left < bytes) return at
      else if (!this.#read(octets.subarray(at, at + bytes), mayBeCompressed)) this.#broken = true
      else at += bytes
    }
    return at
  }

  #read(frame: Buffer, mayBeCompressed: boolean): boolean {
    switch (frame[1]) {
      case WINDOW: {
        const size = frame.readUInt32BE(2)
        if (size === 0 || size > WINDOW_MAX) return false
        this.#onFrame({ kind: 'window', size })
        return true
      }
      case JSON_EVENT: {
        const octets = frame.subarray(10, 10 + this.#maxEventBytes)
        this.#onFrame({
          kind: 'event',
          seq: frame.readUInt32BE(2),
          octets,
          truncatedBytes: frame.length - 10 - octets.length,
        })
        return true
      }
      default:
        return mayBeCompressed && this.#readCompressed(frame.subarray(6))
    }
  }

  #readCompressed(octets: Buffer): boolean {
    let inflated: Buffer
    try {
      inflated = inflateSync(octets, { maxOutputLength: INFLATED_MAX_BYTES })
    } catch {
      return false
    }
    return this.#readAll(inflated, false) === inflated.length
  }
}

/** Length of the frame that begins at a place, as far as it is known: at least what its head needs. Null where it is none. */
function frameBytes(octets: Buffer, at: number): number | null {
  const left = octets.length - at
  if (left < 2) return left === 1 && octets[at] !== VERSION_2 ? null : 2
  if (octets[at] !== VERSION_2) return null
  switch (octets[at + 1]) {
    case WINDOW:
      return 6
    case JSON_EVENT: {
      if (left < 10) return 10
      const bytes = octets.readUInt32BE(at + 6)
      return bytes > EVENT_MAX_BYTES ? null : 10 + bytes
    }
    case COMPRESSED: {
      if (left < 6) return 6
      const bytes = octets.readUInt32BE(at + 2)
      return bytes > COMPRESSED_MAX_BYTES ? null : 6 + bytes
    }
    default:
      return null
  }
}

/** The answer: all events up to this number are in Kafka; 0 says only that we are still at it. */
export function lumberjackAnswer(seq: number): Buffer {
  const answer = Buffer.from('2A\0\0\0\0', 'latin1')
  answer.writeUInt32BE(seq, 2)
  return answer
}

import { type RawBlock, type RawFrame, uuidV7 } from '@tocsin/events'
import type { HashChain } from './chain.ts'
import type { Framing } from './framing.ts'

/** Bounds of one block (design.md 3). */
export const BLOCK_MAX_FRAMES = 500
export const BLOCK_MAX_BYTES = 64 * 1024
export const BLOCK_MAX_AGE_MS = 20

const MINUTE_MS = 60_000

/** What a block says of its sender. */
export interface BlockOrigin {
  constituent: string
  sourceId: string
  exercise: boolean
  listener: string
  transport: string
  peerAddress: string
  clientCertificate: string | null
}

/** What a transport knows of a frame beside its octets. */
export interface FrameMarks {
  /** Number by which the session hears that Kafka has the frame. */
  receipt?: number
  /** The sender may have repeated a frame that was accepted before (raw-block.avsc). */
  possibleRepeat?: boolean
  /** Collector and its number for the frame (design.md 2.3). */
  collectorId?: string
  collectorSeq?: number
  /** When the frame came in, where that was before now: a spool gives back what it kept. */
  receivedAtMs?: number
}

/** A block that is still being filled: frames of one sender, one minute. */
export class OpenBlock {
  readonly origin: BlockOrigin
  readonly minute: number
  readonly frames: RawFrame[] = []
  /** Receipts of its frames, in order, where the sender is answered. */
  readonly receipts: number[] = []
  #peerPort: number | null
  #bytes = 0

  constructor(origin: BlockOrigin, peerPort: number | null, nowMs: number) {
    this.origin = origin
    this.#peerPort = peerPort
    this.minute = Math.floor(nowMs / MINUTE_MS)
  }

  get bytes(): number {
    return this.#bytes
  }

  /** True when a frame of so many octets, received now, still belongs here. A block never spans two minutes, so that counts per minute agree at every hop. */
  takes(bytes: number, nowMs: number): boolean {
    return (
      this.frames.length < BLOCK_MAX_FRAMES &&
      (this.frames.length === 0 || this.#bytes + bytes <= BLOCK_MAX_BYTES) &&
      Math.floor(nowMs / MINUTE_MS) === this.minute
    )
  }

  add(
    octets: Buffer,
    truncatedBytes: number,
    framing: Framing,
    nowMs: number,
    peerPort: number | null,
    marks: FrameMarks,
  ): void {
    // A UDP sender may use a new port for every datagram: the block then names none.
    if (peerPort !== this.#peerPort) this.#peerPort = null
    if (marks.receipt !== undefined) this.receipts.push(marks.receipt)
    this.frames.push({
      octets,
      receivedAt: nowMs,
      truncatedBytes,
      framing,
      collectorId: marks.collectorId ?? null,
      collectorSeq: marks.collectorSeq ?? null,
      possibleRepeat: marks.possibleRepeat ?? false,
    })
    this.#bytes += octets.length
  }

  /** Closes the block: gives it its id, its time and its place in the chain. */
  close(chain: HashChain, nowMs: number): RawBlock {
    return {
      blockId: uuidV7(nowMs),
      ...this.origin,
      receivedAt: nowMs,
      peerPort: this.#peerPort,
      ingestId: chain.ingestId,
      ...chain.append(this.frames),
      frames: this.frames,
    }
  }
}

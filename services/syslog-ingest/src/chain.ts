import { hash } from 'node:crypto'
import type { RawBlock } from '@tocsin/events'

/** How far a chain has come: number and hash of its last block. */
export interface ChainHead {
  ingestId: string
  seq: number
  hash: Buffer
}

/** What the chain gives to a block. */
export interface ChainLink {
  chainSeq: number
  previousHash: Buffer
  blockHash: Buffer
}

const GENESIS: Buffer = Buffer.alloc(32)

/** SHA-256 over `previousHash` and the frames, each preceded by its length (4 octets, big endian): raw-block.avsc. */
export function blockHashOf(previousHash: Buffer, frames: readonly { octets: Buffer }[]): Buffer {
  const bytes = frames.reduce((sum, frame) => sum + 4 + frame.octets.length, previousHash.length)
  const input = Buffer.allocUnsafe(bytes)
  let at = previousHash.copy(input, 0)
  for (const { octets } of frames) {
    at = input.writeUInt32BE(octets.length, at)
    at += octets.copy(input, at)
  }
  return hash('sha256', input, 'buffer')
}

/**
 * The hash chain of one ingest (design.md 2.7): each block holds the hash of the one before it. `ingestId` is never
 * taken up again after a crash, because which of the last blocks reached Kafka is then unknown: a fork or a hole would
 * look like tampering. After a clean stop the next process goes on from the head.
 */
export class HashChain {
  readonly ingestId: string
  #seq: number
  #hash: Buffer
  #acknowledged: { seq: number; hash: Buffer }
  readonly #waiting = new Map<number, Buffer>()

  constructor(ingestId: string, head: ChainHead | null = null) {
    this.ingestId = ingestId
    this.#seq = head?.seq ?? 0
    this.#hash = head?.hash ?? GENESIS
    this.#acknowledged = { seq: this.#seq, hash: this.#hash }
  }

  /** Links the next block. */
  append(frames: readonly { octets: Buffer }[]): ChainLink {
    const previousHash = this.#hash
    this.#hash = blockHashOf(previousHash, frames)
    this.#seq += 1
    return { chainSeq: this.#seq, previousHash, blockHash: this.#hash }
  }

  /** Kafka has the block; acknowledgements may come out of order. */
  acknowledge(link: ChainLink): void {
    this.#waiting.set(link.chainSeq, link.blockHash)
    for (;;) {
      const seq = this.#acknowledged.seq + 1
      const blockHash = this.#waiting.get(seq)
      if (blockHash === undefined) return
      this.#waiting.delete(seq)
      this.#acknowledged = { seq, hash: blockHash }
    }
  }

  /** The last block up to which all are in Kafka: what a checkpoint may vouch for. */
  acknowledgedHead(): ChainHead {
    return { ingestId: this.ingestId, ...this.#acknowledged }
  }

  /** True when every block that was linked is in Kafka. */
  get settled(): boolean {
    return this.#acknowledged.seq === this.#seq
  }
}

/** Takes blocks of one chain in order; gives the `chainSeq` of the first that does not fit, or null when all do. */
export function firstBreak(
  blocks: readonly Pick<RawBlock, 'chainSeq' | 'previousHash' | 'blockHash' | 'frames'>[],
): number | null {
  for (const [index, block] of blocks.entries()) {
    const before = blocks[index - 1]
    const fits =
      before === undefined || (block.chainSeq === before.chainSeq + 1 && before.blockHash.equals(block.previousHash))
    if (!fits || !blockHashOf(block.previousHash, block.frames).equals(block.blockHash)) return block.chainSeq
  }
  return null
}

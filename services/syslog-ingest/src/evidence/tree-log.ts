import type { RawBlock } from '@tocsin/events'
import { leafOf } from './leaf.ts'
import { GrowingTree } from './merkle.ts'

/** A tree is closed when its span is over and what was received in it must be acknowledged. */
const GRACE_MS = 60_000

/** A finished tree over a range of one chain's blocks. */
export interface ClosedTree {
  ingestId: string
  firstSeq: number
  lastSeq: number
  root: Buffer
  /** Hash of the chain after its last block. */
  head: Buffer
  /** Start of its span, UTC ms. */
  from: number
}

/** The open tree as it stands, for the disk: after a crash it is closed with what it had. */
export interface TreeState {
  ingestId: string
  firstSeq: number
  size: number
  peaks: readonly Buffer[]
  head: Buffer
  from: number
}

/**
 * One Merkle tree for each span (an hour) over the acknowledged blocks of a chain, in chain order. Blocks are acknowledged in any order;
 * each waits here, as its leaf's hash, for those before it.
 */
export class TreeLog {
  readonly #ingestId: string
  readonly #spanMs: number
  readonly #waiting = new Map<number, { leaf: Buffer; blockHash: Buffer; from: number }>()
  readonly #closed: ClosedTree[] = []
  #nextSeq: number
  #firstSeq: number
  #tree = new GrowingTree()
  #head: Buffer = Buffer.alloc(32)
  #from = 0

  /** Goes on behind block `seq` of a chain, with a tree of its own. */
  constructor(ingestId: string, seq: number, spanMs: number) {
    this.#ingestId = ingestId
    this.#spanMs = spanMs
    this.#nextSeq = seq + 1
    this.#firstSeq = seq + 1
  }

  /** Kafka has the block. */
  acknowledge(block: RawBlock): void {
    const from = Math.floor(block.receivedAt / this.#spanMs) * this.#spanMs
    this.#waiting.set(block.chainSeq, { leaf: leafOf(block), blockHash: block.blockHash, from })
    for (;;) {
      const next = this.#waiting.get(this.#nextSeq)
      if (next === undefined) return
      this.#waiting.delete(this.#nextSeq)
      // A clock that steps back opens no second tree for a span.
      if (this.#tree.size > 0 && next.from > this.#from) this.#close()
      if (this.#tree.size === 0) this.#from = next.from
      this.#tree.add(next.leaf)
      this.#head = next.blockHash
      this.#nextSeq += 1
    }
  }

  /** Gives the trees whose span is over. */
  due(nowMs: number): ClosedTree[] {
    if (this.#tree.size > 0 && nowMs >= this.#from + this.#spanMs + GRACE_MS) this.#close()
    return this.#closed.splice(0)
  }

  /** Closes what is open; at the stop. */
  closeAll(): ClosedTree[] {
    if (this.#tree.size > 0) this.#close()
    return this.#closed.splice(0)
  }

  /** The open tree; null while it is empty. */
  state(): TreeState | null {
    if (this.#tree.size === 0) return null
    const { size, peaks } = this.#tree
    return { ingestId: this.#ingestId, firstSeq: this.#firstSeq, size, peaks, head: this.#head, from: this.#from }
  }

  #close(): void {
    this.#closed.push({
      ingestId: this.#ingestId,
      firstSeq: this.#firstSeq,
      lastSeq: this.#nextSeq - 1,
      root: this.#tree.root(),
      head: this.#head,
      from: this.#from,
    })
    this.#tree = new GrowingTree()
    this.#firstSeq = this.#nextSeq
  }
}

/** Closes the tree that a crashed process left on the disk. */
export function closedOf({ ingestId, firstSeq, size, peaks, head, from }: TreeState): ClosedTree {
  const root = new GrowingTree(size, peaks).root()
  return { ingestId, firstSeq, lastSeq: firstSeq + size - 1, root, head, from }
}

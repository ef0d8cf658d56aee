import { hash } from 'node:crypto'

/** Merkle trees as RFC 6962 section 2.1 builds them: a leaf is hashed behind octet 0, a node behind octet 1. */

const LEAF = Buffer.of(0)
const NODE = Buffer.of(1)

/** Hash of a leaf's octets. */
export function leafHash(octets: Buffer): Buffer {
  return hash('sha256', Buffer.concat([LEAF, octets]), 'buffer')
}

/** Hash of a node over two subtrees. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer')
}

/** Hash of the tree without leaves. */
export const EMPTY_ROOT: Buffer = hash('sha256', Buffer.alloc(0), 'buffer')

/** A growing tree that keeps only the roots of its perfect subtrees: memory grows with the logarithm of its leaves. */
export class GrowingTree {
  #size: number
  readonly #peaks: Buffer[]

  /** Goes on from what `snapshot` gave, or begins empty. */
  constructor(size = 0, peaks: readonly Buffer[] = []) {
    this.#size = size
    this.#peaks = [...peaks]
  }

  get size(): number {
    return this.#size
  }

  /** Roots of the perfect subtrees, largest first. */
  get peaks(): readonly Buffer[] {
    return this.#peaks
  }

  /** Appends the hash of a leaf. */
  add(leaf: Buffer): void {
    let node = leaf
    for (let bit = this.#size; bit % 2 === 1; bit = Math.floor(bit / 2)) {
      node = nodeHash(this.#peaks.pop() as Buffer, node)
    }
    this.#peaks.push(node)
    this.#size += 1
  }

  root(): Buffer {
    return this.#peaks.length === 0 ? EMPTY_ROOT : this.#peaks.reduceRight((right, left) => nodeHash(left, right))
  }
}

/** Root over the hashes of all leaves. */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  const tree = new GrowingTree()
  for (const leaf of leaves) tree.add(leaf)
  return tree.root()
}

/** Audit path of the leaf at `index` (RFC 6962 section 2.1.1): the siblings from the leaf upwards. */
export function inclusionProof(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length <= 1) return []
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1))
  return index < split
    ? [...inclusionProof(leaves.slice(0, split), index), rootOf(leaves.slice(split))]
    : [...inclusionProof(leaves.slice(split), index - split), rootOf(leaves.slice(0, split))]
}

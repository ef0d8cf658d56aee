import type { RawBlock } from '@tocsin/events'
import { leafOf } from './leaf.ts'
import { type SignedTree, treeOf } from './pack.ts'

/** Leaf hashes of some trees, put in their places as blocks come in any order. */
export class LeafCollector {
  readonly #trees: readonly SignedTree[]
  readonly #leaves = new Map<SignedTree, (Buffer | undefined)[]>()

  constructor(trees: readonly SignedTree[]) {
    this.#trees = trees
  }

  take(block: RawBlock): void {
    const tree = treeOf(this.#trees, block)
    if (tree === undefined) return
    const leaves = this.#leaves.get(tree) ?? Array.from<Buffer | undefined>({ length: tree.checkpoint.size })
    this.#leaves.set(tree, leaves)
    leaves[block.chainSeq - tree.firstSeq] = leafOf(block)
  }

  /** The leaves of a tree in order, or null while one is missing. */
  leavesOf(tree: SignedTree): Buffer[] | null {
    const leaves = this.#leaves.get(tree) ?? []
    const there = leaves.filter((leaf) => leaf !== undefined)
    return there.length === tree.checkpoint.size ? there : null
  }
}

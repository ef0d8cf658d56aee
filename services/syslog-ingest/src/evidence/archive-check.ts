import { type KeyObject, verify } from 'node:crypto'
import type { RawBlock } from '@tocsin/events'
import { keyIdOf } from '@tocsin/runtime'
import { blockHashOf } from '../chain.ts'
import type { ArchiveFile } from './archive-manifest.ts'
import { leafOf } from './leaf.ts'
import { GrowingTree } from './merkle.ts'

/** What a file of an archive holds, counted while its blocks go by in chain order; an hour of them need not fit in memory. */
export class BlocksCheck {
  readonly #tree = new GrowingTree()
  readonly #constituents = new Set<string>()
  #first: RawBlock | null = null
  #last: RawBlock | null = null
  #frames = 0
  #from = Number.POSITIVE_INFINITY
  #until = 0
  #fault: string | null = null

  take(block: RawBlock): void {
    const before = this.#last
    this.#first ??= block
    this.#last = block
    this.#frames += block.frames.length
    this.#from = Math.min(this.#from, block.receivedAt)
    this.#until = Math.max(this.#until, block.receivedAt)
    this.#constituents.add(block.constituent)
    this.#tree.add(leafOf(block))
    const follows =
      before === null ||
      (before.ingestId === block.ingestId &&
        before.chainSeq + 1 === block.chainSeq &&
        before.blockHash.equals(block.previousHash))
    if (!follows || !blockHashOf(block.previousHash, block.frames).equals(block.blockHash))
      this.#fault ??= `block ${block.chainSeq} was altered or does not follow the one before it`
  }

  /** What a manifest says of the blocks that went by; null where there were none. */
  summary(): Omit<ArchiveFile, 'path' | 'bytes' | 'sha256' | 'tree'> | null {
    if (this.#first === null || this.#last === null) return null
    return {
      ingestId: this.#first.ingestId,
      firstSeq: this.#first.chainSeq,
      lastSeq: this.#last.chainSeq,
      blocks: this.#tree.size,
      frames: this.#frames,
      from: this.#from,
      until: this.#until,
      constituents: [...this.#constituents].sort(),
    }
  }

  /** Says why the blocks are not those that a manifest and the signed root of its tree name; null when they are. */
  fault(
    file: Pick<ArchiveFile, 'path' | 'ingestId' | 'firstSeq' | 'lastSeq' | 'blocks' | 'tree'>,
    keys: readonly KeyObject[],
  ): string | null {
    const { path, ingestId, firstSeq, lastSeq, blocks, tree } = file
    const found = this.summary()
    if (
      found?.ingestId !== ingestId ||
      found.firstSeq !== firstSeq ||
      found.lastSeq !== lastSeq ||
      found.blocks !== blocks
    )
      return `${path} does not hold the blocks that its manifest names`
    if (this.#fault !== null) return `${path}: ${this.#fault}`
    if (tree === null) return null
    const key = keys.find((one) => keyIdOf(one) === tree.keyId)
    if (key !== undefined && !verify(null, Buffer.from(tree.text), key, Buffer.from(tree.signature, 'base64')))
      return `${path}: the signed root of its tree was altered`
    const [, , root] = tree.text.split('\n')
    return this.#tree.root().toString('base64') === root ? null : `${path}: its blocks do not give the signed root`
  }
}

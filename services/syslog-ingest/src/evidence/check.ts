import type { KeyObject } from 'node:crypto'
import type { AuditEntry, EvidenceCheckpoint, RawBlock } from '@tocsin/events'
import { keyIdOf } from '@tocsin/runtime'
import { blockHashOf } from '../chain.ts'
import { isSignedBy } from '../checkpoint.ts'
import { leafOf } from './leaf.ts'
import { rootOf } from './merkle.ts'
import { signedTrees } from './pack.ts'

/** What is kept of a block for the check. */
interface Link {
  previousHash: Buffer
  blockHash: Buffer
  leaf: Buffer
}

/** What a check found. */
export interface CheckResult {
  problems: string[]
  chains: number
  blocks: number
  /** Roots and chain heads that were computed anew and agree. */
  agreed: number
  /** Those that reach back before what is kept. */
  notKept: number
  auditHeads: number
}

/**
 * Checks all that is kept against the signed checkpoints: chains without a break, heads and roots as signed, no tail cut off,
 * audit chains that still hold their signed heads. Blocks and entries may come in any order.
 */
export class EvidenceCheck {
  readonly #chains = new Map<string, Map<number, Link>>()
  readonly #audit = new Map<string, string>()
  readonly #problems: string[] = []
  #blocks = 0

  block(block: RawBlock): void {
    this.#blocks += 1
    const { ingestId, chainSeq, previousHash, blockHash, blockId } = block
    if (!blockHashOf(previousHash, block.frames).equals(blockHash))
      this.#problems.push(`block ${blockId} (${ingestId} ${chainSeq}) was altered: its frames do not give its hash`)
    const chain = this.#chains.get(ingestId) ?? new Map<number, Link>()
    this.#chains.set(ingestId, chain)
    const known = chain.get(chainSeq)
    if (known !== undefined && !known.blockHash.equals(blockHash))
      this.#problems.push(`${ingestId} has two different blocks ${chainSeq}`)
    chain.set(chainSeq, { previousHash, blockHash, leaf: leafOf(block) })
  }

  auditEntry({ chainId, seq, hash }: Pick<AuditEntry, 'chainId' | 'seq' | 'hash'>): void {
    this.#audit.set(`${chainId} ${seq}`, hash)
  }

  /** Compares with checkpoints, each signed by one of the keys. */
  finish(checkpoints: readonly EvidenceCheckpoint[], keys: readonly KeyObject[]): CheckResult {
    const signed = checkpoints.filter((one) => this.#isSigned(one, keys))
    for (const [ingestId, chain] of this.#chains) this.#chainHolds(ingestId, chain)
    let [agreed, notKept, auditHeads] = [0, 0, 0]
    for (const { origin, size, rootHash } of signed.filter(({ kind }) => kind === 'chain-head')) {
      const verdict = this.#headAgrees(origin, size, rootHash)
      if (verdict === null) notKept += 1
      else if (verdict) agreed += 1
    }
    for (const { ingestId, firstSeq, lastSeq, checkpoint } of signedTrees(signed)) {
      const verdict = this.#treeAgrees(ingestId, firstSeq, lastSeq, checkpoint)
      if (verdict === null) notKept += 1
      else if (verdict) agreed += 1
    }
    for (const line of signed.flatMap(({ extensions }) => extensions.filter((one) => one.startsWith('audit ')))) {
      const [, chainId = '', seq = '', hash] = line.split(' ')
      auditHeads += 1
      const there = this.#audit.get(`${chainId} ${seq}`)
      if (there === undefined)
        this.#problems.push(`audit chain ${chainId} was cut off: its signed entry ${seq} is gone`)
      else if (there !== hash)
        this.#problems.push(`audit chain ${chainId}: entry ${seq} is not the one that was signed`)
    }
    const chains = this.#chains.size
    return { problems: this.#problems, chains, blocks: this.#blocks, agreed, notKept, auditHeads }
  }

  #isSigned(checkpoint: EvidenceCheckpoint, keys: readonly KeyObject[]): boolean {
    const key = keys.find((one) => keyIdOf(one) === checkpoint.keyId)
    if (key !== undefined && isSignedBy(checkpoint, key)) return true
    const why = key === undefined ? `is signed by key ${checkpoint.keyId}, which was not given` : 'was altered'
    this.#problems.push(`checkpoint ${checkpoint.origin} of size ${checkpoint.size} ${why}`)
    return false
  }

  /** Every block follows the one before; the first that is kept may stand anywhere. */
  #chainHolds(ingestId: string, chain: ReadonlyMap<number, Link>): void {
    const numbers = [...chain.keys()].sort((a, b) => a - b)
    for (const [index, seq] of numbers.entries()) {
      const before = numbers[index - 1]
      if (before === undefined) continue
      if (before !== seq - 1) this.#problems.push(`${ingestId}: blocks ${before + 1} to ${seq - 1} are missing`)
      else if (chain.get(before)?.blockHash.equals(chain.get(seq)?.previousHash ?? Buffer.alloc(0)) !== true)
        this.#problems.push(`${ingestId}: block ${seq} does not follow block ${before}`)
    }
  }

  /** True when it agrees, false when not (told), null when it lies before all that is kept. */
  #headAgrees(origin: string, size: number, rootHash: Buffer): boolean | null {
    const chain = this.#chains.get(origin)
    const link = chain?.get(size)
    if (link !== undefined) {
      if (link.blockHash.equals(rootHash)) return true
      this.#problems.push(`${origin}: block ${size} is not the one whose hash was signed`)
      return false
    }
    return this.#isBefore(origin, size) ? null : this.#cutOff(origin, size)
  }

  #treeAgrees(ingestId: string, firstSeq: number, lastSeq: number, checkpoint: EvidenceCheckpoint): boolean | null {
    const chain = this.#chains.get(ingestId)
    const leaves: Buffer[] = []
    for (let seq = firstSeq; seq <= lastSeq; seq++) {
      const link = chain?.get(seq)
      if (link === undefined) return this.#isBefore(ingestId, seq) ? null : this.#cutOff(ingestId, lastSeq)
      leaves.push(link.leaf)
    }
    if (rootOf(leaves).equals(checkpoint.rootHash)) return true
    this.#problems.push(`${checkpoint.origin}: the root over its blocks is not the one that was signed`)
    return false
  }

  #isBefore(ingestId: string, seq: number): boolean {
    const chain = this.#chains.get(ingestId)
    // A chain of which nothing is kept is old, or was removed whole: retention decides, so it is counted and not called wrong.
    return chain === undefined || seq < edgeOf(chain).first
  }

  #cutOff(ingestId: string, size: number): false {
    const { last } = edgeOf(this.#chains.get(ingestId) ?? new Map())
    const text = `${ingestId} was cut off or has a hole: ${size} blocks were signed, the last one kept is ${last}`
    if (!this.#problems.includes(text)) this.#problems.push(text)
    return false
  }
}

/** First and last number of a chain. */
function edgeOf(chain: ReadonlyMap<number, Link>): { first: number; last: number } {
  let [first, last] = [Number.POSITIVE_INFINITY, 0]
  for (const seq of chain.keys()) {
    if (seq < first) first = seq
    if (seq > last) last = seq
  }
  return { first, last }
}

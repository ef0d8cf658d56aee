import type { KeyObject } from 'node:crypto'
import type { AuditEntry, EvidenceCheckpoint, RawBlock } from '@tocsin/events'
import { treeCheckpointOf } from '../checkpoint.ts'
import { type ClosedTree, closedOf, TreeLog, type TreeState } from './tree-log.ts'

/** What a slot keeps on disk between two starts: the open tree, and the tree checkpoint that was signed last. */
export interface EvidenceState {
  open: TreeState | null
  previousId: string | null
}

/** A tree spans an hour unless a setting says less. */
export const TREE_SPAN_MS = 3_600_000

/** At most so many audit chains stand under one checkpoint; what is left over stands under the next. */
const MAX_AUDIT_HEADS = 500

/**
 * Trees over what Kafka acknowledged, and their signed checkpoints. What a crashed process left open is closed and signed
 * by the next one, under the old chain's name.
 */
export class EvidenceLog {
  readonly #trees: TreeLog
  readonly #privateKey: KeyObject
  readonly #auditHeads = new Map<string, { seq: number; hash: string }>()
  readonly #left: ClosedTree[]
  #previousId: string | null

  constructor(
    chain: { ingestId: string; seq: number },
    before: EvidenceState,
    privateKey: KeyObject,
    spanMs = TREE_SPAN_MS,
  ) {
    this.#trees = new TreeLog(chain.ingestId, chain.seq, spanMs)
    this.#privateKey = privateKey
    this.#previousId = before.previousId
    this.#left = before.open === null ? [] : [closedOf(before.open)]
  }

  acknowledge(block: RawBlock): void {
    this.#trees.acknowledge(block)
  }

  /** The newest entry of an audit chain; it goes under the next checkpoint. */
  auditEntry({ chainId, seq, hash }: Pick<AuditEntry, 'chainId' | 'seq' | 'hash'>): void {
    const known = this.#auditHeads.get(chainId)
    if (known === undefined || known.seq < seq) this.#auditHeads.set(chainId, { seq, hash })
  }

  /** Checkpoints of trees that are due; of all that are open where `isLast`. */
  checkpoints(nowMs: number, isLast = false): EvidenceCheckpoint[] {
    const closed = [...this.#left.splice(0), ...(isLast ? this.#trees.closeAll() : this.#trees.due(nowMs))]
    return closed.map((tree) => {
      const checkpoint = treeCheckpointOf(tree, this.#previousId, this.#takeAuditHeads(), this.#privateKey, nowMs)
      this.#previousId = checkpoint.checkpointId
      return checkpoint
    })
  }

  /** For the disk. */
  state(): EvidenceState {
    return { open: this.#trees.state(), previousId: this.#previousId }
  }

  #takeAuditHeads(): string[] {
    const taken = [...this.#auditHeads].slice(0, MAX_AUDIT_HEADS)
    for (const [chainId] of taken) this.#auditHeads.delete(chainId)
    return taken.map(([chainId, { seq, hash }]) => `audit ${chainId.replace(/\s/g, '_')} ${seq} ${hash}`)
  }
}

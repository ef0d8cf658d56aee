import { createHash } from 'node:crypto'
import { type AuditEntry, idFrom } from '@tocsin/events'

/** Where a chain stands: number and hash of its newest entry. */
export interface ChainHead {
  seq: number
  hash: string
}

/** What is written down; the chain adds its own fields. */
export type AuditFact = Omit<AuditEntry, 'auditId' | 'chainId' | 'seq' | 'previousHash' | 'hash'>

export const FIRST_HEAD: ChainHead = { seq: 0, hash: '0'.repeat(64) }

/** The audit chain of one console (design.md 2.7): each entry carries the hash of the one before. */
export class AuditChain {
  readonly chainId: string
  #head: ChainHead

  constructor(chainId: string, head: ChainHead = FIRST_HEAD) {
    this.chainId = chainId
    this.#head = head
  }

  /** Makes the next entry of the chain. */
  append(fact: AuditFact): AuditEntry {
    const seq = this.#head.seq + 1
    const entry = {
      auditId: idFrom(this.chainId, seq),
      chainId: this.chainId,
      seq,
      previousHash: this.#head.hash,
      ...fact,
    }
    const hash = auditHash(entry)
    this.#head = { seq, hash }
    return { ...entry, hash }
  }
}

/** Chains before this one that its first entry names; the newest, where there are more. */
const MAX_NAMED = 200

/**
 * The first entry of a chain: it names each chain of the same writer before it as `<chain>#<seq>:<hash>`, oldest first. A
 * chain that no longer reaches the entry named here was cut off (XC-4).
 */
export function openingOf(heads: ReadonlyMap<string, ChainHead>, at: number): AuditFact {
  const named = [...heads].map(([chainId, { seq, hash }]) => `${chainId}#${seq}:${hash}`).sort()
  return {
    at,
    constituent: null,
    actor: 'console',
    roles: [],
    action: 'audit.opened',
    object: named.slice(-MAX_NAMED).join(' '),
    outcome: 'allowed',
    reason: null,
    address: null,
  }
}

/** SHA-256 over the hash before and the canonical JSON (sorted keys, no blanks) of the entry without its own. */
export function auditHash(entry: Omit<AuditEntry, 'hash'>): string {
  const names = Object.keys(entry).sort()
  return createHash('sha256').update(entry.previousHash).update(JSON.stringify(entry, names)).digest('hex')
}

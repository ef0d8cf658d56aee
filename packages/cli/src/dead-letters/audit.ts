import { createHash } from 'node:crypto'
import { type AuditEntry, idFrom } from '@tocsin/events'

/** What is written down of one replay. */
export interface ReplayFact {
  at: number
  actor: string
  deadLetterId: string
  constituent: string | null
  reason: string
}

const FIRST: Pick<AuditEntry, 'seq' | 'hash'> = { seq: 0, hash: '0'.repeat(64) }

/** Takes the newest entry of a chain (none yet: null) and a replay; gives the next entry (design.md 2.7). */
export function nextAuditEntry(
  chainId: string,
  head: Pick<AuditEntry, 'seq' | 'hash'> | null,
  fact: ReplayFact,
): AuditEntry {
  const { seq: last, hash: previousHash } = head ?? FIRST
  const seq = last + 1
  const entry = {
    auditId: idFrom(chainId, seq),
    chainId,
    seq,
    previousHash,
    at: fact.at,
    constituent: fact.constituent,
    actor: fact.actor,
    roles: [],
    action: 'dead-letter.replay',
    object: fact.deadLetterId,
    outcome: 'allowed',
    reason: fact.reason,
    address: null,
  }
  // As schemas/audit-entry.avsc says: canonical JSON has its names sorted and no blanks.
  const canonical = JSON.stringify(entry, Object.keys(entry).sort())
  return { ...entry, hash: createHash('sha256').update(previousHash).update(canonical).digest('hex') }
}

import { createHash } from 'node:crypto'
import { type AuditEntry, idFrom } from '@tocsin/events'
import type { OutputTo, Store } from '@tocsin/stage'
import { canonicalJson } from './snapshot.ts'

/** Where a chain stands: the number and hash of its newest entry. */
export interface ChainHead {
  seq: number
  hash: string
}

/** What is written down; the chain adds its own fields. */
export type AuditFact = Pick<
  AuditEntry,
  'at' | 'constituent' | 'actor' | 'roles' | 'action' | 'object' | 'outcome' | 'reason'
>

const FIRST: ChainHead = { seq: 0, hash: '0'.repeat(64) }
const HEAD = 'head'

/**
 * The audit chain of one partition (design.md 2.7): every entry carries the hash of the one before, so that a changed, lost
 * or inserted row is found. The head lives in the store, so chain and entries commit together and a restart goes on.
 */
export class AuditChain {
  readonly #chainId: string
  readonly #store: Store<ChainHead>

  constructor(chainId: string, store: Store<ChainHead>) {
    this.#chainId = chainId
    this.#store = store
  }

  /** Appends one entry; gives the record to write. */
  append(fact: AuditFact): OutputTo<'audit-entries'> {
    const { seq: last, hash: previousHash } = this.#store.get(HEAD) ?? FIRST
    const seq = last + 1
    const auditId = idFrom(this.#chainId, seq)
    const entry = { auditId, chainId: this.#chainId, seq, previousHash, ...fact, address: null }
    const hash = hashOf(entry)
    this.#store.set(HEAD, { seq, hash })
    return { topic: 'audit-entries', key: this.#chainId, value: { ...entry, hash } }
  }
}

function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(entry.previousHash).update(canonicalJson(entry)).digest('hex')
}

/** The first entry of a chain that does not hold. */
export interface BrokenLink {
  seq: number
  reason: string
}

/** Checks one chain from its first entry, in order of `seq`; null when it holds (XC-4). */
export function verifyChain(entries: readonly AuditEntry[]): BrokenLink | null {
  let previous = FIRST
  for (const { hash, ...entry } of entries) {
    if (entry.seq !== previous.seq + 1) return { seq: entry.seq, reason: `entry ${previous.seq + 1} is missing` }
    if (entry.previousHash !== previous.hash) return { seq: entry.seq, reason: 'does not follow the entry before it' }
    if (hashOf(entry) !== hash) return { seq: entry.seq, reason: 'was altered: its hash does not fit its content' }
    previous = { seq: entry.seq, hash }
  }
  return null
}

/** A chain that does not hold, or that was cut off. */
export interface ChainFault extends BrokenLink {
  chainId: string
}

/** What a check of all chains found. */
export interface AuditVerification {
  chains: number
  entries: number
  faults: ChainFault[]
}

const NAMED_HEAD = /^(\S+)#(\d+):([0-9a-f]{64})$/

/**
 * Checks every chain, and that each still reaches the entry that a later chain of the same writer named when it was opened.
 * Takes entries in any order; a record that was written twice is one.
 */
export function verifyAudit(entries: readonly AuditEntry[]): AuditVerification {
  const faults: ChainFault[] = []
  const chains = Map.groupBy(entries, ({ chainId }) => chainId)
  const found = new Set<string>()
  for (const [chainId, own] of chains) {
    const once = [...new Map(own.map((entry) => [`${entry.seq} ${entry.hash}`, entry])).values()]
    const broken = verifyChain(once.sort((a, b) => a.seq - b.seq))
    if (broken !== null) faults.push({ chainId, ...broken })
    for (const { seq, hash } of once) found.add(`${chainId}#${seq}:${hash}`)
  }
  for (const { chainId, object } of entries.filter(({ action }) => action === 'audit.opened')) {
    for (const word of object.split(' ')) {
      const [, named, seq] = NAMED_HEAD.exec(word) ?? []
      if (named === undefined || found.has(word)) continue
      const reason = `its entry ${seq} is not the one that ${chainId} found when it was opened`
      faults.push({ chainId: named, seq: Number(seq), reason })
    }
  }
  return { chains: chains.size, entries: entries.length, faults }
}

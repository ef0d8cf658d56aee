import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { uuidV7 } from '@tocsin/events'
import { readSigningKey } from '@tocsin/runtime'
import { z } from 'zod'
import { type ChainHead, HashChain } from '../chain.ts'
import type { EvidenceState } from '../evidence/evidence-log.ts'

const headSchema = z.object({
  ingestId: z.string().regex(/^[A-Za-z0-9-]{1,100}$/),
  seq: z.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((hex) => Buffer.from(hex, 'hex'))
const stateSchema = z.object({
  previousId: z.string().nullable(),
  open: z
    .object({
      ingestId: z.string(),
      firstSeq: z.number().int().min(1),
      size: z.number().int().min(1),
      peaks: z.array(sha256).min(1).max(64),
      head: sha256,
      from: z.number().int(),
    })
    .nullable(),
})

/** What one slot of the ingest keeps on disk for the evidence: the chain's head, the open tree and the signing key. */
export class EvidenceFiles {
  readonly #folder: string
  readonly #slot: number
  #saved = ''

  constructor(dataDir: string, slot: number) {
    this.#folder = join(dataDir, 'syslog-ingest', `slot-${slot}`)
    this.#slot = slot
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
  }

  /**
   * Goes on with the chain that the last clean stop left, else begins one under a new id. The file is taken away
   * here, so that after a crash nobody goes on from a head that may be behind what Kafka holds.
   */
  openChain(nowMs: number): HashChain {
    const head = this.#readHead()
    rmSync(this.#headFile, { force: true })
    return head === null
      ? new HashChain(`syslog-ingest-${this.#slot}-${uuidV7(nowMs)}`)
      : new HashChain(head.ingestId, head)
  }

  /** Leaves the head for the next start; only when every block of the chain is in Kafka. */
  saveHead({ ingestId, seq, hash }: ChainHead): void {
    const part = `${this.#headFile}.part`
    writeFileSync(part, `${JSON.stringify({ ingestId, seq, hash: hash.toString('hex') })}\n`)
    renameSync(part, this.#headFile)
  }

  /** The tree that was open and the tree checkpoint that was signed last, as the process before left them. */
  readState(): EvidenceState {
    try {
      return stateSchema.parse(JSON.parse(readFileSync(this.#stateFile, 'utf8')))
    } catch {
      return { open: null, previousId: null }
    }
  }

  /** Keeps the open tree; writes only what changed, whole or not at all. */
  saveState({ open, previousId }: EvidenceState): void {
    const hex = (octets: Buffer): string => octets.toString('hex')
    const tree = open === null ? null : { ...open, peaks: open.peaks.map(hex), head: hex(open.head) }
    const text = `${JSON.stringify({ previousId, open: tree })}\n`
    if (text === this.#saved) return
    writeFileSync(`${this.#stateFile}.part`, text, { mode: 0o600 })
    renameSync(`${this.#stateFile}.part`, this.#stateFile)
    this.#saved = text
  }

  /**
   * The Ed25519 key that signs checkpoints: that of `configured`, else one made at the first start, its public half beside it.
   * Throws `bad_signing_key`.
   */
  signingKey(configured?: string): KeyObject {
    if (configured !== undefined) return readSigningKey(configured)
    const keyFile = join(this.#folder, 'checkpoint-key.pem')
    try {
      return createPrivateKey(readFileSync(keyFile))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })
    writeFileSync(join(this.#folder, 'checkpoint-key.pub.pem'), publicKey)
    return privateKey
  }

  get #stateFile(): string {
    return join(this.#folder, 'tree-state.json')
  }

  get #headFile(): string {
    return join(this.#folder, 'chain-head.json')
  }

  #readHead(): ChainHead | null {
    try {
      const { ingestId, seq, hash } = headSchema.parse(JSON.parse(readFileSync(this.#headFile, 'utf8')))
      return { ingestId, seq, hash: Buffer.from(hash, 'hex') }
    } catch {
      return null
    }
  }
}

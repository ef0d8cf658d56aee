import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { type EvidenceCheckpoint, idFrom } from '@tocsin/events'
import type { ChainHead } from './chain.ts'

/** Name of a public key: first 16 hex characters of the SHA-256 of its SPKI. */
export function keyIdOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16)
}

/** The text that is signed: one value a line, so that anyone can put it together again from the record. */
export function checkpointText(checkpoint: Pick<EvidenceCheckpoint, 'origin' | 'size' | 'rootHash' | 'at'>): Buffer {
  const { origin, size, rootHash, at } = checkpoint
  return Buffer.from(`${origin}\n${size}\n${rootHash.toString('base64')}\n${at}\n`)
}

/** Takes the acknowledged head of a chain, an Ed25519 private key and now; gives the signed checkpoint. */
export function checkpointOf(head: ChainHead, privateKey: KeyObject, nowMs: number): EvidenceCheckpoint {
  const unsigned = { origin: head.ingestId, size: head.seq, rootHash: head.hash, at: nowMs }
  return {
    checkpointId: idFrom(head.ingestId, head.seq, head.hash.toString('hex')),
    ...unsigned,
    signature: sign(null, checkpointText(unsigned), privateKey),
    keyId: keyIdOf(privateKey),
  }
}

/** True when the signature of a checkpoint is by this key over this content. */
export function isSignedBy(checkpoint: EvidenceCheckpoint, publicKey: KeyObject): boolean {
  return checkpoint.signature !== null && verify(null, checkpointText(checkpoint), publicKey, checkpoint.signature)
}

import { type KeyObject, sign, verify } from 'node:crypto'
import { type EvidenceCheckpoint, idFrom } from '@tocsin/events'
import { keyIdOf } from '@tocsin/runtime'
import type { ChainHead } from './chain.ts'
import type { ClosedTree } from './evidence/tree-log.ts'

/** What kind of checkpoint: the head of a hash chain each minute, or the root of a Merkle tree over a range of its blocks. */
export type CheckpointKind = 'chain-head' | 'tree'

/** What is signed of a checkpoint. */
type Signed = Pick<EvidenceCheckpoint, 'origin' | 'size' | 'rootHash' | 'at' | 'extensions'>

/** The text that is signed: one value a line, so that anyone can put it together again from the record. */
export function checkpointText({ origin, size, rootHash, at, extensions }: Signed): Buffer {
  return Buffer.from([origin, size, rootHash.toString('base64'), at, ...extensions].map((line) => `${line}\n`).join(''))
}

/** Takes the acknowledged head of a chain, an Ed25519 private key and now; gives the signed checkpoint. */
export function checkpointOf(head: ChainHead, privateKey: KeyObject, nowMs: number): EvidenceCheckpoint {
  const unsigned = { origin: head.ingestId, size: head.seq, rootHash: head.hash, at: nowMs, extensions: [] }
  return signed('chain-head', unsigned, privateKey)
}

/**
 * Signed checkpoint of a closed tree. Its extension lines bind it to its chain (range, head, start of its span), to the tree checkpoint
 * before it, and to the heads of audit chains that moved since (`audit <chain> <seq> <hash>`).
 */
export function treeCheckpointOf(
  tree: ClosedTree,
  previousId: string | null,
  auditHeads: readonly string[],
  privateKey: KeyObject,
  nowMs: number,
): EvidenceCheckpoint {
  const { ingestId, firstSeq, lastSeq, root, head, from } = tree
  const unsigned = {
    origin: `${ingestId}/blocks/${firstSeq}`,
    size: lastSeq - firstSeq + 1,
    rootHash: root,
    at: nowMs,
    extensions: [
      `blocks ${firstSeq} ${lastSeq}`,
      `head ${head.toString('hex')}`,
      `from ${new Date(from).toISOString()}`,
      `previous ${previousId ?? '-'}`,
      ...auditHeads,
    ],
  }
  return signed('tree', unsigned, privateKey)
}

function signed(kind: CheckpointKind, unsigned: Signed, privateKey: KeyObject): EvidenceCheckpoint {
  return {
    checkpointId: idFrom(unsigned.origin, unsigned.size, unsigned.rootHash.toString('hex')),
    kind,
    ...unsigned,
    signature: sign(null, checkpointText(unsigned), privateKey),
    keyId: keyIdOf(privateKey),
  }
}

/** True when the signature of a checkpoint is by this key over this content. */
export function isSignedBy(checkpoint: EvidenceCheckpoint, publicKey: KeyObject): boolean {
  return checkpoint.signature !== null && verify(null, checkpointText(checkpoint), publicKey, checkpoint.signature)
}

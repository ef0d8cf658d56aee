import { generateKeyPairSync } from 'node:crypto'
import { EvidenceLog } from '../src/evidence/evidence-log.ts'

/** The evidence of a new chain, signed with a key that nobody keeps. */
export function newEvidence(ingestId: string): EvidenceLog {
  const { privateKey } = generateKeyPairSync('ed25519')
  return new EvidenceLog({ ingestId, seq: 0 }, { open: null, previousId: null }, privateKey)
}

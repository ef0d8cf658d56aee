import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { tmpdir } from 'node:os'
import type { RawBlock } from '@tocsin/events'
import type { Archive } from '../src/adapters/archive.ts'
import { BlockSpool } from '../src/adapters/block-spool.ts'
import { HashChain } from '../src/chain.ts'
import { BlocksCheck } from '../src/evidence/archive-check.ts'
import { type ArchiveFile, type ArchiveManifest, signManifest } from '../src/evidence/archive-manifest.ts'
import { EvidenceLog } from '../src/evidence/evidence-log.ts'
import { checkpointFileOf } from '../src/evidence/pack.ts'

export const START = Date.UTC(2026, 2, 1, 8)
export const { privateKey, publicKey } = generateKeyPairSync('ed25519')

/** A manifest that says nothing but `over`. */
export const manifestOf = (over: Partial<ArchiveManifest> = {}): ArchiveManifest => ({
  format: 'tocsin-archive-1',
  createdAt: new Date(START).toISOString(),
  previous: null,
  added: [],
  removed: [],
  ...over,
})

/** A chain of `count` blocks with the signed root of their tree. */
export function treeOf(count = 8) {
  const chain = new HashChain('ingest-1')
  const log = new EvidenceLog({ ingestId: 'ingest-1', seq: 0 }, { open: null, previousId: null }, privateKey)
  const blocks = Array.from({ length: count }, (_, n): RawBlock => {
    const plain = { truncatedBytes: 0, framing: 'nul', collectorId: null, collectorSeq: null, possibleRepeat: false }
    const frames = [{ octets: Buffer.from([n, 0, 255, 10]), receivedAt: START + n, ...plain }]
    const where = { listener: 'l', transport: 'tcp', peerAddress: '192.0.2.1', peerPort: 7, clientCertificate: null }
    const whose = { blockId: `b-${n}`, constituent: n % 2 === 0 ? 'body-a' : 'body-b', sourceId: 's', exercise: false }
    const block = { ...whose, ...where, ingestId: 'ingest-1', receivedAt: START + n, ...chain.append(frames), frames }
    log.acknowledge(block)
    return block
  })
  const [checkpoint] = log.checkpoints(START, true)
  assert.ok(checkpoint)
  return { blocks, tree: checkpointFileOf(checkpoint) }
}

/** Writes a tree of eight blocks as one file, and its manifest. */
export async function makeArchive(archive: Archive) {
  const { blocks, tree } = treeOf()
  const spool = new BlockSpool(tmpdir())
  for (const block of blocks.toReversed()) spool.add('tree', block)
  const check = new BlocksCheck()
  for (const block of blocks) check.take(block)
  const summary = check.summary()
  assert.ok(summary)
  const path = 'blocks/2026-03-01/ingest-1-1-8.ndjson.gz'
  const file: ArchiveFile = { ...summary, path, tree, ...(await archive.addBlocks(path, spool.members('tree'))) }
  spool.close()
  await archive.addManifest(signManifest(manifestOf({ added: [file] }), privateKey), START)
  return { file, blocks }
}

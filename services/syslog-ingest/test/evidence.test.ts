// Merkle trees over raw blocks: against RFC 6962's own way of writing them, and as a log of a chain.
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { EvidenceCheckpoint, RawBlock, RawFrame } from '@tocsin/events'
import fc from 'fast-check'
import { HashChain } from '../src/chain.ts'
import { checkpointText, isSignedBy } from '../src/checkpoint.ts'
import { EvidenceLog, type EvidenceState } from '../src/evidence/evidence-log.ts'
import { leafOf, leafTextOf } from '../src/evidence/leaf.ts'
import { EMPTY_ROOT, GrowingTree, inclusionProof, leafHash, nodeHash, rootOf } from '../src/evidence/merkle.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 2, 1, 8)
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const NOTHING: EvidenceState = { open: null, previousId: null }

/** MTH of RFC 6962 section 2.1, word for word. */
function mth(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest()
  if (leaves.length === 1) return leafHash(leaves[0] as Buffer)
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return nodeHash(mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

/** Octets of RFC 6962's well-known test tree (its reference implementation). */
const KNOWN = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const KNOWN_ROOT = '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'

test('the tree of RFC 6962’s reference implementation has its root', () => {
  const leaves = KNOWN.map((hex) => leafHash(Buffer.from(hex, 'hex')))
  assert.equal(rootOf(leaves).toString('hex'), KNOWN_ROOT)
  assert.equal(EMPTY_ROOT.toString('hex'), createHash('sha256').digest('hex'))
})

test('SEC-S3 a growing tree, restored at any point, is the tree of RFC 6962, and each leaf’s path leads to its root', () => {
  const octets = fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 40 })
  fc.assert(
    fc.property(octets, fc.nat(), (data, cut) => {
      const leaves = data.map((one) => Buffer.from(one))
      const hashes = leaves.map(leafHash)
      let tree = new GrowingTree()
      for (const [index, leaf] of hashes.entries()) {
        if (index === cut % (hashes.length + 1)) tree = new GrowingTree(tree.size, tree.peaks)
        tree.add(leaf)
      }
      assert.deepEqual(tree.root(), mth(leaves))
      for (const [index, leaf] of hashes.entries())
        assert.deepEqual(climb(leaf, index, hashes.length, inclusionProof(hashes, index)), tree.root())
    }),
  )
})

/** The verification of RFC 9162 section 2.1.3.2. */
function climb(leaf: Buffer, index: number, size: number, proof: readonly Buffer[]): Buffer {
  let [fn, sn, node] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (fn % 2 === 1 || fn === sn) {
      node = nodeHash(sibling, node)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1]
    } else node = nodeHash(node, sibling)
    ;[fn, sn] = [fn >> 1, sn >> 1]
  }
  return node
}

function blocksOf(count: number, chain = new HashChain('ingest-1'), everyMs = 10 * 60_000): RawBlock[] {
  return Array.from({ length: count }, (_, n) => {
    const frame: RawFrame = {
      octets: Buffer.from(`line ${n}`),
      receivedAt: START + n * everyMs,
      truncatedBytes: 0,
      framing: 'newline',
      collectorId: null,
      collectorSeq: null,
      possibleRepeat: false,
    }
    const frames = [frame, { ...frame, octets: Buffer.from(`again ${n}`) }]
    return {
      blockId: `block-${n}`,
      constituent: 'body-a',
      sourceId: 'source-a',
      receivedAt: START + n * everyMs,
      exercise: false,
      listener: 'tcp:15514',
      transport: 'tcp',
      peerAddress: '192.0.2.1',
      peerPort: 4711,
      clientCertificate: 'CN="line\nfeed"',
      ingestId: chain.ingestId,
      ...chain.append(frames),
      frames,
    }
  })
}

const lineOf = (checkpoint: EvidenceCheckpoint | undefined, word: string): string | undefined =>
  checkpoint?.extensions.find((line) => line.startsWith(`${word} `))

test('SEC-S3 each hour of a chain gives one signed root over its blocks, in whatever order Kafka acknowledged them', () => {
  const log = new EvidenceLog({ ingestId: 'ingest-1', seq: 0 }, NOTHING, privateKey)
  const blocks = blocksOf(9)
  for (const index of [1, 0, 2, 5, 4, 3, 8, 7, 6]) log.acknowledge(blocks[index] as RawBlock)
  const [first, ...none] = log.checkpoints(START + HOUR + 61_000)
  assert.deepEqual(none, [])
  assert.deepEqual(first?.rootHash, rootOf(blocks.slice(0, 6).map(leafOf)))
  assert.deepEqual([first?.origin, first?.size, first?.kind], ['ingest-1/blocks/1', 6, 'tree'])
  assert.equal(lineOf(first, 'blocks'), 'blocks 1 6')
  assert.equal(lineOf(first, 'head'), `head ${blocks[5]?.blockHash.toString('hex')}`)
  assert.equal(isSignedBy(first as EvidenceCheckpoint, publicKey), true)
  const [second] = log.checkpoints(START + 90 * 60_000, true)
  assert.deepEqual([second?.origin, second?.size], ['ingest-1/blocks/7', 3])
  assert.equal(lineOf(second, 'previous'), `previous ${first?.checkpointId}`)
})

test('every line under the signature counts', () => {
  const log = new EvidenceLog({ ingestId: 'ingest-1', seq: 0 }, NOTHING, privateKey)
  for (const block of blocksOf(2)) log.acknowledge(block)
  const [checkpoint] = log.checkpoints(START, true) as [EvidenceCheckpoint]
  assert.equal(checkpointText(checkpoint).toString().split('\n').length, 9)
  for (const wrong of [
    { ...checkpoint, size: 1 },
    { ...checkpoint, at: checkpoint.at + 1 },
    { ...checkpoint, rootHash: Buffer.alloc(32) },
    { ...checkpoint, extensions: checkpoint.extensions.slice(1) },
  ])
    assert.equal(isSignedBy(wrong, publicKey), false)
})

test('a block that Kafka has not acknowledged holds back those behind it', () => {
  const log = new EvidenceLog({ ingestId: 'ingest-1', seq: 0 }, NOTHING, privateKey)
  const blocks = blocksOf(3)
  for (const index of [0, 2]) log.acknowledge(blocks[index] as RawBlock)
  assert.equal(log.checkpoints(START, true)[0]?.size, 1)
})

test('SEC-S3 after a crash the next process signs what the old one had, under the old chain’s name', () => {
  const log = new EvidenceLog({ ingestId: 'ingest-1', seq: 0 }, NOTHING, privateKey)
  const blocks = blocksOf(4)
  for (const block of blocks) log.acknowledge(block)
  const state = log.state()
  const next = new EvidenceLog({ ingestId: 'ingest-2', seq: 0 }, state, privateKey)
  const [left] = next.checkpoints(START)
  assert.deepEqual([left?.origin, left?.size], ['ingest-1/blocks/1', 4])
  assert.deepEqual(left?.rootHash, rootOf(blocks.map(leafOf)))
})

test('the heads of audit chains that moved stand under the next checkpoint, once', () => {
  const log = new EvidenceLog({ ingestId: 'ingest-1', seq: 0 }, NOTHING, privateKey)
  const [first, second] = blocksOf(2)
  log.acknowledge(first as RawBlock)
  for (const seq of [1, 3, 2]) log.auditEntry({ chainId: 'console-0', seq, hash: `${seq}`.repeat(64) })
  assert.equal(lineOf(log.checkpoints(START, true)[0], 'audit'), `audit console-0 3 ${'3'.repeat(64)}`)
  log.acknowledge(second as RawBlock)
  assert.equal(lineOf(log.checkpoints(START, true)[0], 'audit'), undefined)
})

test('the leaf says all that was recorded, with equal neighbours once, and no value can forge another', () => {
  const [block] = blocksOf(1)
  const leaf = JSON.parse(leafTextOf(block as RawBlock)) as Record<string, unknown>
  assert.equal(leaf['clientCertificate'], 'CN="line\nfeed"')
  assert.deepEqual(leaf['frames'], [[2, START, 0, 'newline', null, null, false]])
  const other = { ...(block as RawBlock), peerPort: 4712 }
  assert.notDeepEqual(leafOf(other), leafOf(block as RawBlock))
})

// The check of all that is kept, against what was signed.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { EvidenceCheckpoint, RawBlock, RawFrame } from '@tocsin/events'
import { HashChain } from '../src/chain.ts'
import { checkpointOf } from '../src/checkpoint.ts'
import { EvidenceCheck } from '../src/evidence/check.ts'
import { EvidenceLog } from '../src/evidence/evidence-log.ts'

const START = Date.UTC(2026, 2, 1, 8)
const { privateKey, publicKey } = generateKeyPairSync('ed25519')

function story(count = 20) {
  const chain = new HashChain('ingest-1')
  const log = new EvidenceLog({ ingestId: 'ingest-1', seq: 0 }, { open: null, previousId: null }, privateKey)
  const checkpoints: EvidenceCheckpoint[] = []
  const blocks = Array.from({ length: count }, (_, n): RawBlock => {
    const receivedAt = START + n * 6 * 60_000
    const octets = Buffer.from(`line ${n}`)
    const plain = { truncatedBytes: 0, framing: 'nul', collectorId: null, collectorSeq: null, possibleRepeat: false }
    const frames: RawFrame[] = [{ octets, receivedAt, ...plain }]
    const where = { listener: 'l', transport: 'tcp', peerAddress: '192.0.2.1', peerPort: null, clientCertificate: null }
    const whose = { blockId: `b-${n}`, constituent: 'body-a', sourceId: 's', exercise: false, ingestId: 'ingest-1' }
    const block: RawBlock = { ...whose, ...where, receivedAt, ...chain.append(frames), frames }
    chain.acknowledge(block)
    log.acknowledge(block)
    log.auditEntry({ chainId: 'console-0', seq: n + 1, hash: String(n % 10).repeat(64) })
    checkpoints.push(...log.checkpoints(receivedAt), checkpointOf(chain.acknowledgedHead(), privateKey, receivedAt))
    return block
  })
  checkpoints.push(...log.checkpoints(START, true))
  return { blocks, checkpoints }
}

function problemsOf({ blocks, checkpoints }: ReturnType<typeof story>, auditUpTo = 20): string[] {
  const check = new EvidenceCheck()
  for (const block of blocks) check.block(block)
  for (let n = 0; n < auditUpTo; n++)
    check.auditEntry({ chainId: 'console-0', seq: n + 1, hash: String(n % 10).repeat(64) })
  return check.finish(checkpoints, [publicKey]).problems
}

test('SEC-S3 what is whole agrees, in any order, and what is older than the retention is only counted', () => {
  const { blocks, checkpoints } = story()
  assert.deepEqual(problemsOf({ blocks: blocks.toReversed(), checkpoints }), [])
  const check = new EvidenceCheck()
  for (const block of blocks.slice(12)) check.block(block)
  for (let n = 0; n < 20; n++) check.auditEntry({ chainId: 'console-0', seq: n + 1, hash: String(n % 10).repeat(64) })
  const { problems, notKept, agreed } = check.finish(checkpoints, [publicKey])
  assert.deepEqual(problems, [])
  assert.ok(notKept >= 12 && agreed >= 8, `${notKept} ${agreed}`)
})

test('SEC-S3 a truncated tail, a hole, an altered byte, an exchanged block and a wrong root are each found and located', () => {
  const whole = story()
  const changed = (change: (blocks: RawBlock[]) => void): string => {
    const blocks = structuredClone(whole.blocks).map((block) => ({
      ...block,
      previousHash: Buffer.from(block.previousHash),
      blockHash: Buffer.from(block.blockHash),
      frames: block.frames.map((frame) => ({ ...frame, octets: Buffer.from(frame.octets) })),
    }))
    change(blocks)
    return problemsOf({ ...whole, blocks }).join('\n')
  }
  assert.match(
    changed((blocks) => blocks.pop()),
    /ingest-1 was cut off or has a hole: 20 blocks were signed, the last one kept is 19/,
  )
  assert.match(
    changed((blocks) => blocks.splice(7, 1)),
    /ingest-1: blocks 8 to 8 are missing/,
  )
  assert.match(
    changed((blocks) => void blocks[4]?.frames[0]?.octets.write('X')),
    /block b-4 \(ingest-1 5\) was altered/,
  )
  assert.match(
    changed((blocks) => Object.assign(blocks[4] as object, { peerAddress: '192.0.2.2' })),
    /the root over its blocks is not the one/,
  )
  const root = {
    ...(whole.checkpoints.find(({ kind }) => kind === 'tree') as EvidenceCheckpoint),
    rootHash: Buffer.alloc(32),
  }
  assert.match(problemsOf({ ...whole, checkpoints: [root] }).join(), /ingest-1\/blocks\/1 of size \d+ was altered/)
})

test('SEC-S3 an audit chain that was cut off behind a signed head is found', () => {
  assert.match(problemsOf(story(), 15).join('\n'), /audit chain console-0 was cut off: its signed entry \d+ is gone/)
})

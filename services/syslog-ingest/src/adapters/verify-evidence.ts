#!/usr/bin/env node
// Checks a Tocsin evidence pack, alone: one file, no imports but Node's own. It may be read in ten minutes and run by anyone:
//
//     node verify-evidence.ts pack.json --key centre.pub [--held checkpoints.ndjson]
//
// What is proved: each log record in the pack is, octet for octet, one that the ingest of the surveillance centre had recorded when
// it signed the checkpoint; with its time, sender and place as recorded. How: the record's octets give the block's hash; the block's
// hash stands in its leaf; the leaf's path leads to the root of a Merkle tree (RFC 6962); the root stands in a signed checkpoint
// (Ed25519). The public key must come to you by another way than the pack. `--held` names checkpoints that were given away
// earlier: they show that nothing was cut off or replaced since.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'

interface Checkpoint {
  /** Lines: origin, number of leaves, root (base64), time (ms), then what else was signed. */
  text: string
  signature: string
  keyId: string
}
interface Block {
  /** JSON text as it was hashed. */
  leaf: string
  /** Octets of each record, base64, in order. */
  frames: string[]
  /** Place of the leaf, from 0, and of its checkpoint in the pack. */
  index: number
  checkpoint: number
  /** Hashes of the siblings, from the leaf upwards, hex. */
  proof: string[]
}
interface Pack {
  format: string
  checkpoints: Checkpoint[]
  blocks: Block[]
  events: { eventId: string; block: number; frame: number }[]
  missing: { eventId: string; reason: string }[]
}
interface Leaf {
  format: string
  blockId: string
  ingestId: string
  chainSeq: number
  blockHash: string
  previousHash: string
  sourceId: string
  peerAddress: string
  /** [how many, received at, octets cut, framing, collector, its number, may be a repeat] */
  frames: [number, number, number, string, string | null, number | null, boolean][]
}

/** What was found: every problem in a sentence, and a line for each proven record. */
export interface Verdict {
  problems: string[]
  proven: string[]
}

const sha256 = (...parts: (Buffer | string)[]): Buffer => {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return digest.digest()
}
const leafHash = (text: string): Buffer => sha256(Buffer.of(0), text)
const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.of(1), left, right)

/** The root that a leaf at `index` of `size` has by its path (RFC 9162 section 2.1.3.2); null where the path does not fit. */
function rootBy(leaf: Buffer, index: number, size: number, proof: readonly Buffer[]): Buffer | null {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return null
  let [first, last, node] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (last === 0 || sibling.length !== 32) return null
    if (first % 2 === 1 || first === last) {
      node = nodeHash(sibling, node)
      while (first % 2 === 0 && first !== 0) [first, last] = [Math.floor(first / 2), Math.floor(last / 2)]
    } else node = nodeHash(node, sibling)
    ;[first, last] = [Math.floor(first / 2), Math.floor(last / 2)]
  }
  return last === 0 ? node : null
}

/** SHA-256 over the hash of the block before and the records, each behind its length (4 octets, big endian). */
function blockHashOf(previousHash: string, frames: readonly Buffer[]): string {
  const parts = frames.flatMap((octets) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(octets.length)
    return [length, octets]
  })
  return sha256(Buffer.from(previousHash, 'hex'), ...parts).toString('hex')
}

/** The id of the event that a record became: its receive time, and the hash of where it came from. */
function eventIdOf(leaf: Leaf, frame: number, run: Leaf['frames'][number]): string {
  const [, receivedAt, , , collector, sequence] = run
  const origin = collector === null || sequence === null ? [leaf.blockId, frame] : ['collector', collector, sequence]
  const time = receivedAt.toString(16).padStart(12, '0').slice(-12)
  return time + sha256(origin.join('\u001f')).toString('hex').slice(0, 20)
}

function linesOf(checkpoint: Checkpoint): { origin: string; size: number; root: string; range: string[] } {
  const [origin = '', size = '', root = '', , ...more] = checkpoint.text.split('\n')
  const range =
    more
      .find((line) => line.startsWith('blocks '))
      ?.split(' ')
      .slice(1) ?? []
  return { origin, size: Number(size), root, range }
}

/** Says why a checkpoint's signature does not hold; null when it does, by one of the keys (PEM). */
function signatureFault(checkpoint: Checkpoint, keys: readonly string[]): string | null {
  for (const pem of keys) {
    const key = createPublicKey(pem)
    const keyId = sha256(key.export({ type: 'spki', format: 'der' }))
      .toString('hex')
      .slice(0, 16)
    if (keyId !== checkpoint.keyId) continue
    return verify(null, Buffer.from(checkpoint.text), key, Buffer.from(checkpoint.signature, 'base64'))
      ? null
      : `its signature is not by key ${keyId}: it was altered`
  }
  return `it is signed by key ${checkpoint.keyId}, which was not given`
}

/** Checks a pack with the public keys (PEM) and checkpoints that were kept elsewhere. A pack that is none proves nothing. */
export function verifyPack(packText: string, keys: readonly string[], held: readonly Checkpoint[] = []): Verdict {
  try {
    return verdictOn(JSON.parse(packText) as Pack, keys, held)
  } catch (error) {
    return { problems: [`the pack cannot be read: ${(error as Error).message}`], proven: [] }
  }
}

function verdictOn(pack: Pack, keys: readonly string[], held: readonly Checkpoint[]): Verdict {
  const problems: string[] = []
  const proven: string[] = []
  if (pack.format !== 'tocsin-evidence-pack-1') return { problems: [`unknown format ${pack.format}`], proven }

  const isSigned = pack.checkpoints.map((checkpoint) => {
    const fault = signatureFault(checkpoint, keys)
    if (fault !== null) problems.push(`checkpoint ${linesOf(checkpoint).origin}: ${fault}`)
    return fault === null
  })
  for (const one of held) {
    const kept = linesOf(one)
    const fault = signatureFault(one, keys)
    if (fault !== null) problems.push(`held checkpoint ${kept.origin}: ${fault}`)
    for (const here of pack.checkpoints.map(linesOf).filter(({ origin }) => origin === kept.origin)) {
      if (here.size < kept.size)
        problems.push(`${kept.origin}: cut off at ${here.size}; ${kept.size} blocks were there`)
      else if (here.size === kept.size && here.root !== kept.root) problems.push(`${kept.origin}: two different roots`)
    }
  }

  const leaves = pack.blocks.map((block, place) => {
    const fault = blockFault(pack, block, isSigned)
    if (fault !== null) problems.push(`block ${place}: ${fault}`)
    return fault === null ? (JSON.parse(block.leaf) as Leaf) : null
  })
  for (const { eventId, block, frame } of pack.events) {
    const leaf = leaves[block]
    const octets = pack.blocks[block]?.frames[frame]
    if (leaf === null || leaf === undefined || octets === undefined) {
      problems.push(`event ${eventId}: its block is not proven`)
      continue
    }
    const runs = leaf.frames.flatMap((run) => Array.from({ length: run[0] }, () => run))
    const run = runs[frame]
    if (run === undefined || eventIdOf(leaf, frame, run) !== eventId) {
      problems.push(`event ${eventId}: its id does not belong to record ${frame} of block ${leaf.blockId}`)
      continue
    }
    const text = JSON.stringify(Buffer.from(octets, 'base64').toString('utf8'))
    proven.push(`${eventId} ${new Date(run[1]).toISOString()} ${leaf.sourceId} from ${leaf.peerAddress}: ${text}`)
  }
  for (const { eventId, reason } of pack.missing) problems.push(`event ${eventId}: not in the pack (${reason})`)
  return { problems, proven }
}

/** Says why a block is not proven; null when it is. */
function blockFault(pack: Pack, block: Block, isSigned: readonly boolean[]): string | null {
  const checkpoint = pack.checkpoints[block.checkpoint]
  if (checkpoint === undefined || isSigned[block.checkpoint] !== true) return 'its checkpoint is missing or not signed'
  const { size, root, range, origin } = linesOf(checkpoint)
  const path = block.proof.map((hex) => Buffer.from(hex, 'hex'))
  const found = rootBy(leafHash(block.leaf), block.index, size, path)
  if (found?.toString('base64') !== root)
    return `its leaf does not lead to the root of ${origin}: leaf, path or root was altered`
  const leaf = JSON.parse(block.leaf) as Leaf
  if (leaf.format !== 'tocsin-raw-block-1') return `its leaf has the unknown format ${leaf.format}`
  if (!origin.startsWith(`${leaf.ingestId}/`) || leaf.chainSeq !== Number(range[0]) + block.index)
    return `it is number ${leaf.chainSeq} of ${leaf.ingestId}, which is not its place under ${origin}`
  const frames = block.frames.map((text) => Buffer.from(text, 'base64'))
  if (frames.length !== leaf.frames.reduce((sum, [count]) => sum + count, 0)) return 'records are missing or were added'
  if (blockHashOf(leaf.previousHash, frames) !== leaf.blockHash)
    return 'its records were altered: they do not give its hash'
  return null
}

/** Reads checkpoints, one JSON object a line. */
export function readHeld(text: string): Checkpoint[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Checkpoint)
}

if (import.meta.main) {
  const [packFile = '', ...words] = process.argv.slice(2)
  const valuesOf = (option: string): string[] => words.filter((_, index) => words[index - 1] === option)
  const keys = valuesOf('--key').map((file) => readFileSync(file, 'utf8'))
  const held = valuesOf('--held').flatMap((file) => readHeld(readFileSync(file, 'utf8')))
  const { problems, proven } = verifyPack(readFileSync(packFile, 'utf8'), keys, held)
  for (const line of proven) console.log(`proven   ${line}`)
  for (const line of problems) console.log(`PROBLEM  ${line}`)
  console.log(problems.length === 0 ? `All ${proven.length} records hold.` : `${problems.length} problems.`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

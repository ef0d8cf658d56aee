import { type EvidenceCheckpoint, eventIdFrom, eventIdFromCollector, type RawBlock } from '@tocsin/events'
import { checkpointText } from '../checkpoint.ts'
import { leafTextOf } from './leaf.ts'
import { inclusionProof } from './merkle.ts'

/** One event that a pack is asked for; its block where that is known. */
export interface WantedEvent {
  eventId: string
  blockId: string | null
}

/** A signed checkpoint as it stands in packs, archives and in the keeping of others. */
export interface CheckpointFile {
  text: string
  signature: string
  keyId: string
}

/** The file that `verify-evidence.ts` reads. */
export interface EvidencePack {
  format: 'tocsin-evidence-pack-1'
  createdAt: string
  about: Readonly<Record<string, string>>
  checkpoints: CheckpointFile[]
  blocks: { leaf: string; frames: string[]; index: number; checkpoint: number; proof: string[] }[]
  events: { eventId: string; block: number; frame: number }[]
  missing: { eventId: string; reason: string }[]
}

/** A tree as its checkpoint describes it. */
export interface SignedTree {
  ingestId: string
  firstSeq: number
  lastSeq: number
  checkpoint: EvidenceCheckpoint
}

/** Takes checkpoints in any order; gives the tree of each, the largest of an origin only. */
export function signedTrees(checkpoints: Iterable<EvidenceCheckpoint>): SignedTree[] {
  const trees = new Map<string, SignedTree>()
  for (const checkpoint of checkpoints) {
    const range = checkpoint.extensions.find((line) => line.startsWith('blocks '))?.split(' ')
    if (checkpoint.kind !== 'tree' || range === undefined) continue
    const known = trees.get(checkpoint.origin)
    if (known !== undefined && known.checkpoint.size >= checkpoint.size) continue
    const ingestId = checkpoint.origin.split('/')[0] ?? ''
    trees.set(checkpoint.origin, { ingestId, firstSeq: Number(range[1]), lastSeq: Number(range[2]), checkpoint })
  }
  return [...trees.values()]
}

/** The tree that a block belongs to. */
export function treeOf(
  trees: readonly SignedTree[],
  block: Pick<RawBlock, 'ingestId' | 'chainSeq'>,
): SignedTree | undefined {
  return trees.find(
    ({ ingestId, firstSeq, lastSeq }) =>
      ingestId === block.ingestId && firstSeq <= block.chainSeq && block.chainSeq <= lastSeq,
  )
}

/** The frame of a block that became an event; -1 where none did. */
export function frameOf(block: RawBlock, eventId: string): number {
  // An event's id begins with its receive time, so few frames are hashed.
  const atMs = Number.parseInt(eventId.slice(0, 12), 16)
  return block.frames.findIndex(({ collectorId, collectorSeq, receivedAt }, index) => {
    if (receivedAt !== atMs) return false
    const isCollected = collectorId !== null && collectorSeq !== null
    const id = isCollected
      ? eventIdFromCollector(collectorId, collectorSeq, receivedAt)
      : eventIdFrom(block.blockId, index, receivedAt)
    return id === eventId
  })
}

export function checkpointFileOf(checkpoint: EvidenceCheckpoint): CheckpointFile {
  return {
    text: checkpointText(checkpoint).toString(),
    signature: checkpoint.signature?.toString('base64') ?? '',
    keyId: checkpoint.keyId ?? '',
  }
}

/**
 * Puts a pack together. `blocks` are those that hold wanted events, `leavesOf` gives the leaf hashes of a tree in order, or
 * null where some of its blocks are neither in Kafka nor in the archive. What cannot be proven is named in `missing`.
 */
export function buildPack(
  wanted: readonly WantedEvent[],
  blocks: readonly RawBlock[],
  trees: readonly SignedTree[],
  leavesOf: (tree: SignedTree) => readonly Buffer[] | null,
  about: Readonly<Record<string, string>>,
  nowMs: number,
): EvidencePack {
  const pack: EvidencePack = {
    format: 'tocsin-evidence-pack-1',
    createdAt: new Date(nowMs).toISOString(),
    about,
    checkpoints: [],
    blocks: [],
    events: [],
    missing: [],
  }
  const placeOfBlock = new Map<string, number>()
  const placeOfTree = new Map<SignedTree, number>()
  for (const { eventId } of wanted) {
    const found = blocks.map((block) => ({ block, frame: frameOf(block, eventId) })).find(({ frame }) => frame >= 0)
    if (found === undefined) {
      pack.missing.push({ eventId, reason: 'its raw block is neither in Kafka nor in the archive' })
      continue
    }
    const { block, frame } = found
    let place = placeOfBlock.get(block.blockId)
    if (place === undefined) {
      const tree = treeOf(trees, block)
      const leaves = tree === undefined ? null : leavesOf(tree)
      if (tree === undefined || leaves === null) {
        const reason =
          tree === undefined
            ? 'no signed root covers its block yet: try again after the hour'
            : 'blocks of its tree are missing'
        pack.missing.push({ eventId, reason })
        continue
      }
      const checkpoint = placeOfTree.get(tree) ?? pack.checkpoints.push(checkpointFileOf(tree.checkpoint)) - 1
      placeOfTree.set(tree, checkpoint)
      const index = block.chainSeq - tree.firstSeq
      const proof = inclusionProof(leaves, index).map((hash) => hash.toString('hex'))
      const frames = block.frames.map(({ octets }) => octets.toString('base64'))
      place = pack.blocks.push({ leaf: leafTextOf(block), frames, index, checkpoint, proof }) - 1
      placeOfBlock.set(block.blockId, place)
    }
    pack.events.push({ eventId, block: place, frame })
  }
  return pack
}

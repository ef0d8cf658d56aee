import type { RawBlock, RawFrame } from '@tocsin/events'
import { leafHash } from './merkle.ts'

/** First word of a leaf: what it is and which version of its layout. */
export const LEAF_FORMAT = 'tocsin-raw-block-1'

/**
 * The text of a raw block's leaf: one JSON object with everything that was recorded at the receipt, and the hash of the
 * frames. Equal neighbours among the frames are written once with their number, because most of a block is alike. Who checks
 * a pack reads this very text and never has to write it again, so no canonical form is needed.
 */
export function leafTextOf(block: RawBlock): string {
  return JSON.stringify({
    format: LEAF_FORMAT,
    blockId: block.blockId,
    ingestId: block.ingestId,
    chainSeq: block.chainSeq,
    blockHash: block.blockHash.toString('hex'),
    previousHash: block.previousHash.toString('hex'),
    constituent: block.constituent,
    sourceId: block.sourceId,
    receivedAt: block.receivedAt,
    exercise: block.exercise,
    listener: block.listener,
    transport: block.transport,
    peerAddress: block.peerAddress,
    peerPort: block.peerPort,
    clientCertificate: block.clientCertificate,
    frames: runsOf(block.frames),
  })
}

/** Hash of a raw block's leaf. */
export function leafOf(block: RawBlock): Buffer {
  return leafHash(Buffer.from(leafTextOf(block)))
}

/** Number of frames, receive time, octets cut, framing, collector id and number, whether it may be a repeat. */
type FrameRun = [number, number, number, string, string | null, number | null, boolean]

function runsOf(frames: readonly RawFrame[]): FrameRun[] {
  const runs: FrameRun[] = []
  let last: RawFrame | undefined
  for (const frame of frames) {
    const run = runs.at(-1)
    if (last !== undefined && run !== undefined && isAlike(last, frame)) run[0] += 1
    else {
      const { receivedAt, truncatedBytes, framing, collectorId, collectorSeq, possibleRepeat } = frame
      runs.push([1, receivedAt, truncatedBytes, framing, collectorId, collectorSeq, possibleRepeat])
    }
    last = frame
  }
  return runs
}

function isAlike(a: RawFrame, b: RawFrame): boolean {
  return (
    a.receivedAt === b.receivedAt &&
    a.truncatedBytes === b.truncatedBytes &&
    a.framing === b.framing &&
    a.collectorId === b.collectorId &&
    a.collectorSeq === b.collectorSeq &&
    a.possibleRepeat === b.possibleRepeat
  )
}

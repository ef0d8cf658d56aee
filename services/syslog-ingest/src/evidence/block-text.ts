import type { RawBlock } from '@tocsin/events'
import { z } from 'zod'

const hex = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((text) => Buffer.from(text, 'hex'))
const frame = z.object({
  octets: z.base64().transform((text) => Buffer.from(text, 'base64')),
  receivedAt: z.number().int(),
  truncatedBytes: z.number().int(),
  framing: z.string(),
  collectorId: z.string().nullable(),
  collectorSeq: z.number().int().nullable(),
  possibleRepeat: z.boolean(),
})
const block = z.object({
  blockId: z.string(),
  constituent: z.string(),
  sourceId: z.string(),
  receivedAt: z.number().int(),
  exercise: z.boolean(),
  listener: z.string(),
  transport: z.string(),
  peerAddress: z.string(),
  peerPort: z.number().int().nullable(),
  clientCertificate: z.string().nullable(),
  ingestId: z.string(),
  chainSeq: z.number().int(),
  previousHash: hex,
  blockHash: hex,
  frames: z.array(frame),
})

/** A raw block as one line of an archive: JSON, hashes in hex, octets in base64. */
export function blockToLine(value: RawBlock): string {
  const frames = value.frames.map((one) => ({ ...one, octets: one.octets.toString('base64') }))
  const { previousHash, blockHash, ...rest } = value
  return JSON.stringify({
    ...rest,
    previousHash: previousHash.toString('hex'),
    blockHash: blockHash.toString('hex'),
    frames,
  })
}

/** Reads a line of an archive. Throws what zod or JSON say of a line that is none. */
export function blockFromLine(line: string): RawBlock {
  return block.parse(JSON.parse(line))
}

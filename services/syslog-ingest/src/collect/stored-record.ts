import { crc32 } from 'node:zlib'

/** Where a collected line came from: the input of the configuration file, how it came, and from whom. */
export interface Origin {
  /** Name of the input in the configuration file. */
  input: string
  /** `udp`, `tcp`, `tls`, `relp`, `file` or `journal`. */
  transport: string
  /** Address of the sender; `-` where there is none (files, journal). */
  address: string
}

/** One line as it lies in the store. */
export interface StoredLine {
  kind: 'line'
  /** Number at this collector, from 1, without holes unless lines were lost. */
  seq: number
  /** When the collector had it, UTC ms. */
  receivedAt: number
  truncatedBytes: number
  /** The sender may have handed it in before (RELP after a broken session). */
  possibleRepeat: boolean
  framing: string
  origin: Origin
  /** How far its input had been read with this line (files, journal), else empty. */
  position: string
  octets: Buffer
}

/** First record of each segment: what must be known when every older segment is gone. */
export interface StoredCheckpoint {
  kind: 'checkpoint'
  /** Number of the last line before it. */
  seq: number
  receivedAt: number
  state: SegmentState
}

/** What a segment's checkpoint keeps. */
export interface SegmentState {
  /** Id of this collector's store: name and a random part given when the folder was made. */
  collectorId: string
  circuit: string
  /** Newest position of each input that has one. */
  positions: Record<string, string>
}

export type StoredRecord = StoredLine | StoredCheckpoint

/** What lies at an offset: a record, the beginning of one that is not whole, or something else. */
export type Decoded =
  | { kind: 'record'; record: StoredRecord; end: number }
  | { kind: 'partial'; needed: number }
  | { kind: 'damaged' }

/**
 * Layout, little endian: marker (2), length of the body (4), CRC-32 of length and body (4); body: kind (1), seq (6),
 * time (6), octets cut and the repeat bit (4), framing, origin and position (each length 2 and text), then the octets. The marker is what
 * a reader looks for behind damage: no single flipped bit hides more than one record.
 */
const MARKER = 0xc57e
const HEAD_BYTES = 10
const FIXED_BYTES = 1 + 6 + 6 + 4
const MAX_BODY_BYTES = 1_048_576
/** No record is longer. */
export const MAX_RECORD_BYTES = MAX_BODY_BYTES + HEAD_BYTES
const REPEAT_BIT = 0x80000000
const KIND_LINE = 1
const KIND_CHECKPOINT = 2

/** Takes a record; gives its octets in the store. */
export function encodeRecord(record: StoredRecord): Buffer {
  const line = record.kind === 'line'
  const texts = line ? [record.framing, originText(record.origin), record.position] : ['', '', '']
  const octets = line ? record.octets : Buffer.from(JSON.stringify(record.state))
  const textBytes = texts.reduce((sum, text) => sum + 2 + Buffer.byteLength(text), 0)
  const bodyBytes = FIXED_BYTES + textBytes + octets.length
  const out = Buffer.allocUnsafe(HEAD_BYTES + bodyBytes)
  out.writeUInt16LE(MARKER, 0)
  out.writeUInt32LE(bodyBytes, 2)
  let at = out.writeUInt8(line ? KIND_LINE : KIND_CHECKPOINT, HEAD_BYTES)
  at = out.writeUIntLE(record.seq, at, 6)
  at = out.writeUIntLE(record.receivedAt, at, 6)
  at = out.writeUInt32LE(line ? record.truncatedBytes + (record.possibleRepeat ? REPEAT_BIT : 0) : 0, at)
  for (const text of texts) {
    const bytes = out.write(text, at + 2)
    out.writeUInt16LE(bytes, at)
    at += 2 + bytes
  }
  octets.copy(out, at)
  out.writeUInt32LE(checksum(out, 0, HEAD_BYTES + bodyBytes), 6)
  return out
}

/** Takes octets of a segment and an offset; gives what lies there. The octets of a line are a view of them. */
export function decodeRecord(octets: Buffer, at: number): Decoded {
  if (octets.length - at < HEAD_BYTES) {
    const whole = octets.length - at < 2 || octets.readUInt16LE(at) === MARKER
    return whole ? { kind: 'partial', needed: HEAD_BYTES } : { kind: 'damaged' }
  }
  if (octets.readUInt16LE(at) !== MARKER) return { kind: 'damaged' }
  const bodyBytes = octets.readUInt32LE(at + 2)
  if (bodyBytes < FIXED_BYTES + 6 || bodyBytes > MAX_BODY_BYTES) return { kind: 'damaged' }
  const end = at + HEAD_BYTES + bodyBytes
  if (end > octets.length) return { kind: 'partial', needed: HEAD_BYTES + bodyBytes }
  if (octets.readUInt32LE(at + 6) !== checksum(octets, at, end)) return { kind: 'damaged' }
  const record = decodeBody(octets.subarray(at + HEAD_BYTES, end))
  return record === null ? { kind: 'damaged' } : { kind: 'record', record, end }
}

/** Takes an offset where something is damaged; gives the offset of the next whole record behind it, or -1. */
export function nextWhole(octets: Buffer, at: number): number {
  const marker = Buffer.from([MARKER & 0xff, MARKER >> 8])
  for (let next = octets.indexOf(marker, at + 1); next !== -1; next = octets.indexOf(marker, next + 1)) {
    if (decodeRecord(octets, next).kind === 'record') return next
  }
  return -1
}

function decodeBody(body: Buffer): StoredRecord | null {
  const kind = body.readUInt8(0)
  const seq = body.readUIntLE(1, 6)
  const receivedAt = body.readUIntLE(7, 6)
  const cut = body.readUInt32LE(13)
  const texts: string[] = []
  let at = FIXED_BYTES
  for (let index = 0; index < 3; index++) {
    if (at + 2 > body.length) return null
    const bytes = body.readUInt16LE(at)
    texts.push(body.toString('utf8', at + 2, at + 2 + bytes))
    at += 2 + bytes
  }
  if (at > body.length) return null
  const octets = body.subarray(at)
  if (kind === KIND_CHECKPOINT) return checkpoint(seq, receivedAt, octets)
  if (kind !== KIND_LINE) return null
  const [framing, origin, position] = texts as [string, string, string]
  return {
    kind: 'line',
    seq,
    receivedAt,
    truncatedBytes: cut % REPEAT_BIT,
    possibleRepeat: cut >= REPEAT_BIT,
    framing,
    origin: originFrom(origin),
    position,
    octets,
  }
}

function checkpoint(seq: number, receivedAt: number, octets: Buffer): StoredCheckpoint | null {
  try {
    return { kind: 'checkpoint', seq, receivedAt, state: JSON.parse(octets.toString()) as SegmentState }
  } catch {
    return null
  }
}

/** CRC-32 over the length and the body of the record that lies at `at`. */
function checksum(octets: Buffer, at: number, end: number): number {
  return crc32(octets.subarray(at + HEAD_BYTES, end), crc32(octets.subarray(at + 2, at + 6)))
}

/** `input transport address`, none of which holds a space. */
function originText({ input, transport, address }: Origin): string {
  return `${input} ${transport} ${address}`
}

function originFrom(text: string): Origin {
  const [input = '', transport = '', address = '-'] = text.split(' ')
  return { input, transport, address }
}

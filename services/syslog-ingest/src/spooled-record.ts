import { crc32 } from 'node:zlib'
import type { SpooledDatagram } from './spool-drain.ts'

/** Length and checksum before each record. */
export const RECORD_HEAD_BYTES = 8
const FIXED_BYTES = 6 + 2 + 4 + 1 + 1

/**
 * Takes a datagram; gives its record: length (4) and CRC-32 (4) of the rest, then time (6), port (2, 0 for none), cut octets
 * (4), lengths of listener and address (1 each), both as text, the octets.
 */
export function recordOf({
  listener,
  address,
  peerPort,
  receivedAtMs,
  truncatedBytes,
  octets,
}: SpooledDatagram): Buffer {
  const texts = Buffer.from(listener + address)
  const length = FIXED_BYTES + texts.length + octets.length
  const record = Buffer.allocUnsafe(RECORD_HEAD_BYTES + length)
  record.writeUInt32BE(length, 0)
  record.writeUIntBE(receivedAtMs, 8, 6)
  record.writeUInt16BE(peerPort ?? 0, 14)
  record.writeUInt32BE(truncatedBytes, 16)
  record.writeUInt8(Buffer.byteLength(listener), 20)
  record.writeUInt8(Buffer.byteLength(address), 21)
  texts.copy(record, 22)
  octets.copy(record, 22 + texts.length)
  record.writeUInt32BE(crc32(record.subarray(RECORD_HEAD_BYTES)), 4)
  return record
}

/** Takes octets and the place of a record; gives the datagram and the place after it, or null where it is cut or damaged. */
export function readRecord(octets: Buffer, at: number): { datagram: SpooledDatagram; next: number } | null {
  if (at + RECORD_HEAD_BYTES > octets.length) return null
  const next = at + RECORD_HEAD_BYTES + octets.readUInt32BE(at)
  const rest = octets.subarray(at + RECORD_HEAD_BYTES, next)
  if (next > octets.length || rest.length < FIXED_BYTES || crc32(rest) !== octets.readUInt32BE(at + 4)) return null
  const listenerEnd = FIXED_BYTES + rest.readUInt8(12)
  const addressEnd = listenerEnd + rest.readUInt8(13)
  const port = rest.readUInt16BE(6)
  return {
    datagram: {
      receivedAtMs: rest.readUIntBE(0, 6),
      peerPort: port === 0 ? null : port,
      truncatedBytes: rest.readUInt32BE(8),
      listener: rest.toString('utf8', FIXED_BYTES, listenerEnd),
      address: rest.toString('utf8', listenerEnd, addressEnd),
      octets: rest.subarray(addressEnd),
    },
    next,
  }
}

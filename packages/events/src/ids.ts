import { createHash, randomBytes } from 'node:crypto'

/**
 * Ids come from inputs (design.md 2.3): the same inputs give the same id on every replay, so a repeat is recognised
 * downstream. Parts are joined with a unit separator, so `('a','bc')` and `('ab','c')` differ.
 */
export function idFrom(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\u001f')).digest('hex').slice(0, 32)
}

/**
 * Id of the event at `frameIndex` of a raw block: 12 hex characters of the receive time in milliseconds (so that ids
 * sort by time and Elasticsearch prunes its look-ups), then 20 of the hash of (block id, index).
 */
export function eventIdFrom(blockId: string, frameIndex: number, receivedAtMs: number): string {
  return timePrefix(receivedAtMs) + idFrom(blockId, frameIndex).slice(0, 20)
}

/** Id of an event that a collector forwarded: the hash of (collector id, sequence number), whatever block it came in. */
export function eventIdFromCollector(collectorId: string, sequence: number, receivedAtMs: number): string {
  return timePrefix(receivedAtMs) + idFrom('collector', collectorId, sequence).slice(0, 20)
}

/** UUID version 7 (RFC 9562) for `nowMs`: given once to each raw block, at the door. */
export function uuidV7(nowMs: number): string {
  const hex = timePrefix(nowMs) + randomBytes(10).toString('hex')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const timePrefix = (ms: number): string => Math.max(0, Math.trunc(ms)).toString(16).padStart(12, '0').slice(-12)

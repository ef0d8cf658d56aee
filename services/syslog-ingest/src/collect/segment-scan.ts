import { decodeRecord, nextWhole, type StoredRecord } from './stored-record.ts'

/** Octets of a segment that are no record: damaged in the middle, or the torn end of the last write. */
export interface BadPart {
  from: number
  to: number
}

/** What a segment holds. */
export interface SegmentScan {
  records: StoredRecord[]
  /** Damage with whole records behind it, or that is no torn write. */
  damaged: BadPart[]
  /** End of the last whole record. */
  goodEnd: number
  /**
   * The octets behind `goodEnd`: none, what a write leaves that a crash cut short (the beginning of a record, or
   * zeros), or damage. A torn write was never told as stored nor forwarded, so its number may be given again; behind
   * damage it may not.
   */
  tail: 'clean' | 'torn' | 'damaged'
}

/** Takes the octets of a whole segment; gives its records and what is wrong with it. Damage hides no whole record. */
export function scanSegment(octets: Buffer): SegmentScan {
  const records: StoredRecord[] = []
  const damaged: BadPart[] = []
  let goodEnd = 0
  let at = 0
  while (at < octets.length) {
    const decoded = decodeRecord(octets, at)
    if (decoded.kind === 'record') {
      records.push(decoded.record)
      at = decoded.end
      goodEnd = at
      continue
    }
    const next = nextWhole(octets, at)
    if (next === -1) {
      const torn = decoded.kind === 'partial' || octets.subarray(at).every((octet) => octet === 0)
      if (!torn) damaged.push({ from: at, to: octets.length })
      return { records, damaged, goodEnd, tail: torn ? 'torn' : 'damaged' }
    }
    damaged.push({ from: at, to: next })
    at = next
  }
  return { records, damaged, goodEnd, tail: 'clean' }
}

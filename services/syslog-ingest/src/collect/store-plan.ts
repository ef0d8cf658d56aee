/** One segment file, without its content. */
export interface Segment {
  file: string
  /** Number of its first line; the lines end before the next segment's first. */
  firstSeq: number
  bytes: number
  /** When it was begun, UTC ms. */
  begunAt: number
}

/** What happens to new lines when there is no room and nothing old has been forwarded. */
export type FullPolicy = 'refuse' | 'drop-oldest'

/** Bounds of the store. */
export interface StoreBounds {
  maxBytes: number
  keepMs: number
  policy: FullPolicy
}

/** What to delete so that there is room. */
export interface RoomPlan {
  remove: Segment[]
  /** Lines that are lost by it: stored here and never forwarded. */
  lostLines: number
  enough: boolean
}

const NAME = /^(\d{16})\.seg$/

/** Name of the segment whose first line has this number. */
export function segmentName(firstSeq: number): string {
  return `${String(firstSeq).padStart(16, '0')}.seg`
}

/** Takes a file name; gives the number of the segment's first line, or null where it is no segment. */
export function firstSeqOf(file: string): number | null {
  const digits = NAME.exec(file)?.[1]
  return digits === undefined ? null : Number(digits)
}

/**
 * Takes the segments, oldest first (the last is being written and never removed), and the octets wanted; gives what may go:
 * first what the centre has, oldest first, then, where the policy says so, what it has not.
 */
export function planRoom(
  segments: readonly Segment[],
  wantedBytes: number,
  forwardedSeq: number,
  bounds: StoreBounds,
): RoomPlan {
  const remove: Segment[] = []
  let free = bounds.maxBytes - segments.reduce((sum, { bytes }) => sum + bytes, 0) - wantedBytes
  let lostLines = 0
  for (let index = 0; index < segments.length - 1 && free < 0; index++) {
    const segment = segments[index] as Segment
    const lastSeq = (segments[index + 1] as Segment).firstSeq - 1
    const unforwarded = lastSeq - Math.max(forwardedSeq, segment.firstSeq - 1)
    if (unforwarded > 0) {
      if (bounds.policy === 'refuse') break
      lostLines += unforwarded
    }
    remove.push(segment)
    free += segment.bytes
  }
  return { remove, lostLines, enough: free >= 0 }
}

/** Takes the segments, oldest first; gives those that the centre has and that were kept long enough. */
export function planExpiry(
  segments: readonly Segment[],
  nowMs: number,
  forwardedSeq: number,
  bounds: StoreBounds,
): Segment[] {
  const expired: Segment[] = []
  for (let index = 0; index < segments.length - 1; index++) {
    const next = segments[index + 1] as Segment
    // The next segment's begin is when the last line of this one was written.
    if (next.firstSeq - 1 > forwardedSeq || nowMs - next.begunAt < bounds.keepMs) break
    expired.push(segments[index] as Segment)
  }
  return expired
}

import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Segment } from '../../collect/store-plan.ts'
import { decodeRecord, MAX_RECORD_BYTES, nextWhole, type StoredLine } from '../../collect/stored-record.ts'

/** What a reader looks at: the segments, oldest first, and the last number that may be read. */
export interface Readable {
  folder: string
  segments: readonly Segment[]
  storedSeq: number
}

/** Larger than any record, so that a chunk always shows a whole one. */
const CHUNK_BYTES = 2 * MAX_RECORD_BYTES

/**
 * Reads lines in order from a number on, over segment borders and past damage, never beyond what is safe on disk. Each
 * line comes once, also where a failed write has left a second copy.
 */
export class StoreReader {
  readonly #store: Readable
  #afterSeq: number
  #segment: Segment | null = null
  #file: FileHandle | null = null
  #offset = 0
  /** Damaged parts that were passed over. */
  damagedParts = 0

  constructor(store: Readable, afterSeq: number) {
    this.#store = store
    this.#afterSeq = afterSeq
  }

  /** The last number that was given, or that is known to be gone. */
  get afterSeq(): number {
    return this.#afterSeq
  }

  /** Gives the next lines, about two megabytes at most; none when everything on disk has been read. */
  async next(): Promise<StoredLine[]> {
    while (this.#afterSeq < this.#store.storedSeq) {
      const opened = this.#segment !== null || (await this.#openSegment())
      if (!opened) return []
      const lines: StoredLine[] = []
      const read = await this.#readChunk(lines)
      if (lines.length > 0) return lines
      if (!read && !(await this.#leaveSegment())) return []
    }
    return []
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = null
    this.#segment = null
    await file?.close()
  }

  /** Opens the segment in which the next number lies, or the oldest there is: older ones may have been removed. */
  async #openSegment(): Promise<boolean> {
    const { segments, folder } = this.#store
    const segment = segments.findLast(({ firstSeq }) => firstSeq <= this.#afterSeq + 1) ?? segments[0]
    if (segment === undefined) return false
    this.#file = await open(join(folder, segment.file), 'r')
    this.#segment = segment
    this.#offset = 0
    return true
  }

  /** Goes on to the next segment; false where this is the last. */
  async #leaveSegment(): Promise<boolean> {
    const here = this.#segment?.firstSeq ?? 0
    const next = this.#store.segments.find(({ firstSeq }) => firstSeq > here)
    if (next === undefined) return false
    await this.close()
    this.#afterSeq = Math.max(this.#afterSeq, next.firstSeq - 1)
    return true
  }

  /** Reads on; false at the end of the segment. */
  async #readChunk(lines: StoredLine[]): Promise<boolean> {
    const segment = this.#segment as Segment
    const length = Math.min(CHUNK_BYTES, segment.bytes - this.#offset)
    if (length <= 0) return false
    const chunk = Buffer.allocUnsafeSlow(length)
    const { bytesRead } = await (this.#file as FileHandle).read(chunk, 0, length, this.#offset)
    const octets = chunk.subarray(0, bytesRead)
    const more = bytesRead > 0 && this.#offset + bytesRead < segment.bytes
    let at = 0
    while (at < octets.length) {
      const decoded = decodeRecord(octets, at)
      if (decoded.kind === 'record') {
        if (decoded.record.kind === 'line') this.#take(decoded.record, lines)
        at = decoded.end
        continue
      }
      if (decoded.kind === 'partial' && more && at > 0) break
      this.damagedParts += 1
      const next = nextWhole(octets, at)
      if (next === -1) {
        at = more ? Math.max(at + 1, octets.length - MAX_RECORD_BYTES) : octets.length
        break
      }
      at = next
    }
    this.#offset += at
    return at > 0
  }

  #take(line: StoredLine, lines: StoredLine[]): void {
    if (line.seq <= this.#afterSeq || line.seq > this.#store.storedSeq) return
    this.#afterSeq = line.seq
    lines.push(line)
  }
}

import { rmSync, truncateSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Clock, Log } from '@tocsin/runtime'
import type { NewLine } from '../../collect/collect-door.ts'
import type { SegmentScan } from '../../collect/segment-scan.ts'
import { planExpiry, planRoom, type Segment, type StoreBounds, segmentName } from '../../collect/store-plan.ts'
import { encodeRecord } from '../../collect/stored-record.ts'
import {
  createSegment,
  listSegments,
  openIdentity,
  readForwarded,
  readSegment,
  type StoreIdentity,
  writeForwarded,
} from './store-folder.ts'

/** What the store is made of. */
export interface StoreParts {
  folder: string
  name: string
  circuit: string
  bounds: StoreBounds
  segmentBytes: number
  clock: Clock
  log: Log
}

/** What happened to lines here since the start; for metrics. */
export interface StoreTally {
  stored: number
  droppedOldest: number
  damagedParts: number
  tornBytes: number
  fullRetries: number
}

interface Waiting {
  octets: Buffer
  input: string
  position: string
  done: (seq: number) => void
}

const RETRY_MS = 500
const WRITE_MAX_BYTES = 262_144
const SMALLEST_RECORD_BYTES = 33

/**
 * The collector's lines on disk: numbered records in segment files, written in groups and synced before they count as
 * stored. After any crash it opens with every line that was told as stored, and numbers go on without meeting one that
 * the centre may have seen.
 */
export class SegmentStore {
  readonly identity: StoreIdentity
  readonly tally: StoreTally = { stored: 0, droppedOldest: 0, damagedParts: 0, tornBytes: 0, fullRetries: 0 }
  /** Newest position of each input that has one. */
  readonly positions: Record<string, string> = {}
  readonly #parts: StoreParts
  #segments: Segment[] = []
  #file: FileHandle | null = null
  #nextSeq = 1
  #storedSeq = 0
  #forwardedSeq = 0
  #savedForwardedSeq = 0
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #writing: Promise<void> | null = null
  #full = false
  #roomMayBe: AbortController | null = null
  #closed = false
  readonly #watchers = new Set<() => void>()

  private constructor(parts: StoreParts) {
    this.#parts = parts
    this.identity = openIdentity(parts.folder, parts.name, parts.circuit)
  }

  /** Opens the store and repairs its end. Throws `collector_folder_taken`, `collector_store_unreadable`. */
  static async open(parts: StoreParts): Promise<SegmentStore> {
    const store = new SegmentStore(parts)
    await store.#recover()
    return store
  }

  get folder(): string {
    return this.#parts.folder
  }

  /** Number of the last line that is safe on disk. */
  get storedSeq(): number {
    return this.#storedSeq
  }

  get forwardedSeq(): number {
    return this.#forwardedSeq
  }

  get segments(): readonly Segment[] {
    return this.#segments
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Octets taken and not yet on disk. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** True while the disk or the bound leaves no room and the policy keeps what is there. */
  get full(): boolean {
    return this.#full
  }

  /** Takes a line; resolves with its number when it is on disk. Lines keep the order in which they were taken. */
  append(line: NewLine): Promise<number> {
    const seq = this.#nextSeq
    this.#nextSeq += 1
    const octets = encodeRecord({ kind: 'line', seq, ...line })
    this.#waitingBytes += octets.length
    const { position } = line
    const { input } = line.origin
    const stored = new Promise<number>((done) => this.#waiting.push({ octets, input, position, done }))
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null
    })
    return stored
  }

  /** The centre has acknowledged everything up to this number. */
  forwarded(seq: number): void {
    if (seq <= this.#forwardedSeq) return
    this.#forwardedSeq = seq
    this.#roomMayBe?.abort()
  }

  /** Housekeeping, about once a second: keeps the cursor, removes what was kept long enough. */
  tend(): void {
    if (this.#forwardedSeq !== this.#savedForwardedSeq) {
      try {
        writeForwarded(this.folder, this.#forwardedSeq, this.#parts.clock.now())
        this.#savedForwardedSeq = this.#forwardedSeq
      } catch (error) {
        // A cursor that lags only means that the centre sees repeats, which it drops.
        this.#parts.log.warn(
          { code: 'collector_disk_failed', err: error },
          'The cursor of the store could not be written.',
        )
      }
    }
    this.#remove(planExpiry(this.#segments, this.#parts.clock.now(), this.#forwardedSeq, this.#parts.bounds))
  }

  /** Calls `listener` whenever lines have become safe on disk; gives a function that ends it. */
  onStored(listener: () => void): () => void {
    this.#watchers.add(listener)
    return () => this.#watchers.delete(listener)
  }

  /** Writes what waits, keeps the cursor, closes. Lines that find no room are given up after the time given. */
  async close(limitMs = 5_000): Promise<boolean> {
    const late = new AbortController()
    const written = await Promise.race([
      (this.#writing ?? Promise.resolve()).then(() => true),
      pause(limitMs, false, { signal: late.signal }).catch(() => false),
    ])
    late.abort()
    this.#closed = true
    this.tend()
    await this.#file?.close().catch(() => {})
    this.#file = null
    return written
  }

  async #recover(): Promise<void> {
    this.#segments = listSegments(this.folder)
    this.#forwardedSeq = readForwarded(this.folder)
    this.#savedForwardedSeq = this.#forwardedSeq
    const scans = this.#scanBack()
    for (const { scan } of scans) {
      for (const record of scan.records) {
        if (record.kind === 'checkpoint') Object.assign(this.positions, record.state.positions)
        else if (record.position !== '') this.positions[record.origin.input] = record.position
      }
    }
    let lastSeq = this.#forwardedSeq
    const last = scans.at(-1)
    if (last !== undefined) {
      const { scan, segment } = last
      const tailBytes = segment.bytes - scan.goodEnd
      lastSeq = Math.max(lastSeq, segment.firstSeq - 1, ...scan.records.slice(-1).map(({ seq }) => seq))
      if (scan.tail === 'torn') this.#cutTorn(segment, scan.goodEnd, tailBytes)
      // Lines may have been there that the centre has seen: their numbers are left out.
      if (scan.tail === 'damaged') lastSeq += Math.ceil(tailBytes / SMALLEST_RECORD_BYTES)
      this.#tellDamage(segment, scan.damaged.length)
      if (scan.tail !== 'damaged') this.#file = await open(join(this.folder, segment.file), 'a')
    }
    this.#nextSeq = lastSeq + 1
    this.#storedSeq = lastSeq
  }

  /** Scans from the newest segment back to one whose checkpoint is whole; gives them oldest first. Empty files go. */
  #scanBack(): { segment: Segment; scan: SegmentScan }[] {
    const scans: { segment: Segment; scan: SegmentScan }[] = []
    for (let index = this.#segments.length - 1; index >= 0; index--) {
      const segment = this.#segments[index] as Segment
      const scan = readSegment(this.folder, segment.file)
      if (scan.records.length === 0 && scan.tail === 'torn') {
        this.#remove([segment])
        continue
      }
      scans.unshift({ segment, scan })
      if (scan.records.some(({ kind }) => kind === 'checkpoint')) break
    }
    return scans
  }

  #cutTorn(segment: Segment, goodEnd: number, bytes: number): void {
    truncateSync(join(this.folder, segment.file), goodEnd)
    segment.bytes = goodEnd
    this.tally.tornBytes += bytes
    if (bytes > 0) {
      this.#parts.log.warn(
        { code: 'collector_torn_tail', bytes },
        `The last write to ${segment.file} was cut short by a crash; its ${bytes} octets held no line that had been told as stored.`,
      )
    }
  }

  #tellDamage(segment: Segment, parts: number): void {
    if (parts === 0) return
    this.tally.damagedParts += parts
    this.#parts.log.error(
      { code: 'collector_damaged', file: segment.file, parts },
      `${parts} parts of ${segment.file} are damaged; the whole records beside them are kept: look at the disk.`,
    )
  }

  async #writeAll(): Promise<void> {
    // What is taken in the same turn of the loop goes out in one write.
    await Promise.resolve()
    while (this.#waiting.length > 0 && !this.#closed) {
      const batch = this.#nextBatch()
      const octets = Buffer.concat(batch.map((waiting) => waiting.octets))
      await this.#write(octets, this.#storedSeq + 1)
      if (this.#closed) return
      this.#waitingBytes -= octets.length
      this.tally.stored += batch.length
      for (const { done, input, position } of batch) {
        this.#storedSeq += 1
        if (position !== '') this.positions[input] = position
        done(this.#storedSeq)
      }
      for (const watcher of this.#watchers) watcher()
    }
  }

  #nextBatch(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const { octets } of this.#waiting) {
      bytes += octets.length
      if (count > 0 && bytes > WRITE_MAX_BYTES) break
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  /** Writes and syncs; waits for room as long as it takes. */
  async #write(octets: Buffer, firstSeq: number): Promise<void> {
    while (!this.#closed) {
      try {
        if (this.#makeRoom(octets.length)) {
          const segment = await this.#segmentFor(octets.length, firstSeq)
          await this.#writeTo(segment, octets)
          this.#setFull(false, null)
          return
        }
        this.#setFull(true, null)
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code
        if (code === 'ENOSPC' || code === 'EDQUOT') this.#makeRoomOnDisk()
        this.#setFull(true, error)
      }
      this.tally.fullRetries += 1
      this.#roomMayBe = new AbortController()
      await pause(RETRY_MS, undefined, { signal: this.#roomMayBe.signal }).catch(() => {})
      this.#roomMayBe = null
    }
  }

  async #segmentFor(bytes: number, firstSeq: number): Promise<Segment> {
    const last = this.#segments.at(-1)
    if (this.#file !== null && last !== undefined && last.bytes + bytes <= this.#parts.segmentBytes) return last
    await this.#file?.close()
    this.#file = null
    const nowMs = this.#parts.clock.now()
    const { collectorId, circuit } = this.identity
    const state = { collectorId, circuit, positions: this.positions }
    const head = encodeRecord({ kind: 'checkpoint', seq: firstSeq - 1, receivedAt: nowMs, state })
    const file = segmentName(firstSeq)
    createSegment(this.folder, file, head)
    const segment = { file, firstSeq, bytes: head.length, begunAt: nowMs }
    this.#segments.push(segment)
    this.#file = await open(join(this.folder, file), 'a')
    return segment
  }

  /** Appends and syncs. What a failed try left is cut off again; where even that fails a new segment is begun. */
  async #writeTo(segment: Segment, octets: Buffer): Promise<void> {
    const file = this.#file as FileHandle
    try {
      await file.appendFile(octets)
      await file.datasync()
      segment.bytes += octets.length
    } catch (error) {
      // After a failed sync the kernel may hold the pages for clean, so this file is not written again.
      this.#file = null
      await file.truncate(segment.bytes).catch(() => {})
      await file.close().catch(() => {})
      throw error
    }
  }

  #makeRoom(bytes: number): boolean {
    const plan = planRoom(this.#segments, bytes, this.#forwardedSeq, this.#parts.bounds)
    this.#lose(plan.lostLines)
    this.#remove(plan.remove)
    return plan.enough
  }

  /** The disk is full before our own bound: as if the bound were what is used now. */
  #makeRoomOnDisk(): void {
    const bounds = { ...this.#parts.bounds, maxBytes: this.bytes }
    const plan = planRoom(this.#segments, 1, this.#forwardedSeq, bounds)
    this.#lose(plan.lostLines)
    this.#remove(plan.remove)
  }

  #lose(lines: number): void {
    if (lines === 0) return
    this.tally.droppedOldest += lines
    this.#parts.log.error(
      { code: 'collector_dropped_oldest', lines },
      `The store is full and the centre away: the ${lines} oldest lines that were not forwarded are lost (full: drop-oldest).`,
    )
  }

  #remove(segments: readonly Segment[]): void {
    for (const segment of segments) rmSync(join(this.folder, segment.file), { force: true })
    if (segments.length > 0) this.#segments = this.#segments.filter((segment) => !segments.includes(segment))
  }

  #setFull(full: boolean, error: unknown): void {
    if (full === this.#full) return
    this.#full = full
    const { log } = this.#parts
    if (full) {
      const fields = { code: 'collector_store_full', bytes: this.bytes, ...(error === null ? {} : { err: error }) }
      log.error(fields, `The store in ${this.folder} has no room: streams wait, datagrams are dropped and counted.`)
    } else log.info({ bytes: this.bytes }, 'The store has room again.')
  }
}

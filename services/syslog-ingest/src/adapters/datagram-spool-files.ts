import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Log, messageOf } from '@tocsin/runtime'
import type { DatagramSpool, ReturnedDatagram, SpooledDatagram } from '../spool-drain.ts'
import { readRecord, recordOf } from '../spooled-record.ts'

const SEGMENT_BYTES = 4 * 1024 * 1024
const SEGMENT_NAME = /^\d{15}$/

interface Segment {
  /** Number of its first datagram, also its name. */
  first: number
  count: number
  bytes: number
}

/**
 * Datagrams in segment files of 4 MiB under a bound. A segment is deleted when Kafka has all of it. Written with one call a
 * datagram and not synced: what is in it outlives a killed process. A record that was cut or damaged ends its segment.
 * Numbers of what was given out and of what Kafka has stand in `position`, so that after a kill the datagrams that may be
 * in Kafka already are known.
 */
export class DatagramSpoolFiles implements DatagramSpool {
  readonly #folder: string
  readonly #maxBytes: number
  readonly #log: Log
  readonly #segments: Segment[] = []
  #writing: { fd: number; segment: Segment } | null = null
  #reading: { first: number; octets: Buffer; at: number; next: number } | null = null
  #next = 1
  #given = 0
  #givenBefore = 0
  #released = 0
  #bytes = 0
  #failed = false

  constructor(dataDir: string, slot: number, maxBytes: number, log: Log) {
    this.#folder = join(dataDir, 'syslog-ingest', `slot-${slot}`, 'datagrams')
    this.#maxBytes = maxBytes
    this.#log = log
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    this.#open()
  }

  get waiting(): number {
    return this.#next - 1 - this.#given
  }

  get bytes(): number {
    return this.#bytes
  }

  put(datagram: SpooledDatagram): boolean {
    const record = recordOf(datagram)
    if (this.#bytes + record.length > this.#maxBytes) return false
    try {
      const { fd, segment } = this.#segmentFor(record.length)
      try {
        if (writeSync(fd, record) !== record.length) throw new Error('the disk took a part only')
      } catch (error) {
        ftruncateSync(fd, segment.bytes)
        throw error
      }
      segment.bytes += record.length
      segment.count += 1
    } catch (error) {
      this.#tell(error)
      return false
    }
    this.#bytes += record.length
    this.#next += 1
    this.#failed = false
    return true
  }

  take(maxBytes: number): ReturnedDatagram[] {
    const taken: ReturnedDatagram[] = []
    let bytes = 0
    while (bytes < maxBytes && this.waiting > 0) {
      const datagram = this.#readNext()
      if (datagram === null) continue
      taken.push(datagram)
      bytes += datagram.octets.length
    }
    this.#savePosition()
    return taken
  }

  release(index: number): void {
    this.#released = index
    while (this.#segments[0] !== undefined && this.#endOf(this.#segments[0]) <= index + 1) {
      const segment = this.#segments[0]
      // The one that is being written stays until the next is begun, unless all of it is done.
      if (segment === this.#writing?.segment) this.#closeWriting()
      this.#segments.shift()
      this.#bytes -= segment.bytes
      rmSync(this.#path(segment.first), { force: true })
    }
    this.#savePosition()
  }

  #open(): void {
    const [released = 0, given = 0] = this.#readPosition()
    for (const name of readdirSync(this.#folder)
      .filter((file) => SEGMENT_NAME.test(file))
      .sort()) {
      const segment = this.#check(Number(name))
      if (segment.count === 0 || this.#endOf(segment) <= released + 1) {
        rmSync(this.#path(segment.first), { force: true })
        continue
      }
      this.#segments.push(segment)
      this.#bytes += segment.bytes
      this.#next = this.#endOf(segment)
    }
    this.#next = Math.max(this.#next, released + 1, given + 1)
    this.#released = Math.max(released, (this.#segments[0]?.first ?? 1) - 1)
    this.#given = this.#segments.length === 0 ? this.#next - 1 : this.#released
    this.#givenBefore = given
  }

  /** Counts the whole records of a segment and cuts off what follows them. */
  #check(first: number): Segment {
    const octets = readFileSync(this.#path(first))
    const segment = { first, count: 0, bytes: 0 }
    for (let record = readRecord(octets, 0); record !== null; record = readRecord(octets, segment.bytes)) {
      segment.count += 1
      segment.bytes = record.next
    }
    if (segment.bytes < octets.length) truncateSync(this.#path(first), segment.bytes)
    return segment
  }

  #readNext(): ReturnedDatagram | null {
    const index = this.#given + 1
    const segment = this.#segments.find((candidate) => index < this.#endOf(candidate))
    if (segment === undefined) {
      this.#given = this.#next - 1
      return null
    }
    let reading = this.#reading
    if (reading?.first !== segment.first || reading.at >= reading.octets.length) {
      const octets = readFileSync(this.#path(segment.first))
      reading =
        reading?.first === segment.first
          ? { ...reading, octets }
          : { first: segment.first, octets, at: 0, next: segment.first }
    }
    this.#reading = reading
    for (;;) {
      const record = readRecord(reading.octets, reading.at)
      if (record === null) {
        this.#given = this.#endOf(segment) - 1
        return null
      }
      const at = reading.next
      reading.at = record.next
      reading.next += 1
      if (at < index) continue
      this.#given = at
      return { index: at, possibleRepeat: at <= this.#givenBefore, ...record.datagram }
    }
  }

  #segmentFor(bytes: number): { fd: number; segment: Segment } {
    if (this.#writing !== null && this.#writing.segment.bytes + bytes <= SEGMENT_BYTES) return this.#writing
    this.#closeWriting()
    const segment = { first: this.#next, count: 0, bytes: 0 }
    this.#writing = { fd: openSync(this.#path(segment.first), 'a', 0o600), segment }
    this.#segments.push(segment)
    return this.#writing
  }

  #closeWriting(): void {
    if (this.#writing !== null) closeSync(this.#writing.fd)
    this.#writing = null
  }

  #endOf({ first, count }: Segment): number {
    return first + count
  }

  #path(first: number): string {
    return join(this.#folder, String(first).padStart(15, '0'))
  }

  #readPosition(): number[] {
    try {
      return readFileSync(join(this.#folder, 'position'), 'utf8').split(' ').map(Number).filter(Number.isSafeInteger)
    } catch {
      return []
    }
  }

  #savePosition(): void {
    try {
      // After two restarts in a row, what the first of them gave out may be in Kafka too.
      const mayBeInKafka = Math.max(this.#given, this.#givenBefore)
      writeFileSync(join(this.#folder, 'position.part'), `${this.#released} ${mayBeInKafka}`)
      renameSync(join(this.#folder, 'position.part'), join(this.#folder, 'position'))
    } catch (error) {
      this.#tell(error)
    }
  }

  /** Once for each time that the disk fails, not for each datagram. */
  #tell(error: unknown): void {
    if (!this.#failed) {
      this.#log.error(
        { code: 'spool_failed', reason: messageOf(error) },
        'Datagrams that wait for Kafka cannot be kept on disk: they are dropped and counted until there is room.',
      )
    }
    this.#failed = true
  }
}

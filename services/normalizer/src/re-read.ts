import type { DeadLetter, Event, RawBlock, RegistrySource } from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'
import type { OutputTo } from '@tocsin/stage'
import { ColumnMemory } from './column-memory.ts'
import { eventIdOf, readFrame, settingsOf } from './frame-event.ts'
import type { Parser } from './parser.ts'
import { isUnparsed } from './reading-tally.ts'

/** Mark in `tocsin.quality` of an event that replaces one of the same id; those behind neither count it nor keep both. */
export const REREAD = 'reread'

/** Most lines that one run takes up; their ids are held in memory. */
const LINES_MAX = 1_000_000

/** What a run looks for. */
export interface ReReadSettings {
  parsers: readonly Parser[]
  source: (sourceId: string) => RegistrySource | undefined
  /** Receive times, UTC ms: from, and before which. */
  from: number
  until: number
  /** Only what this parser reads now, and then also what the generic layers had read in part; null: any. */
  parser: string | null
}

/** What a run found. */
export interface ReReadReport {
  /** Lines that had not been read, and dead letters of single lines. */
  unread: number
  /** Those that are read now, by parser. */
  read: Record<string, number>
}

/**
 * Reads once more what the normalizer could not read before a parser was promoted: events without detail, and dead
 * letters of single frames. An event keeps its id, so that it takes the place of the one before; what a run has read, the
 * next one leaves alone. First every event and dead letter is noted, then every raw block taken.
 */
export class ReRead {
  readonly report: ReReadReport = { unread: 0, read: {} }
  readonly #settings: ReReadSettings
  readonly #unread = new Set<string>()
  readonly #done = new Set<string>()
  readonly #letters = new Map<string, Buffer[]>()
  readonly #columns: ColumnMemory

  constructor(settings: ReReadSettings) {
    this.#settings = settings
    const columns = new Map<string, readonly string[]>()
    this.#columns = new ColumnMemory(columns as never)
  }

  noteEvent(event: Pick<Event, 'eventId' | 'receivedAt' | 'quality' | 'dataset'>): void {
    const { eventId } = event
    if (!this.#isWanted(event.receivedAt)) return
    if (event.quality.includes(REREAD)) {
      this.#done.add(eventId)
      this.#unread.delete(eventId)
    } else if (this.#isUnread(event) && !this.#done.has(eventId)) this.#unread.add(eventId)
    this.#bound()
  }

  /** Only letters of single frames: a whole record goes back by `tocsin dlq replay`. */
  noteLetter({ service, topic, partition, offset, original }: DeadLetter): void {
    if (service !== 'normalizer' || !topic.endsWith('raw-blocks')) return
    const place = `${partition}/${offset}`
    this.#letters.set(place, [...(this.#letters.get(place) ?? []), original])
    this.#bound()
  }

  /** Takes a raw block with its place; gives the events that it now has. */
  take(block: RawBlock, partition: number, offset: number): OutputTo<'events'>[] {
    const source = this.#settings.source(block.sourceId)
    const letters = this.#letters.get(`${partition}/${offset}`) ?? []
    const outputs: OutputTo<'events'>[] = []
    for (const [index, frame] of block.frames.entries()) {
      this.#columns.note(block.sourceId, frame.octets)
      const eventId = eventIdOf(block, frame, index)
      if (this.#done.has(eventId) || !this.#isWanted(frame.receivedAt)) continue
      if (!this.#unread.has(eventId) && !letters.some((original) => original.equals(frame.octets))) continue
      this.report.unread += 1
      const settings = settingsOf(source, this.#columns.of(block.sourceId))
      const reading = readFrame(block, index, source, settings, this.#settings.parsers)
      if (reading.kind === 'rejected' || isUnparsed(reading.value)) continue
      const { value } = reading
      const name = value.dataset
      if (this.#settings.parser !== null && name !== this.#settings.parser) continue
      value.quality.push(REREAD)
      this.#done.add(eventId)
      this.report.read[name] = (this.report.read[name] ?? 0) + 1
      outputs.push({ topic: 'events', key: block.sourceId, value })
    }
    return outputs
  }

  /** Of a named parser also what the generic layers found something in: no parser had it. */
  #isUnread(event: Pick<Event, 'quality' | 'dataset'>): boolean {
    return isUnparsed(event) || (this.#settings.parser !== null && event.dataset === 'generic')
  }

  #isWanted(receivedAt: number): boolean {
    return receivedAt >= this.#settings.from && receivedAt < this.#settings.until
  }

  #bound(): void {
    if (this.#unread.size + this.#done.size + this.#letters.size <= LINES_MAX) return
    throw new TocsinError(
      'too_many_lines',
      `More than ${LINES_MAX} lines of that time were not read: name a shorter one with --from and --until.`,
    )
  }
}

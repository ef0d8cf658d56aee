import type { FeedRecord } from '@tocsin/events'
import { readSharedCase, type StixObject, stixObjectsOf, versionKeyOf } from '@tocsin/exchange'

/** Most objects of a collection that are held; the oldest go first. An agency that was away longer reads its topic. */
export const MAX_OBJECTS = 500_000

interface Entry {
  /** Instant of its coming, microseconds since 1970; rises from entry to entry. */
  addedMicros: number
  object: StixObject
  version: string
}

/** What a client asks of a collection (TAXII 2.1 section 3.4). */
export interface Filter {
  addedAfterMicros: number
  ids: ReadonlySet<string> | null
  types: ReadonlySet<string> | null
  /** `last`, `first`, `all`, or instants of versions. */
  versions: ReadonlySet<string>
  limit: number
}

/** One page of a collection. */
export interface Page {
  entries: readonly { object: StixObject; version: string; addedAt: string }[]
  /** Where the next page begins; null: this is the last one. */
  next: string | null
}

/**
 * The objects of one agency in the order in which they came, each version once. Their instants are those of the records on the
 * topic, so a restart gives the same ones and a client goes on where it was.
 */
export class TaxiiCollection {
  readonly #deployment: string
  #entries: Entry[] = []
  /** Id → instants of its first and last version that are shown: of a case that was taken back, none from before. */
  readonly #spans = new Map<string, { first: number; last: number }>()
  readonly #known = new Set<string>()
  #lastMicros = 0

  constructor(deployment: string) {
    this.#deployment = deployment
  }

  get size(): number {
    return this.#entries.length
  }

  /** Takes a record of the agency's feed with the time of its record on the topic. A record from before the exchange formats is left out. */
  add(record: FeedRecord, timestampMs: number): void {
    if (record.sharedCase === '') return
    const shared = readSharedCase(JSON.parse(record.sharedCase))
    for (const object of stixObjectsOf(shared, this.#deployment, record.verb === 'revoke')) {
      const key = versionKeyOf(object)
      if (this.#known.has(key)) continue
      this.#known.add(key)
      this.#lastMicros = Math.max(this.#lastMicros + 1, timestampMs * 1_000)
      const version = 'modified' in object ? object.modified : 'created' in object ? object.created : UNVERSIONED
      this.#entries.push({ addedMicros: this.#lastMicros, object, version })
      const isTakenBack = object.type === 'incident' && record.verb === 'revoke'
      const span = isTakenBack ? undefined : this.#spans.get(object.id)
      this.#spans.set(object.id, { first: span?.first ?? this.#lastMicros, last: this.#lastMicros })
    }
    if (this.#entries.length > MAX_OBJECTS * 1.1) this.#forget(this.#entries.length - MAX_OBJECTS)
  }

  #forget(count: number): void {
    for (const { object, addedMicros } of this.#entries.splice(0, count)) {
      this.#known.delete(versionKeyOf(object))
      if (this.#spans.get(object.id)?.last === addedMicros) this.#spans.delete(object.id)
    }
  }

  page({ addedAfterMicros, ids, types, versions, limit }: Filter): Page {
    const entries: Entry[] = []
    for (let at = this.#firstAfter(addedAfterMicros); at < this.#entries.length; at++) {
      const entry = this.#entries[at] as Entry
      const { object } = entry
      if (ids !== null && !ids.has(object.id)) continue
      if (types !== null && !types.has(object.type)) continue
      if (!this.#isWanted(entry, versions)) continue
      if (entries.length === limit) {
        return { entries: entries.map(shown), next: String(entries.at(-1)?.addedMicros ?? 0) }
      }
      entries.push(entry)
    }
    return { entries: entries.map(shown), next: null }
  }

  #isWanted({ object, addedMicros, version }: Entry, versions: ReadonlySet<string>): boolean {
    const span = this.#spans.get(object.id)
    // What an agency may see no more is not to be had by asking for all versions.
    if (span !== undefined && addedMicros < span.first) return false
    return (
      versions.has('all') ||
      (versions.has('last') && span?.last === addedMicros) ||
      (versions.has('first') && span?.first === addedMicros) ||
      versions.has(version)
    )
  }

  /** Place of the first entry that came after an instant, by halving. */
  #firstAfter(micros: number): number {
    let [low, high] = [0, this.#entries.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#entries[middle]?.addedMicros ?? 0) <= micros) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** What is said of objects without versions (TAXII 2.1 section 3.4.1). */
const UNVERSIONED = '1970-01-01T00:00:00.000Z'

const shown = ({ object, version, addedMicros }: Entry) => ({ object, version, addedAt: timeOf(addedMicros) })

/** Microseconds as TAXII writes an instant. */
export function timeOf(micros: number): string {
  const text = new Date(Math.floor(micros / 1_000)).toISOString()
  return `${text.slice(0, -1)}${String(micros % 1_000).padStart(3, '0')}Z`
}

/** Reads an instant of a client; null where it is none. */
export function microsOf(text: string): number | null {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text)
  const ms = found === null ? Number.NaN : Date.parse(`${found[1]}Z`)
  return Number.isNaN(ms) ? null : ms * 1_000 + Number((found?.[2] ?? '').padEnd(6, '0').slice(0, 6))
}

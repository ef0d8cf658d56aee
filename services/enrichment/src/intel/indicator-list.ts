import { type Indicator, idFrom } from '@tocsin/events'
import { parseBlock } from '../address.ts'
import { type IndicatorKind, indicatorKinds } from '../lookups/indicator-store.ts'

/** A part of a list that could not be read. */
export interface Fault {
  /** Where: a line, an id, a path in the document. */
  place: string
  reason: string
}

/** What is the same for a whole list, where its entries do not say otherwise. */
export interface ListSettings {
  feed: string
  tlp: string
  /** 0 to 100. */
  confidence: number
  /** What an entry counts as until somebody has looked at it (VN-4.3a). */
  verification: 'unverified' | 'verified'
  /** Days after which an entry without an end of its own is over; null for never. */
  expiresDays: number | null
  /** UTC milliseconds. */
  importedAt: number
}

/** A list, read. */
export interface IndicatorList {
  indicators: Indicator[]
  faults: Fault[]
  /** Entries that are no indicators for detection: benign, context only, kinds that no event carries. */
  ignored: number
}

/** One entry of a list before it is checked. */
export interface Entry {
  kind: string
  value: string
  confidence?: number | null
  tlp?: string | null
  description?: string | null
  validFrom?: number | null
  validUntil?: number | null
  revoked?: boolean
}

const DAY_MS = 86_400_000
const maxValueChars = 2_048
const maxDescriptionChars = 512
const maxFaults = 1_000

/** Collects entries of one list: the same thing named twice is one indicator, the later word holds. */
export class ListBuilder {
  readonly #settings: ListSettings
  readonly #byId = new Map<string, Indicator>()
  readonly #faults: Fault[] = []
  ignored = 0

  constructor(settings: ListSettings) {
    this.#settings = settings
  }

  add(entry: Entry, place: string): void {
    const kind = entry.kind.toLowerCase()
    const value = entry.value.trim()
    const reason = faultOf(kind, value, entry.confidence ?? null)
    if (reason !== null) return this.fault(place, reason)
    const { feed, tlp, confidence, verification, expiresDays, importedAt } = this.#settings
    const ends = expiresDays === null ? null : importedAt + expiresDays * DAY_MS
    const indicatorId = idFrom(feed, kind, value.toLowerCase())
    this.#byId.set(indicatorId, {
      indicatorId,
      type: kind,
      value,
      feed,
      confidence: Math.round(entry.confidence ?? confidence),
      tlp: entry.tlp ?? tlp,
      verification,
      description: entry.description?.slice(0, maxDescriptionChars) ?? null,
      validFrom: entry.validFrom ?? 0,
      validUntil: entry.validUntil ?? ends,
      importedAt,
      revoked: entry.revoked ?? false,
    })
  }

  fault(place: string, reason: string): void {
    if (this.#faults.length < maxFaults) this.#faults.push({ place, reason })
  }

  list(): IndicatorList {
    return { indicators: [...this.#byId.values()], faults: this.#faults, ignored: this.ignored }
  }
}

const hash = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i
// Labels may hold underscores and letters of any script; one label alone would hit every name of a suffix.
const domain = /^(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,62})\.)+[\p{L}\p{N}-]{2,63}\.?$/u

/** Why an entry is none; null where it is good. */
function faultOf(kind: string, value: string, confidence: number | null): string | null {
  if (!indicatorKinds.includes(kind as IndicatorKind))
    return `The type "${kind}" is none of ${indicatorKinds.join(', ')}.`
  if (value === '') return 'The value is empty.'
  if (value.length > maxValueChars) return `The value has more than ${maxValueChars} characters.`
  if (confidence !== null && !(confidence >= 0 && confidence <= 100))
    return `The confidence "${confidence}" is not between 0 and 100.`
  switch (kind as IndicatorKind) {
    case 'ip':
    case 'cidr':
      return parseBlock(value) === null ? `"${value}" is no address.` : null
    case 'domain':
      return domain.test(value) ? null : `"${value}" is no domain name.`
    case 'hash':
      return hash.test(value) ? null : `"${value}" is no MD5, SHA-1, SHA-256 or SHA-512.`
    case 'url':
      return null
  }
}

/** What a bare value is: the kind that it looks like, or null. */
export function kindOfValue(value: string): IndicatorKind | null {
  if (parseBlock(value) !== null) return value.includes('/') ? 'cidr' : 'ip'
  if (hash.test(value)) return 'hash'
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return 'url'
  return domain.test(value) ? 'domain' : null
}

/** A Traffic Light Protocol 2.0 marking of any spelling (`tlp:amber`, `TLP:WHITE`); null where it is none. */
export function tlpOf(text: string): string | null {
  const word = /^tlp[:-]?\s*(red|amber\+strict|amber|green|clear|white)$/i.exec(text.trim())?.[1]?.toUpperCase()
  return word === undefined ? null : word === 'WHITE' ? 'CLEAR' : word
}

/** UTC milliseconds of an ISO 8601 text, or of seconds since 1970; null where it is none. */
export function instantOf(value: unknown): number | null {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d{9,11}$/.test(value))) return Number(value) * 1_000
  if (typeof value !== 'string' || value === '') return null
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? null : ms
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

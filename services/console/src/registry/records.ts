import type {
  RegistryAsset,
  RegistryConstituent,
  RegistryContact,
  RegistrySource,
  RegistrySystem,
} from '@tocsin/events'
import type { Output } from '@tocsin/stage'
import { type Entries, type Entry, fieldsOf, type Section } from './entries.ts'

/** Who changed the registry, when and why: stands in every record. */
export interface Change {
  changedBy: string
  changedAt: number
  reason: string
}

export type RegistryRecord = RegistryAsset | RegistryConstituent | RegistryContact | RegistrySource | RegistrySystem

/** From when until when an entry counts, UTC milliseconds. */
interface Validity {
  validFrom: number
  validTo: number | null
}

const ALWAYS: Validity = { validFrom: 0, validTo: null }

/**
 * The record that says what an entry is from now on. `deleted` withdraws it: readers drop it from their tables, the record
 * stays. Takes entries as `readEntry` gives them.
 */
export function outputOf(section: Section, entry: Entry, change: Change, deleted = false): Output {
  const written = { ...change, deleted }
  const valid = deleted ? { ...ALWAYS, validTo: change.changedAt } : ALWAYS
  switch (section) {
    case 'constituents': {
      const { id: constituentId, ...rest } = entry as unknown as Entries['constituents']
      const value: RegistryConstituent = { constituentId, ...rest, ...valid, ...written }
      return { topic: 'registry-constituents', key: constituentId, value }
    }
    case 'systems': {
      const { id: systemId, ...rest } = entry as unknown as Entries['systems']
      const value: RegistrySystem = { systemId, ...rest, ...written }
      return { topic: 'registry-systems', key: systemId, value }
    }
    case 'assets': {
      const { id: assetId, ...rest } = entry as unknown as Entries['assets']
      const value: RegistryAsset = { assetId, ...rest, ...valid, ...written }
      return { topic: 'registry-assets', key: assetId, value }
    }
    case 'sources': {
      const { id: sourceId, ...rest } = entry as unknown as Entries['sources']
      const value: RegistrySource = { sourceId, ...rest, ...written }
      return { topic: 'registry-sources', key: sourceId, value }
    }
    case 'contacts': {
      const { id: contactId, certificateExpiresAt: expiry, ...rest } = entry as unknown as Entries['contacts']
      const certificateExpiresAt = expiry === null ? null : Date.parse(expiry)
      const value: RegistryContact = { contactId, ...rest, certificateExpiresAt, ...valid, ...written }
      return { topic: 'registry-contacts', key: contactId, value }
    }
    default:
      return section satisfies never
  }
}

/** The tombstone of an entry: its record itself is deleted, not only withdrawn. */
export function tombstoneOf(section: Section, id: string): Output {
  switch (section) {
    case 'constituents':
      return { topic: 'registry-constituents', key: id, value: null }
    case 'systems':
      return { topic: 'registry-systems', key: id, value: null }
    case 'assets':
      return { topic: 'registry-assets', key: id, value: null }
    case 'sources':
      return { topic: 'registry-sources', key: id, value: null }
    case 'contacts':
      return { topic: 'registry-contacts', key: id, value: null }
    default:
      return section satisfies never
  }
}

/** The entry that a record holds, as `readEntry` gave it; what older records lack is null. */
export function entryOf(section: Section, id: string, record: RegistryRecord): Entry {
  const held: Record<string, unknown> = { ...record, id }
  const entry: Record<string, unknown> = {}
  for (const field of fieldsOf(section)) {
    const value = held[field] ?? null
    entry[field] = field === 'certificateExpiresAt' && typeof value === 'number' ? new Date(value).toISOString() : value
  }
  return { ...entry, id }
}

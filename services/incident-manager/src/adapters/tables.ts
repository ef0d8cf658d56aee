import type { RegistryContact } from '@tocsin/events'
import type { Contact } from '@tocsin/obligations'
import type { GlobalTable } from '@tocsin/stage/kafka'
import type { LawBook } from '../law-book.ts'
import { CENTRE, type Registry } from '../registry.ts'

/** The registry topics and the loaded packs as the core asks for them. */
export function registryOf(
  constituents: GlobalTable<'registry-constituents'>,
  contacts: GlobalTable<'registry-contacts'>,
  systems: GlobalTable<'registry-systems'>,
  sources: GlobalTable<'registry-sources'>,
  laws: LawBook,
): Registry {
  return {
    constituent: (id) => constituents.get(id),
    system: (id) => systems.get(id),
    source: (id) => sources.get(id),
    constituents: () => constituents.values(),
    systemsOf: (constituent) => [...systems.values()].filter((system) => system.constituent === constituent),
    contactRecords: (constituent, nowMs) =>
      [...contacts.values()].filter((contact) => contact.constituent === constituent && isValid(contact, nowMs)),
    law: (packId, edition) => laws.law(packId, edition),
    contacts: (constituent, nowMs) => {
      const country = constituents.get(constituent)?.country
      const found: Contact[] = []
      for (const contact of contacts.values()) {
        if (isValid(contact, nowMs) && mayHear(contact, constituent, country, constituents))
          found.push(contactOf(contact))
      }
      return found
    },
  }
}

function isValid(contact: RegistryContact, nowMs: number): boolean {
  return contact.validFrom <= nowMs && (contact.validTo === null || contact.validTo > nowMs)
}

/** A nation's desks hear of their nation's bodies only; the centre hears of all. */
function mayHear(
  contact: RegistryContact,
  constituent: string,
  country: string | undefined,
  constituents: GlobalTable<'registry-constituents'>,
): boolean {
  if (contact.constituent === constituent || contact.constituent === CENTRE) return true
  const theirs = constituents.get(contact.constituent)?.country
  return theirs === undefined || country === undefined || theirs === country
}

function contactOf(contact: RegistryContact): Contact {
  const { contactId, constituent, role, name, language, channels, test } = contact
  return { contactId, constituent, role, name, language, channels, test }
}

import type { RegistryConstituent, RegistryContact, RegistrySource, RegistrySystem } from '@tocsin/events'
import type { Contact, LifecycleRules, Pack } from '@tocsin/obligations'
import type { Edition } from './law-book.ts'

/** A country's law as this service uses it: the pack and what it asks of a case's life. */
export interface Law {
  pack: Pack
  rules: LifecycleRules
}

/** What the core asks of the world around it; main.ts answers from the registry topics and the pack folders. */
export interface Registry {
  constituent(id: string): RegistryConstituent | undefined
  system(id: string): RegistrySystem | undefined
  source(id: string): RegistrySource | undefined
  /** Every body in force. */
  constituents(): Iterable<RegistryConstituent>
  /** Systems of a body. */
  systemsOf(constituent: string): readonly RegistrySystem[]
  /** Contacts of a body as they stand in the registry, those in force. */
  contactRecords(constituent: string, nowMs: number): readonly RegistryContact[]
  /** Contacts who may receive notices about a constituent at an instant: its own, those of its nation, those of the centre. */
  contacts(constituent: string, nowMs: number): readonly Contact[]
  /** The law of a pack, or undefined where that pack is missing, was refused, or was not in force. */
  law(packId: string, edition: Edition): Law | undefined
}

/** Constituent id of the surveillance centre's own desks (schemas/registry-contact.avsc). */
export const CENTRE = 'centre'

import type { Notice, RegistryContact } from '@tocsin/events'
import type { Channel } from './channel.ts'

/** Constituent id of the surveillance centre's own desks (schemas/registry-contact.avsc). */
const CENTRE = 'centre'

/** Channels that are used where neither the notice nor the contact names any. */
const AUTOMATIC: readonly string[] = ['mail', 'webhook', 'sms']

/** The contacts known now, by id and all. */
export interface Contacts {
  get(contactId: string): RegistryContact | undefined
  values(): Iterable<RegistryContact>
}

/** One way to a receiver. */
export interface Route {
  channel: Channel
  address: string
}

/**
 * Whether a contact may get a notice at all: in force at `nowMs`, and a test contact for an exercise and for nothing else
 * (XC-11). This holds for a contact that the notice names, too: the last door before the outside trusts no earlier one.
 */
export function isEligible(contact: RegistryContact, notice: Notice, nowMs: number): boolean {
  if (contact.deleted || contact.test !== notice.exercise) return false
  return contact.validFrom <= nowMs && (contact.validTo === null || nowMs < contact.validTo)
}

/**
 * Takes a notice; gives those who get it: the contact that it names, else everyone of its role, the constituent's own before
 * the centre's, and where neither has one, those whom another body registered for that role (a nation's authority). Of
 * several, those who read its language.
 */
export function receiversOf(notice: Notice, contacts: Contacts, nowMs: number): RegistryContact[] {
  const named = notice.contactId === null ? undefined : contacts.get(notice.contactId)
  if (named !== undefined && isEligible(named, notice, nowMs)) return [named]
  const ofRole = [...contacts.values()].filter(
    (contact) => contact.role === notice.recipientRole && isEligible(contact, notice, nowMs),
  )
  const own = ofRole.filter((contact) => contact.constituent === notice.constituent)
  const centre = ofRole.filter((contact) => contact.constituent === CENTRE)
  return byLanguage(own.length > 0 ? own : centre, notice.language)
}

function byLanguage(contacts: RegistryContact[], language: string): RegistryContact[] {
  const readers = contacts.filter((contact) => contact.language === language)
  return (readers.length > 0 ? readers : contacts).sort((a, b) => (a.contactId < b.contactId ? -1 : 1))
}

/** Takes a notice and its receiver; gives the ways in the order tried: the notice's channels, else the contact's, else mail, webhook and short message. */
export function routesOf(notice: Notice, contact: RegistryContact, channels: readonly Channel[]): Route[] {
  const wanted = [notice.channels, contact.channels].find((names) => names.length > 0)
  const order =
    wanted === undefined
      ? channels.filter((channel) => AUTOMATIC.includes(channel.name))
      : wanted.flatMap((name) => channels.filter((channel) => channel.name === name))
  return order.flatMap((channel) => {
    const address = channel.addressOf(contact)
    return address === null ? [] : [{ channel, address }]
  })
}

import { X509Certificate } from 'node:crypto'
import type { RegistryConstituent, RegistryContact } from '@tocsin/events'
import type { Registry } from '../registry.ts'

/** Something that the law wants of a body's registry and that is not there, or will soon not be. */
export interface Finding {
  /** The same as long as the same thing is wrong. */
  id: string
  code: 'nobody_in_charge' | 'certificate_ending'
  constituent: string
  message: string
  values: Record<string, string>
}

/** Roles of the person or unit whom a manager appoints (VN-7.1). */
const IN_CHARGE = ['unit-in-charge', 'operator']
/** From this class on the duties of Article 5 bind (VN-5.0). */
const LEAST_BOUND_CLASS = 3
/** A certificate is warned of from this time before its end (VN-7.4). */
const CERTIFICATE_WARNING_MS = 30 * 86_400_000

/** What is wrong with a body's people now, UTC ms. `isWatched`: its duties bind it. */
export function findingsOf(
  body: RegistryConstituent,
  registry: Registry,
  isWatched: boolean,
  nowMs: number,
): Finding[] {
  const contacts = registry.contactRecords(body.constituentId, nowMs).filter((contact) => !contact.test)
  const certificates = contacts.flatMap((contact) => certificateEnding(contact, nowMs) ?? [])
  return isWatched && body.country === 'VN'
    ? [...nobodyInCharge(body, registry, contacts), ...certificates]
    : certificates
}

function nobodyInCharge(
  { constituentId }: RegistryConstituent,
  registry: Registry,
  contacts: readonly RegistryContact[],
): Finding[] {
  if (contacts.some(({ role }) => IN_CHARGE.includes(role))) return []
  return registry
    .systemsOf(constituentId)
    .filter(({ state, systemClass }) => state === 'active' && systemClass >= LEAST_BOUND_CLASS)
    .map(({ systemId, name, systemClass }) => ({
      id: `nobody_in_charge/${systemId}`,
      code: 'nobody_in_charge',
      constituent: constituentId,
      message: `The system ${name} (${systemId}, class ${systemClass}) of ${constituentId} has nobody in charge of surveillance and warning: add a contact with the role ${IN_CHARGE.join(' or ')} (VN-7.1).`,
      values: { system: systemId, class: String(systemClass) },
    }))
}

function certificateEnding(contact: RegistryContact, nowMs: number): Finding | null {
  const end = endOf(contact)
  if (end === null || end > nowMs + CERTIFICATE_WARNING_MS) return null
  const { contactId, constituent } = contact
  const day = new Date(end).toISOString().slice(0, 10)
  return {
    id: `certificate_ending/${contactId}/${day}`,
    code: 'certificate_ending',
    constituent,
    message: `The certificate of the contact ${contactId} of ${constituent} ends on ${day}: ask for a new one and import it (VN-7.4).`,
    values: { contact: contactId, ends: day },
  }
}

/** When a contact's certificate ends, by the certificate itself; what is no certificate has no end. UTC ms. */
function endOf({ certificate, certificateExpiresAt }: RegistryContact): number | null {
  if (certificate === null) return certificateExpiresAt
  try {
    return Date.parse(new X509Certificate(certificate).validTo)
  } catch {
    return certificateExpiresAt
  }
}

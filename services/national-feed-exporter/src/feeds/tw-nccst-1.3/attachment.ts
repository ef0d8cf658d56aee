import { canonicalJson } from '@tocsin/exchange'
import type { FieldName } from './fields.ts'
import { PROFILE, type TicketInput } from './profile.ts'

/** A file beside a ticket. */
export interface Attachment {
  /** `<Event_ID>_<n>.<ext>` (AMB-TW15). */
  name: string
  content: string
}

/**
 * Gives the attachment of a ticket: the whole of every text that was cut (XC-6) and all sources and targets where there is
 * more than one of either (AMB-TW12); null when the 28 fields hold everything. Canonical JSON: the same ticket gives the
 * same octets. Only what is listed here leaves (operations.md S-19): no accounts, no raw lines.
 */
export function attachmentOf(
  input: TicketInput,
  cut: readonly FieldName[],
  whole: Readonly<Record<FieldName, string>>,
  profile: string = PROFILE,
): Attachment | null {
  const { detection, eventId } = input
  const sides = detection.participants.filter((one) => one.ip !== null)
  const several = ['source', 'target', 'c2', 'relay'].some(
    (role) => sides.filter((one) => one.role === role).length > 1,
  )
  if (cut.length === 0 && !several) return null
  const document = {
    profile,
    eventId,
    detectionId: detection.detectionId,
    // Unpaired surrogates would come back as U+FFFD from UTF-8; toWellFormed says so openly and once.
    fields: Object.fromEntries(cut.map((name) => [name, whole[name].toWellFormed()])),
    participants: sides.map(({ role, ip, port, protocol, count }) => ({ role, ip, port, protocol, count })),
    eventCount: detection.eventCount,
    eventIds: detection.eventIds,
  }
  return { name: `${eventId}_1.json`, content: `${canonicalJson(document)}\n` }
}

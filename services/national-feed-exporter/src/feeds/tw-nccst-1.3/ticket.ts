import { createHash } from 'node:crypto'
import type { Ticket } from '@tocsin/events'
import type { Attachment } from './attachment.ts'
import { checkFields, checkReferences } from './check.ts'
import type { ListIndex } from './lists.ts'
import { PROFILE, type Profile, type TicketInput } from './profile.ts'
import type { Readings } from './readings.ts'
import { buildRecord } from './record.ts'
import type { SchemaValidator } from './validate.ts'
import { toXml } from './xml.ts'

/** One hour from the true first record (App. 5 item 2-2, AMB-TW4). */
export const DUE_AFTER_MS = 3_600_000

/** A ticket that was cut: the record for the topic, and what goes beside the file. */
export interface CutTicket {
  ticket: Ticket
  attachment: Attachment | null
}

/** What cutting needs besides the input. */
export interface Cutter {
  profile: Profile
  validator: SchemaValidator
  lists: ListIndex
}

/**
 * Cuts a ticket from a detection at `issuedAt` under a number already taken: 28 fields, file, XSD, field check, references.
 * What fails is quarantined with the field's name and never uploaded (TW-2.1a, TW-3.2).
 */
export function cutTicket(
  input: TicketInput & { caseId: string; number: number },
  issuedAt: number,
  { profile, validator, lists }: Cutter,
): CutTicket {
  const { detection } = input
  const { fields, attachment } = buildRecord(input, profile, issuedAt)
  const xml = toXml(fields, profile.readings, extrasOf(input, profile.readings))
  const reason = problemOf()
  return {
    ticket: {
      ticketId: input.eventId,
      caseId: input.caseId,
      detectionId: detection.detectionId,
      constituent: detection.constituent,
      profile: profile.name ?? PROFILE,
      exercise: detection.exercise,
      number: input.number,
      baseTicketId: input.baseEventId,
      issuedAt,
      firstRecordAt: detection.firstEvent,
      detectedAt: detection.detectedAt,
      dueAt: detection.firstEvent + DUE_AFTER_MS,
      state: reason === null ? 'queued' : 'quarantined',
      stateAt: issuedAt,
      reason,
      fileName: `${input.eventId}.xml`,
      sha256: createHash('sha256').update(xml).digest('hex'),
      bytes: Buffer.byteLength(xml),
      xml,
      fields: { ...fields },
      attempts: 0,
      reply: null,
    },
    attachment,
  }

  function problemOf(): string | null {
    const wrong = checkFields(fields, profile.readings).find((verdict) => verdict.problem !== null)
    if (wrong !== undefined) return `${wrong.name} ${wrong.problem}`
    const valid = validator.validate(xml)
    if (!valid.ok) return `XSD: ${valid.problem}`
    const unmatched = checkReferences(fields, lists)
    return unmatched === null ? null : `${unmatched.field} ${unmatched.problem}`
  }
}

/** Own fields after field 28, where they are wanted (note 1): what the SOP has no field for, under a prefix of ours. */
function extrasOf({ detection }: TicketInput, { extraFields }: Readings): Readonly<Record<string, string>> {
  if (!extraFields) return {}
  const addresses = (role: string) => [
    ...new Set(detection.participants.flatMap((one) => (one.role === role && one.ip !== null ? [one.ip] : []))),
  ]
  return {
    Tocsin_Detection_ID: detection.detectionId,
    Tocsin_RSIT_Class: detection.rsitClass ?? '',
    Tocsin_All_Sources: addresses('source').join(';'),
    Tocsin_All_Targets: addresses('target').join(';'),
  }
}

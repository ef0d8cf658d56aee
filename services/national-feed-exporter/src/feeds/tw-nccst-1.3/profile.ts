import type { Detection, RegistryConstituent, RegistrySource } from '@tocsin/events'
import type { Readings } from './readings.ts'

/** Name of the export profile; stands on every ticket. */
export const PROFILE = 'tw-nccst-1.3'

/** What the uploader is and how it reads what the SOP leaves open (requirements.md 5, AMB-TW…). */
export interface Profile {
  /** Name of the edition that tickets are cut by; that of V1.3 where none is said. */
  name?: string
  /** Code of the sending unit: field 1 and the names of the lists. */
  organization: string
  /** Prefix of Event_ID. */
  prefix: string
  /** Decimals of a second, 1 to 5 (AMB-TW9). */
  timeDigits: number
  /** How the other ambiguities are read. */
  readings: Readings
  /** Takes a severity of 0 to 100; gives field 21 (AMB-TW8). The bands are the pack's. */
  severityCode: (severity: number) => string
  /** True when the pack says that the detection is a ticket (AMB-X2). */
  isTicket: (detection: Detection) => boolean
}

/** The official full name, as it stands in the service list and in field 3. */
export function officialName(constituent: RegistryConstituent): string {
  return constituent.name
}

/** Ten levels, ten worst: the reading of AMB-TW8 where no pack says otherwise. */
export function tenLevels(severity: number): string {
  return String(Math.min(10, Math.max(1, Math.ceil(severity / 10))))
}

/** What a ticket is made from. */
export interface TicketInput {
  eventId: string
  baseEventId: string | null
  detection: Detection
  constituent: RegistryConstituent
  /** First registered source of the detection, if the registry knows it. */
  source: RegistrySource | null
}

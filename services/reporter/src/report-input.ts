import type {
  DailyFact,
  Incident,
  Language,
  RegistryAsset,
  RegistryChange,
  RegistryConstituent,
  RegistryContact,
  RegistrySource,
  RegistrySystem,
  Report,
  Request,
  Ticket,
} from '@tocsin/events'
import type { Pack } from '@tocsin/obligations'
import type { ReportTemplate } from './template.ts'

/** What of a ticket reports count; its file stays where it is. */
export type TicketRow = Pick<
  Ticket,
  'ticketId' | 'caseId' | 'constituent' | 'profile' | 'exercise' | 'issuedAt' | 'firstRecordAt' | 'state' | 'stateAt'
>

/** Records of one report's scope: nothing of another body is among them. */
export interface ReportData {
  facts: readonly DailyFact[]
  incidents: readonly Incident[]
  sources: readonly RegistrySource[]
  systems: readonly RegistrySystem[]
  assets: readonly RegistryAsset[]
  contacts: readonly RegistryContact[]
  changes: readonly RegistryChange[]
  requests: readonly Request[]
  tickets: readonly TicketRow[]
  /** Reports made before: a roll-up is compared with those of its parts. */
  reports: readonly Report[]
}

/** What people entered by hand for a report: texts and single cells by name. */
export interface Entered {
  texts: Readonly<Record<string, string>>
  cells: Readonly<Record<string, string>>
}

/** A former version of what a report of the present describes. */
export interface FormerVersion {
  version: number
  /** Path of a value → the value. */
  values: Readonly<Record<string, string>>
}

/** Everything that a report may be made from. It is the same for the service and the command line. */
export interface ReportInput {
  template: ReportTemplate
  pack: Pack
  /** The body that it is about; null for a whole country. */
  constituent: RegistryConstituent | null
  /** Bodies in scope, by id. */
  bodies: readonly RegistryConstituent[]
  /** Period, UTC ms, `to` exclusive. */
  from: number
  to: number
  language: Language
  revision: number
  createdAt: number
  /** Scheduled instant of a run that was missed and is made up for; null for one in time. */
  missedAt: number | null
  data: ReportData
  entered: Entered
  former: FormerVersion | null
}

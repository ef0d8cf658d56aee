import type { DailyFact, Incident, Language, RegistryConstituent, RegistrySource } from '@tocsin/events'
import type { Pack } from '@tocsin/obligations'

/** Everything that a report may be made from. It is the same for the service and the command line. */
export interface ReportInput {
  pack: Pack
  constituent: RegistryConstituent
  /** Period, UTC ms, `to` exclusive. */
  from: number
  to: number
  language: Language
  revision: number
  createdAt: number
  /** Facts of this constituent and of the whole centre, also of days before the period. */
  facts: readonly DailyFact[]
  /** Cases of this constituent, exercises among them. */
  incidents: readonly Incident[]
  /** Its registered sources. */
  sources: readonly RegistrySource[]
}

/** A rendered report. */
export interface Rendered {
  title: string
  /** A whole page without external resources. */
  html: string
  /** Every total that is printed. */
  totals: Record<string, number>
}

/** One kind of statutory report: one file and one line in index.ts. */
export interface ReportKind {
  /** As packs and the command line name it. */
  id: string
  pack: string
  /** Days before the period whose facts it shows. */
  daysBefore: number
  render(input: ReportInput): Rendered
}

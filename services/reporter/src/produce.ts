import { type DailyFact, type Incident, idFrom, type Language, type RegistrySource, type Report } from '@tocsin/events'
import { DAY_MS, dateOf, localDayAt, type Pack } from '@tocsin/obligations'
import { ALL } from './law.ts'
import type { ReportInput, ReportKind } from './report-kind.ts'

/** The present state of the topics that reports are made from. */
export interface ReportSources {
  facts(): Iterable<DailyFact>
  incidents(): Iterable<Incident>
  sources(): Iterable<RegistrySource>
}

/** One file as written. */
export type WrittenFile = Report['files'][number]

/** What the shell gives: a folder, and a printer that may be missing. */
export interface ReportOutput {
  /** Writes one file below the report folder, whole or not at all. */
  write(path: string, content: Buffer, mime: string): Promise<WrittenFile>
  /** Prints a page; null where no browser is there (said in the log by the printer). */
  print(html: string): Promise<Buffer | null>
}

/** Which report is wanted. */
export interface ReportOrder {
  kind: ReportKind
  pack: Pack
  constituent: ReportInput['constituent']
  from: number
  to: number
  language: Language
  revision: number
  createdAt: number
  dueAt: number | null
}

/** Makes one report: collects, renders, writes; gives its record. */
export async function produce(order: ReportOrder, sources: ReportSources, output: ReportOutput): Promise<Report> {
  const { kind, pack, constituent, from, to, language, revision, createdAt, dueAt } = order
  const rendered = kind.render(inputOf(order, sources))
  const path = pathOf(order)
  const files = [await output.write(`${path}.html`, Buffer.from(rendered.html), 'text/html; charset=utf-8')]
  const pdf = await output.print(rendered.html)
  if (pdf !== null) files.push(await output.write(`${path}.pdf`, pdf, 'application/pdf'))
  return {
    reportId: reportIdOf(order),
    kind: kind.id,
    pack: pack.id,
    constituent: constituent.constituentId,
    from,
    to,
    revision,
    exercise: false,
    language,
    createdAt,
    dueAt,
    files,
    totals: rendered.totals,
  }
}

export function reportIdOf({ kind, pack, constituent, from, to }: ReportOrder): string {
  return idFrom(kind.id, pack.id, constituent.constituentId, from, to)
}

/** Takes an order; gives what the report is made from: nothing of another constituent gets in. */
export function inputOf(order: ReportOrder, sources: ReportSources): ReportInput {
  const { kind, pack, constituent, from, to, language, revision, createdAt } = order
  const id = constituent.constituentId
  const first = dateOf(localDayAt(pack.timeZone, from - kind.daysBefore * DAY_MS))
  const last = dateOf(localDayAt(pack.timeZone, to - 1))
  const mine = (fact: DailyFact): boolean => {
    if (fact.constituent !== id && fact.constituent !== ALL) return false
    // An outage may have begun long before and ended long after.
    if (fact.name === 'outage-from') return fact.day <= last
    if (fact.name === 'outage-to') return fact.day >= first
    return fact.day >= first && fact.day <= last
  }
  const facts = [...sources.facts()].filter(mine).sort((one, other) => (one.factId < other.factId ? -1 : 1))
  const incidents = [...sources.incidents()]
    .filter((incident) => incident.constituent === id)
    .sort((one, other) => (one.caseId < other.caseId ? -1 : 1))
  const own = [...sources.sources()]
    .filter((source) => source.constituent === id && !source.deleted)
    .sort((one, other) => (one.sourceId < other.sourceId ? -1 : 1))
  return { pack, constituent, from, to, language, revision, createdAt, facts, incidents, sources: own }
}

function pathOf({ kind, pack, constituent, from, to, language }: ReportOrder): string {
  const safe = (text: string): string => text.replace(/[^a-z0-9-]/gi, '_').slice(0, 80)
  const first = dateOf(localDayAt(pack.timeZone, from))
  const last = dateOf(localDayAt(pack.timeZone, to - 1))
  const period = first === last ? first : `${first}_${last}`
  const body = safe(constituent.constituentId)
  return `${safe(kind.id)}/${body}/${period}/${safe(kind.id)}-${body}-${period}.${safe(language)}`
}

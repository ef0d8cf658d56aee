import {
  type DailyFact,
  type Incident,
  idFrom,
  type Language,
  type RegistryAsset,
  type RegistryChange,
  type RegistryConstituent,
  type RegistryContact,
  type RegistrySource,
  type RegistrySystem,
  type Report,
  type Request,
} from '@tocsin/events'
import { DAY_MS, dateOf, localDayAt, type Pack } from '@tocsin/obligations'
import { ALL } from './law.ts'
import { FORMATS, type Format, MIME, outputOf } from './outputs/index.ts'
import { render } from './render.ts'
import type { Entered, FormerVersion, ReportData, ReportInput, TicketRow } from './report-input.ts'
import type { ReportTemplate } from './template.ts'

/** The present state of the topics that reports are made from. */
export interface ReportSources {
  readonly facts: () => Iterable<DailyFact>
  readonly incidents: () => Iterable<Incident>
  readonly sources: () => Iterable<RegistrySource>
  readonly systems: () => Iterable<RegistrySystem>
  readonly assets: () => Iterable<RegistryAsset>
  readonly contacts: () => Iterable<RegistryContact>
  readonly changes: () => Iterable<RegistryChange>
  readonly requests: () => Iterable<Request>
  readonly tickets: () => Iterable<TicketRow>
  readonly reports: () => Iterable<Report>
  readonly constituents: () => Iterable<RegistryConstituent>
}

/** One file as written. */
export type WrittenFile = Report['files'][number]

/** What the shell gives: a folder, what people entered for a report, and a printer that may be missing. */
export interface ReportOutput {
  /** Writes one file below the report folder, whole or not at all. */
  write(path: string, content: Buffer, mime: string): Promise<WrittenFile>
  /** Prints a page; null where no browser is there (said in the log by the printer). */
  print(html: string): Promise<Buffer | null>
  /** Texts and cells that people entered for a kind, body and first day. */
  entered(kind: string, constituent: string, period: string): Promise<Entered>
}

/** Which report is wanted. */
export interface ReportOrder {
  template: ReportTemplate
  pack: Pack
  /** Null for the whole country. */
  constituent: RegistryConstituent | null
  from: number
  to: number
  languages: readonly Language[]
  formats?: readonly Format[]
  revision: number
  createdAt: number
  dueAt: number | null
  missedAt: number | null
  former: FormerVersion | null
  /** The same report as it was made before, where it was: its revision holds while its data does (XC-9). */
  before?: Report | undefined
  /** Narrows the cases that an analysis looks at. */
  cases?: (incident: Incident) => boolean
}

/** Makes one report: collects, renders in every language and form, writes; gives its record. */
export async function produce(asked: ReportOrder, sources: ReportSources, output: ReportOutput): Promise<Report> {
  const entered = await output.entered(asked.template.id, bodyOf(asked), periodOf(asked))
  const order = revised(asked, sources, entered)
  const { template, pack, from, to, languages, revision, createdAt, dueAt, missedAt, formats = FORMATS } = order
  const files: WrittenFile[] = []
  let first: ReturnType<typeof render> | undefined
  for (const language of languages) {
    const rendered = render(inputOf(order, sources, language, entered))
    first ??= rendered
    const path = pathOf(order, language)
    for (const format of formats) {
      const content =
        format === 'pdf'
          ? await output.print((await outputOf('html', rendered)).toString())
          : await outputOf(format, rendered)
      if (content !== null) files.push(await output.write(`${path}.${format}`, content, MIME[format]))
    }
  }
  return {
    reportId: reportIdOf(order),
    kind: template.id,
    pack: pack.id,
    constituent: bodyOf(order),
    from,
    to,
    revision,
    exercise: false,
    language: languages[0] ?? 'en',
    createdAt,
    dueAt,
    files,
    totals: first?.totals ?? {},
    template: first?.document.template ?? '',
    packVersion: pack.version,
    dataSha256: first?.dataSha256 ?? '',
    missedAt,
  }
}

/** Made again with the same data a report keeps its revision; with other data it gets the next one. */
function revised(order: ReportOrder, sources: ReportSources, entered: Entered): ReportOrder {
  const { before, template, languages } = order
  if (before === undefined) return order
  const { dataSha256 } = render(inputOf(order, sources, languages[0] ?? 'en', entered))
  const isSame = template.present || dataSha256 === before.dataSha256
  return { ...order, revision: isSame ? before.revision : before.revision + 1 }
}

const bodyOf = ({ constituent }: Pick<ReportOrder, 'constituent'>): string => constituent?.constituentId ?? ALL

/** A report of the present has no period: its versions are revisions of one report. */
export function reportIdOf({
  template,
  pack,
  constituent,
  from,
  to,
}: Pick<ReportOrder, 'template' | 'pack' | 'constituent' | 'from' | 'to'>): string {
  const body = bodyOf({ constituent })
  return template.present ? idFrom(template.id, pack.id, body, 0, 0) : idFrom(template.id, pack.id, body, from, to)
}

/** Takes an order; gives what the report is made from: nothing of another constituent gets in, nor a kind it may not see. */
export function inputOf(
  order: ReportOrder,
  sources: ReportSources,
  language: Language,
  entered: Entered = { texts: {}, cells: {} },
): ReportInput {
  const { template, pack, constituent, from, to, revision, createdAt, missedAt, former } = order
  const bodies = bodiesOf(order, sources.constituents())
  const ids = new Set(bodies.map(({ constituentId }) => constituentId))
  const own = <Kind extends { constituent: string; deleted?: boolean }>(records: Iterable<Kind>): Kind[] =>
    [...records].filter((record) => ids.has(record.constituent) && record.deleted !== true)
  const data: ReportData = {
    facts: [...sources.facts()].filter(factFilter(order, ids)).sort(byId('factId')),
    incidents: own(sources.incidents())
      .filter(({ kind }) => template.kinds === undefined || template.kinds.some((seen) => seen === kind))
      .filter((incident) => order.cases?.(incident) !== false)
      .sort(byId('caseId')),
    sources: own(sources.sources()).sort(byId('sourceId')),
    systems: own(sources.systems()).sort(byId('systemId')),
    assets: own(sources.assets()).sort(byId('assetId')),
    contacts: own(sources.contacts()).sort(byId('contactId')),
    changes: own(sources.changes()).sort(byId('changeId')),
    requests: own(sources.requests()).sort(byId('requestId')),
    tickets: own(sources.tickets()).sort(byId('ticketId')),
    reports: own(sources.reports()).sort(byId('reportId')),
  }
  return {
    template,
    pack,
    constituent,
    bodies,
    from,
    to,
    language,
    revision,
    createdAt,
    missedAt,
    data,
    entered,
    former,
  }
}

function bodiesOf({ pack, constituent, to }: ReportOrder, all: Iterable<RegistryConstituent>): RegistryConstituent[] {
  if (constituent !== null) return [constituent]
  return [...all]
    .filter((body) => body.pack === pack.id && !body.deleted && !body.roles.includes('centre') && body.validFrom < to)
    .sort(byId('constituentId'))
}

function factFilter({ template, pack, from, to }: ReportOrder, ids: ReadonlySet<string>): (fact: DailyFact) => boolean {
  const first = dateOf(localDayAt(pack.timeZone, from - template.daysBefore * DAY_MS))
  const last = dateOf(localDayAt(pack.timeZone, to - 1))
  return (fact) => {
    if (!ids.has(fact.constituent) && fact.constituent !== ALL) return false
    // Who is told of events alone must not see what they add up to either (KZ-14).
    if (template.kinds !== undefined && COUNTS_CASES.has(fact.name)) return false
    // An outage may have begun long before and ended long after.
    if (fact.name === 'outage-from') return fact.day <= last
    if (fact.name === 'outage-to') return fact.day >= first
    return fact.day >= first && fact.day <= last
  }
}

const COUNTS_CASES = new Set([
  'detections',
  'detections-excluded',
  'cases',
  'cases-closed',
  'cases-vn-kind',
  'false-positives',
  'clocks',
])

function byId<Key extends string>(key: Key): (one: Record<Key, string>, other: Record<Key, string>) => number {
  return (one, other) => (one[key] < other[key] ? -1 : one[key] > other[key] ? 1 : 0)
}

function periodOf({ template, pack, from, to, revision }: ReportOrder): string {
  if (template.present) return `v${revision}`
  const first = dateOf(localDayAt(pack.timeZone, from))
  const last = dateOf(localDayAt(pack.timeZone, to - 1))
  return first === last ? first : `${first}_${last}`
}

function pathOf(order: ReportOrder, language: Language): string {
  const safe = (text: string): string => text.replace(/[^a-z0-9-]/gi, '_').slice(0, 80)
  const kind = safe(order.template.id)
  const body = order.constituent === null ? 'national' : safe(order.constituent.constituentId)
  const period = periodOf(order)
  // A revision of a closed period never replaces the one that was sent.
  const again = order.revision > 1 && !order.template.present ? `.r${order.revision}` : ''
  return `${kind}/${body}/${period}/${kind}-${body}-${period}${again}.${safe(language)}`
}

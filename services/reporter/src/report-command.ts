import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type DailyFact, type Incident, LANGUAGES, type Language, type RegistryConstituent } from '@tocsin/events'
import { DAY_MS, dateOf, dayOf, instantOf, localDayAt, type Pack } from '@tocsin/obligations'
import { type CommandIo, TocsinError } from '@tocsin/runtime'
import { matches, type Where } from './document/query.ts'
import { FORMATS, type Format } from './outputs/index.ts'
import type { ReportOrder } from './produce.ts'
import type { ReportPack } from './schedule.ts'
import type { ReportTemplate } from './template.ts'
import { blanksOf } from './versions.ts'

/** source-counts are kept for 30 days: facts of older days come from daily-facts. */
const RECOUNT_DAYS = 29
const MAX_DAYS = 366

/** What the words of `tocsin report` ask for. */
export interface Asked {
  kind: string
  from: number
  to: number
  languages: readonly Language[] | null
  formats: readonly Format[]
  constituent: string | undefined
  out: string
  entered: string | undefined
  query: string | undefined
}

export const USAGE =
  'report --kind KIND [--from DAY] [--to DAY] [--lang vi] [--constituent ID] [--as html,pdf,docx,xlsx,csv] [--query FILE] [--entered FILE] [--out DIR]'

const usage = (why: string): TocsinError => new TocsinError('usage', `${why} Usage: tocsin ${USAGE}`)

/** Reads the words of the command; days are local days of the pack, `--to` is the last one. */
export function askedOf(args: readonly string[]): Asked {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kind: { type: 'string', default: '' },
      from: { type: 'string' },
      to: { type: 'string' },
      lang: { type: 'string' },
      constituent: { type: 'string' },
      as: { type: 'string', default: FORMATS.join(',') },
      query: { type: 'string' },
      entered: { type: 'string' },
      out: { type: 'string', default: 'reports' },
    },
  })
  const from = dayOf(values.from ?? '')
  const to = values.to === undefined ? from : dayOf(values.to)
  if (values.from !== undefined && (from === null || to === null || to < from))
    throw usage('Say the days as YYYY-MM-DD, the first not after the last.')
  if (from !== null && to !== null && to - from >= MAX_DAYS) throw usage('A report covers at most a year.')
  const languages = values.lang?.split(',') ?? null
  if (languages?.some((language) => !LANGUAGES.some((known) => known === language)) === true)
    throw usage(`Say the language: --lang ${LANGUAGES.join(' | ')}.`)
  const formats = FORMATS.filter((format) => values.as.split(',').includes(format))
  if (formats.length === 0) throw usage(`Say the form: --as ${FORMATS.join(',')}.`)
  return {
    kind: values.kind,
    from: from ?? Number.NaN,
    to: to ?? Number.NaN,
    languages: languages as readonly Language[] | null,
    formats,
    constituent: values.constituent,
    out: resolve(values.out),
    entered: values.entered,
    query: values.query,
  }
}

/** Takes what is asked; gives its template with the pack whose law held when the period began. */
export function chosen(asked: Asked, packs: readonly ReportPack[]): { pack: Pack; template: ReportTemplate } {
  const all = packs.flatMap(({ pack, templates }) => templates.map((template) => ({ pack, template })))
  const named = all.filter(({ template }) => template.id === asked.kind)
  if (named.length === 0)
    throw usage(`Say which report: --kind ${[...new Set(all.map(({ template }) => template.id))].sort().join(' | ')}.`)
  if (named.some(({ template }) => !template.present) && Number.isNaN(asked.from))
    throw usage('Say the first day of the period: --from YYYY-MM-DD.')
  const inForceThen = named.find(({ pack }) => {
    const from = instantOf(pack.timeZone, Number.isNaN(asked.from) ? 0 : asked.from)
    return from >= pack.inForceFrom && (pack.inForceTo === null || from < pack.inForceTo)
  })
  const last = named.at(-1)
  if (last === undefined) throw usage('There is no such report.')
  return inForceThen ?? last
}

/** Bodies that the report is made for, null for the whole country. */
export function wantedBodies(
  asked: Asked,
  { pack, template }: { pack: Pack; template: ReportTemplate },
  constituents: Iterable<RegistryConstituent>,
): (RegistryConstituent | null)[] {
  const all = [...constituents]
  if (template.scope === 'national' && asked.constituent === undefined) return [null]
  const wanted = all.filter(
    ({ constituentId, pack: own, roles }) =>
      own === pack.id &&
      (asked.constituent === undefined ? !roles.includes('centre') : constituentId === asked.constituent),
  )
  if (wanted.length > 0) return wanted
  throw new TocsinError(
    'unknown_constituent',
    `No constituent under ${pack.id} fits: look at \`tocsin registry export\`.`,
  )
}

/** The order for one body. */
export function orderFor(
  asked: Asked,
  { pack, template }: { pack: Pack; template: ReportTemplate },
  constituent: RegistryConstituent | null,
  nowMs: number,
  saved: Where | null,
): ReportOrder {
  const period = template.present
    ? { from: nowMs, to: nowMs }
    : { from: instantOf(pack.timeZone, asked.from), to: instantOf(pack.timeZone, asked.to + 1) }
  const terms = Object.entries(saved ?? {})
  return {
    template,
    pack,
    constituent,
    ...period,
    languages: asked.languages ?? template.languages,
    formats: asked.formats,
    revision: 1,
    createdAt: nowMs,
    dueAt: null,
    missedAt: null,
    former: null,
    ...(saved === null ? {} : { cases: (incident: Incident) => matches(incident, terms) }),
  }
}

/** A form with a blank field does not leave: says which (VN-A1). */
export function refuseBlanks(order: ReportOrder, data: Parameters<typeof blanksOf>[0]): void {
  if (order.template.complete !== 'systems') return
  const blanks = blanksOf(data)
  if (blanks.length === 0) return
  throw new TocsinError(
    'report_incomplete',
    `The form ${order.template.id} is not made, fields are blank: ${blanks.map(({ item, of, field }) => `${item} ${of}.${field}`).join(', ')}; fill them in the registry.`,
  )
}

/** Facts counted anew for the days that the topics still hold, stored ones for the days before. */
export function mergeFacts(
  fresh: readonly DailyFact[],
  stored: Iterable<DailyFact>,
  pack: Pack,
  nowMs: number,
): DailyFact[] {
  const firstFreshDay = dateOf(localDayAt(pack.timeZone, nowMs - RECOUNT_DAYS * DAY_MS))
  const old = [...stored].filter(({ day }) => day < firstFreshDay)
  return [...old, ...fresh.filter(({ day }) => day >= firstFreshDay)]
}

/** Says where a file was written. */
export function sayWritten(io: CommandIo, out: string, paths: readonly string[]): void {
  for (const path of paths) io.stdout.write(`${resolve(out, path)}\n`)
}

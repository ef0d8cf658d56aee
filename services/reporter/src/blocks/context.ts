import { inLanguage, type RegistryConstituent } from '@tocsin/events'
import { dateOf, inTexts, localDayAt, localTime, type Texts } from '@tocsin/obligations'
import type { Figure, Part } from '../document/document.ts'
import { Evidence } from '../document/evidence.ts'
import type { AnyRecord, QueryTopic, Where } from '../document/query.ts'
import { type Label, labelsIn } from '../labels/index.ts'
import type { ReportInput } from '../report-input.ts'

/** Options of a block as a template gives them. */
export type Options = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** A block of a report: takes what the report is made from and its options, gives parts of a section. */
export type Block = (context: BlockContext, options: Options) => Part[]

/** What blocks have in common: questions, words, times and numbers of one report. */
export class BlockContext {
  readonly input: ReportInput
  readonly evidence: Evidence
  readonly label: (label: Label) => string
  readonly #format: Intl.NumberFormat

  constructor(input: ReportInput) {
    this.input = input
    this.evidence = new Evidence((topic) => recordsOf(input, topic))
    this.label = labelsIn(input.language)
    this.#format = new Intl.NumberFormat(input.language === 'kk' ? 'ru' : input.language)
  }

  /** A text of a pack or a template. */
  text(texts: Texts): string {
    return inTexts(texts, this.input.language)
  }

  number(value: number): string {
    return this.#format.format(value)
  }

  /** Local time to the minute, as documents of the language write it. */
  at(instant: number): string {
    return timeText(localTime(this.input.pack.timeZone, instant), this.input.language)
  }

  /** Local day of an instant. */
  day(instant: number): string {
    return dayText(dateOf(localDayAt(this.input.pack.timeZone, instant)), this.input.language)
  }

  /** Name of a body in the language. */
  bodyName(body: RegistryConstituent): string {
    const { language } = this.input
    return inLanguage({ ...body.names, [language]: body.names[language] ?? body.name }, language)
  }

  /** First local day of the period, and the first after it. */
  get days(): { first: string; after: string } {
    const { pack, from, to } = this.input
    const last = localDayAt(pack.timeZone, to - 1)
    return { first: dateOf(localDayAt(pack.timeZone, from)), after: dateOf(last + 1) }
  }

  /** Every local day of the period. */
  get daysOfPeriod(): string[] {
    const { pack, from, to } = this.input
    const first = localDayAt(pack.timeZone, from)
    const last = localDayAt(pack.timeZone, to - 1)
    return Array.from({ length: Math.max(1, last - first + 1) }, (_, index) => dateOf(first + index))
  }

  /** Whose records are asked for. */
  get scope(): Where {
    const { constituent, pack } = this.input
    return constituent === null ? { pack: pack.id } : { constituent: constituent.constituentId }
  }

  /** Cases that count: detected in the period, neither false nor merged nor an exercise. */
  counted(more: Where = {}): Where {
    const { from, to } = this.input
    return {
      ...this.scope,
      exercise: false,
      status: { not: ['false-positive', 'merged'] },
      detectedAt: { from, to },
      ...more,
    }
  }

  /** Sum of a fact over the days of the period. */
  fact(name: string, dimensions: Readonly<Record<string, string>> = {}): Figure {
    const { first, after } = this.days
    const where = Object.entries(dimensions).map(([key, value]) => [`dimensions.${key}`, value])
    const asked = { ...this.scope, name, day: { from: first, to: after }, ...Object.fromEntries(where) }
    return this.evidence.sum('daily-facts', asked, 'value')
  }
}

/** `2026-03-01` → `01/03/2026`, as documents of all our languages but Chinese write it. */
export function dayText(day: string, language: string): string {
  const sign = language === 'ru' || language === 'kk' ? '.' : '/'
  return language === 'zh-Hant' ? day : day.split('-').reverse().join(sign)
}

/** The day of a chart's bar: day and month. */
export function shortDay(day: string, language: string): string {
  return language === 'zh-Hant' ? day.slice(5) : dayText(day, language).slice(0, 5)
}

function timeText(local: string, language: string): string {
  return `${dayText(local.slice(0, 10), language)} ${local.slice(11, 16)}`
}

function recordsOf({ data }: ReportInput, topic: QueryTopic): readonly AnyRecord[] {
  const of: Record<QueryTopic, readonly unknown[]> = {
    incidents: data.incidents,
    'daily-facts': data.facts,
    'registry-changes': data.changes,
    'registry-systems': data.systems,
    'registry-assets': data.assets,
    requests: data.requests,
    tickets: data.tickets,
    reports: data.reports,
  }
  return of[topic] as readonly AnyRecord[]
}

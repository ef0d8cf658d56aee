import { createHash } from 'node:crypto'
import type { DailyFact, Incident, RegistrySource } from '@tocsin/events'
import { dateOf, inTexts, localDayAt, nationalSeverityOf, type Pack } from '@tocsin/obligations'
import { ALL } from '../../law.ts'
import { slotMinutes } from '../../minutes.ts'
import type { ReportInput } from '../../report-kind.ts'

const DAY_MS = 86_400_000
const CHART_DAYS = 7

/** The three inputs that Article 5(1)(d) demands, by kind of source. */
export const INPUTS = ['web-server', 'monitoring', 'firewall'] as const
export type Input = (typeof INPUTS)[number]

export interface SourceRow {
  source: RegistrySource
  accepted: number
  refused: number
  lost: number
  rejected: number
  lastSeenAt: number | null
  /** Part of the day's slots in which it was heard, 0 to 1. */
  completeness: number
  silentMinutes: number
}

export interface CaseRow {
  incident: Incident
  severity: string
}

export interface ActionRow {
  incident: Incident
  title: string
  dueAt: number
  overdue: boolean
}

export interface OutageRow {
  code: string
  subject: string
  from: number
  /** Null while it lasts. */
  to: number | null
  /** Minutes within the period. */
  minutes: number
}

/** The content of table VN-D, numbers only. */
export interface DailyModel {
  days: readonly string[]
  inputs: readonly { input: Input; sources: readonly SourceRow[] }[]
  otherSources: readonly SourceRow[]
  outages: readonly OutageRow[]
  /** Severity codes of the pack, lowest first. */
  severities: readonly string[]
  detections: readonly { class: string; bySeverity: readonly number[]; total: number }[]
  /** The last days, for the chart. */
  chart: readonly { day: string; bySeverity: readonly number[] }[]
  openIncidents: readonly CaseRow[]
  actions: readonly ActionRow[]
  totals: Record<string, number>
  /** SHA-256 of the facts and cases that the numbers came from (XC-9). */
  dataSha256: string
}

/** Takes what a report is made from; gives the content of the daily report (VN-D). */
export function dailyModel(input: ReportInput): DailyModel {
  const { pack, facts, from, to } = input
  const days = daysOf(pack, from, to)
  const within = facts.filter((fact) => days.includes(fact.day) && fact.constituent !== ALL)
  const severities = pack.severity.bands.map(({ code }) => code)
  const rows = input.sources.filter((source) => !source.exercise).map((source) => sourceRow(source, within, from, to))
  const detections = byClass(within, severities)
  const outages = outagesOf(facts, from, to)
  const cases = input.incidents.filter((incident) => isOpenAt(incident, to))
  const openIncidents = cases
    .filter(({ kind }) => kind === 'incident')
    .map((incident) => ({
      incident,
      severity: inTexts(nationalSeverityOf(pack, incident.severity).title, input.language),
    }))
    .sort(
      (one, other) =>
        other.incident.severity - one.incident.severity || one.incident.detectedAt - other.incident.detectedAt,
    )
  const actions = actionsOf(cases, input)
  const sum = (name: string, where: Readonly<Record<string, string>> = {}): number => sumOf(within, name, where)
  return {
    days,
    inputs: INPUTS.map((kind) => ({ input: kind, sources: rows.filter(({ source }) => source.kind === kind) })),
    otherSources: rows.filter(({ source }) => !INPUTS.some((kind) => kind === source.kind)),
    outages,
    severities,
    detections,
    chart: lastDays(pack, to).map((day) => {
      const own = facts.filter((fact) => fact.day === day && fact.constituent !== ALL)
      return { day, bySeverity: severities.map((severity) => sumOf(own, 'detections', { severity })) }
    }),
    openIncidents,
    actions,
    totals: {
      linesAccepted: sum('source-accepted'),
      linesRefused: sum('source-refused'),
      linesLost: sum('source-dropped'),
      linesRejected: sum('source-rejected'),
      sources: rows.length,
      detections: sum('detections'),
      detectionsExcluded: sum('detections-excluded'),
      falsePositives: sum('false-positives'),
      events: sum('cases', { kind: 'event' }),
      incidents: sum('cases', { kind: 'incident' }),
      casesClosed: sum('cases-closed'),
      incidentsOpen: openIncidents.length,
      clocksMet: sum('clocks', { what: 'met' }),
      clocksBreached: sum('clocks', { what: 'breached' }),
      noticesDelivered: sum('deliveries', { state: 'delivered' }) + sum('deliveries', { state: 'sent' }),
      outages: outages.length,
      outageMinutes: outages.reduce((minutes, outage) => minutes + outage.minutes, 0),
      actionsDue: actions.length,
    },
    dataSha256: hashOf(facts, cases),
  }
}

/** Sum of a fact over all dimensions not named. */
function sumOf(facts: readonly DailyFact[], name: string, where: Readonly<Record<string, string>>): number {
  let sum = 0
  for (const fact of facts)
    if (fact.name === name && Object.entries(where).every(([key, value]) => fact.dimensions[key] === value))
      sum += fact.value
  return sum
}

function daysOf(pack: Pack, from: number, to: number): string[] {
  const first = localDayAt(pack.timeZone, from)
  const last = localDayAt(pack.timeZone, to - 1)
  return Array.from({ length: Math.max(1, last - first + 1) }, (_, index) => dateOf(first + index))
}

function lastDays(pack: Pack, to: number): string[] {
  const last = localDayAt(pack.timeZone, to - 1)
  return Array.from({ length: CHART_DAYS }, (_, index) => dateOf(last - CHART_DAYS + 1 + index))
}

function sourceRow(source: RegistrySource, facts: readonly DailyFact[], from: number, to: number): SourceRow {
  const of = (name: string): number => sumOf(facts, name, { source: source.sourceId })
  const seen = facts
    .filter((fact) => fact.name === 'source-last-seen' && fact.dimensions['source'] === source.sourceId)
    .reduce((latest, fact) => Math.max(latest, fact.value), 0)
  const length = slotMinutes(source.expectedIntervalSeconds)
  const slots = Math.max(1, Math.round((to - from) / (length * 60_000)))
  const slotsSeen = Math.min(slots, of('source-slots-seen'))
  return {
    source,
    accepted: of('source-accepted'),
    refused: of('source-refused'),
    lost: of('source-dropped'),
    rejected: of('source-rejected'),
    lastSeenAt: seen === 0 ? null : seen,
    completeness: slotsSeen / slots,
    silentMinutes: (slots - slotsSeen) * length,
  }
}

function byClass(facts: readonly DailyFact[], severities: readonly string[]): DailyModel['detections'] {
  const classes = new Set(
    facts.filter(({ name }) => name === 'detections').map(({ dimensions }) => dimensions['class'] ?? ''),
  )
  return [...classes]
    .map((cls) => {
      const bySeverity = severities.map((severity) => sumOf(facts, 'detections', { class: cls, severity }))
      return { class: cls, bySeverity, total: bySeverity.reduce((sum, value) => sum + value, 0) }
    })
    .filter(({ total }) => total !== 0)
    .sort((one, other) => other.total - one.total || (one.class < other.class ? -1 : 1))
}

function outagesOf(facts: readonly DailyFact[], from: number, to: number): OutageRow[] {
  const ends = new Map<string, number>()
  for (const fact of facts)
    if (fact.name === 'outage-to' && fact.value > 0) ends.set(fact.dimensions['id'] ?? '', fact.value)
  return facts
    .filter((fact) => fact.name === 'outage-from' && fact.value > 0)
    .map(({ dimensions, value }) => {
      const end = ends.get(dimensions['id'] ?? '') ?? null
      const minutes = Math.ceil((Math.min(end ?? to, to) - Math.max(value, from)) / 60_000)
      const row = { code: dimensions['code'] ?? '', subject: dimensions['subject'] ?? '', from: value, minutes }
      return { ...row, to: end !== null && end < to ? end : null }
    })
    .filter((outage) => outage.from < to && (outage.to === null || outage.to > from))
    .sort((one, other) => one.from - other.from)
}

/** Open at an instant, by the present record: what was closed or found false before it is not. */
function isOpenAt(incident: Incident, instant: number): boolean {
  if (incident.exercise || incident.status === 'merged' || incident.status === 'false-positive') return false
  return incident.detectedAt < instant && (incident.closedAt === null || incident.closedAt >= instant)
}

/** Time limits of open cases that fall due in the day after the period, and those that were overdue at its end. */
function actionsOf(cases: readonly Incident[], { pack, to, language }: ReportInput): ActionRow[] {
  const rows = cases.flatMap((incident) =>
    incident.clocks
      .filter(
        ({ state, metAt, dueAt }) => state !== 'cancelled' && (metAt === null || metAt >= to) && dueAt < to + DAY_MS,
      )
      .map(({ clockId, title, dueAt }) => {
        const spec = pack.clocks.find(({ id }) => id === clockId.split('/')[0])
        return {
          incident,
          title: spec === undefined ? title : inTexts(spec.title, language),
          dueAt,
          overdue: dueAt < to,
        }
      }),
  )
  return rows.sort((one, other) => one.dueAt - other.dueAt)
}

function hashOf(facts: readonly DailyFact[], cases: readonly Incident[]): string {
  const lines = [
    ...facts.map(({ factId, value }) => `${factId} ${value}`),
    ...cases.map(({ caseId, revision }) => `${caseId} ${revision}`),
  ].sort((one, other) => (one < other ? -1 : 1))
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

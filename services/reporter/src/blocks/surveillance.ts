import type { DailyFact, RegistrySource } from '@tocsin/events'
import type { Cell, TablePart } from '../document/document.ts'
import { ALL } from '../law.ts'
import { slotMinutes } from '../minutes.ts'
import type { Block, BlockContext } from './context.ts'

/** The three inputs that Article 5(1)(d) demands, by kind of source. */
const INPUTS = ['web-server', 'monitoring', 'firewall'] as const

/** Period, body and class. */
export const period: Block = (context) => {
  const { input } = context
  const { constituent, from, to, pack, createdAt, missedAt } = input
  const rows: [string, Cell][] = []
  if (constituent !== null) rows.push([context.label('body'), context.bodyName(constituent)])
  if (!input.template.present)
    rows.push([context.label('period'), `${context.at(from)} – ${context.at(to)} (${pack.timeZone})`])
  if (constituent !== null && constituent.systemClass !== null)
    rows.push([context.label('class'), String(constituent.systemClass)])
  rows.push([context.label('drafted'), context.at(createdAt)])
  if (missedAt !== null) rows.push([context.label('madeUp'), { text: context.at(missedAt), bad: true }])
  return [{ part: 'fields', rows }]
}

/** Sources of the three mandatory inputs and others: lines, last sign, completeness (VN-5.1d, VN-5.3a-3). */
export const coverage: Block = (context) => {
  const sources = context.input.data.sources.filter(({ exercise, deleted }) => !exercise && !deleted)
  const parts = INPUTS.map((kind) => ({ kind, own: sources.filter((source) => source.kind === kind) }))
  const rest = sources.filter(({ kind }) => !INPUTS.some((input) => input === kind))
  const rows: Cell[][] = []
  for (const { kind, own } of parts) {
    if (own.length === 0) rows.push([context.label(kind), { text: context.label('missingInput'), bad: true }])
    for (const source of own) rows.push([context.label(kind), ...sourceRow(context, source)])
  }
  for (const source of rest) rows.push([context.label('other'), ...sourceRow(context, source)])
  const { label } = context
  const table: TablePart = {
    part: 'table',
    columns: [
      { title: label('kind'), width: 2 },
      { title: label('source'), width: 2.4 },
      { title: label('accepted'), number: true },
      { title: label('refused'), number: true },
      { title: label('lost'), number: true, width: 0.8 },
      { title: label('rejected'), number: true },
      { title: label('lastSeen'), width: 1.4 },
      { title: label('completeness'), number: true },
      { title: label('silent'), number: true },
    ],
    rows,
    empty: label('none'),
  }
  return [{ part: 'text', text: label('coverageNote'), note: true }, table]
}

function sourceRow(context: BlockContext, source: RegistrySource): Cell[] {
  const { from, to } = context.input
  const of = (name: string) => context.fact(name, { source: source.sourceId })
  const length = slotMinutes(source.expectedIntervalSeconds)
  const slots = Math.max(1, Math.round((to - from) / (length * 60_000)))
  const seen = Math.min(slots, of('source-slots-seen').figure)
  const lost = of('source-dropped')
  const lastSeenAt = lastSeen(context, source.sourceId)
  return [
    `${source.name}\n${source.deviceName ?? source.sourceId}`,
    of('source-accepted'),
    of('source-refused'),
    { ...lost, bad: lost.figure > 0 },
    of('source-rejected'),
    lastSeenAt === 0 ? { text: '–', bad: true } : context.at(lastSeenAt),
    `${Math.floor((seen / slots) * 100)} %`,
    context.number((slots - seen) * length),
  ]
}

function lastSeen(context: BlockContext, source: string): number {
  const { first, after } = context.days
  const facts = context.evidence.list<DailyFact>(
    'daily-facts',
    { ...context.scope, name: 'source-last-seen', 'dimensions.source': source, day: { from: first, to: after } },
    ({ factId, value }) => [factId, value],
  )
  return facts.reduce((latest, { value }) => Math.max(latest, value), 0)
}

interface Outage {
  code: string
  subject: string
  from: number
  /** Null while it lasts. */
  to: number | null
  /** Minutes within the period. */
  minutes: number
}

/** Gaps in what sources sent and faults of our own processes, with their minutes (W-1, VN-5.3a-3). */
export const outages: Block = (context) => {
  const { label } = context
  const found = outagesOf(context)
  const rows = found.map(({ code, subject, from, to, minutes }): Cell[] => [
    code,
    subject,
    context.at(from),
    to === null ? { text: label('lasting'), bad: true } : context.at(to),
    context.number(minutes),
  ])
  return [
    {
      part: 'table',
      columns: [
        { title: label('outage'), width: 1.4 },
        { title: label('subject'), width: 2 },
        { title: label('from') },
        { title: label('to') },
        { title: label('minutes'), number: true, width: 0.7 },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

/** Outages that touch the period, oldest first; those of the whole centre among them. */
export function outagesOf(context: BlockContext): Outage[] {
  const { from, to, data } = context.input
  const ends = new Map<string, number>()
  for (const fact of data.facts)
    if (fact.name === 'outage-to' && fact.value > 0) ends.set(fact.dimensions['id'] ?? '', fact.value)
  const own = (fact: DailyFact): boolean =>
    fact.constituent === ALL || context.input.bodies.some(({ constituentId }) => constituentId === fact.constituent)
  const found = data.facts
    .filter((fact) => fact.name === 'outage-from' && fact.value > 0 && own(fact))
    .map(({ dimensions, value }): Outage => {
      const end = ends.get(dimensions['id'] ?? '') ?? null
      const minutes = Math.ceil((Math.min(end ?? to, to) - Math.max(value, from)) / 60_000)
      const row = { code: dimensions['code'] ?? '', subject: dimensions['subject'] ?? '', from: value, minutes }
      return { ...row, to: end !== null && end < to ? end : null }
    })
    .filter((outage) => outage.from < to && (outage.to === null || outage.to > from))
    .sort((one, other) => one.from - other.from || (one.subject < other.subject ? -1 : 1))
  context.evidence.note('outages', found)
  return found
}

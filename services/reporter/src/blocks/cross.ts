import type { RegistryConstituent } from '@tocsin/events'
import { CLASS_TEXTS, dateOf, instantOf, localDayAt, periodEnd, periodStart, textOf } from '@tocsin/obligations'
import type { Cell } from '../document/document.ts'
import type { Where } from '../document/query.ts'
import type { Label } from '../labels/index.ts'
import type { Block, BlockContext, Options } from './context.ts'

/** One value of a dimension: how it is called, and which cases have it. */
export interface Value {
  title: string
  where: Where
}

/** A dimension by which cases are counted. */
export interface Dimension {
  title: Label
  values(context: BlockContext): Value[]
}

const classesSeen = (context: BlockContext): string[] => {
  const { from, to, data } = context.input
  const inPeriod = data.incidents.filter(({ detectedAt }) => detectedAt >= from && detectedAt < to)
  return [...new Set(inPeriod.map(({ rsitClass }) => rsitClass))].filter((cls) => cls !== '').sort()
}

/** Dimensions by the name that templates call them. */
export const DIMENSIONS: Readonly<Record<string, Dimension>> = {
  class: {
    title: 'kindOf',
    values: (context) => {
      const classes = new Set([...Object.keys(CLASS_TEXTS), ...classesSeen(context)])
      return [...classes].map((cls) => ({ title: textOf(cls, context.input.language), where: { rsitClass: cls } }))
    },
  },
  kind: {
    title: 'kind',
    values: (context) =>
      (context.input.template.kinds ?? ['threat', 'event', 'incident']).map((kind) => ({
        title: textOf(kind, context.input.language),
        where: { kind },
      })),
  },
  'vn-kind': {
    title: 'kind',
    values: ({ label }) => [
      { title: label('intrusions'), where: { vnKind: 'intrusion' } },
      { title: label('risks'), where: { vnKind: 'risk' } },
      { title: label('incidents'), where: { vnKind: 'incident' } },
    ],
  },
  severity: {
    title: 'severity',
    values: (context) => {
      const { bands } = context.input.pack.severity
      return bands.map(({ from, title }, index) => ({
        title: context.text(title),
        where: { severity: { from, to: bands[index + 1]?.from ?? 101 } },
      }))
    },
  },
  body: {
    title: 'body',
    values: (context) =>
      context.input.bodies.map((body) => ({
        title: context.bodyName(body),
        where: { constituent: body.constituentId },
      })),
  },
  region: { title: 'region', values: regionsOf },
  month: { title: 'month', values: monthsOf },
}

/** Region of a body: as registered among its national ids, else its sector. */
export function regionOf(body: RegistryConstituent): string {
  return body.nationalIds['region'] ?? body.sector ?? '–'
}

function regionsOf(context: BlockContext): Value[] {
  const regions = new Map<string, string[]>()
  for (const body of context.input.bodies) {
    const region = regionOf(body)
    regions.set(region, [...(regions.get(region) ?? []), body.constituentId])
  }
  return [...regions]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([title, constituent]) => ({ title, where: { constituent } }))
}

function monthsOf(context: BlockContext): Value[] {
  const { pack, from, to } = context.input
  const months: Value[] = []
  let start = periodStart('month', localDayAt(pack.timeZone, from))
  for (; instantOf(pack.timeZone, start) < to; start = periodEnd('month', start)) {
    const first = Math.max(from, instantOf(pack.timeZone, start))
    const after = Math.min(to, instantOf(pack.timeZone, periodEnd('month', start)))
    months.push({ title: dateOf(start).slice(0, 7), where: { detectedAt: { from: first, to: after } } })
  }
  return months
}

/** `only` narrows what is counted: `kind=incident`. */
export function onlyOf(options: Options): Where {
  const [field, value] = String(options['only'] ?? '').split('=')
  return field === undefined || field === '' || value === undefined ? {} : { [field]: value }
}

/**
 * Cases by one dimension and another (`rows`, `columns`), with sums that are questions of their own: where a part were
 * missing, the sum would differ from its column.
 */
export const cross: Block = (context, options) => {
  const rowsBy = DIMENSIONS[String(options['rows'])]
  const columnsBy = DIMENSIONS[String(options['columns'])]
  if (rowsBy === undefined) return []
  const base = context.counted(onlyOf(options))
  const columns = columnsBy?.values(context) ?? []
  const cellsOf = (where: Where): Cell[] => [
    ...columns.map((column) => context.evidence.count('incidents', { ...base, ...where, ...column.where })),
    context.evidence.count('incidents', { ...base, ...where }),
  ]
  const rows = rowsBy
    .values(context)
    .map(({ title, where }) => ({ title, cells: cellsOf(where) }))
    .filter(
      ({ cells }) =>
        options['empty'] === true ||
        cells.some((cell) => typeof cell === 'object' && 'figure' in cell && cell.figure > 0),
    )
  return [
    {
      part: 'table',
      columns: [
        { title: context.label(rowsBy.title), width: 3 },
        ...columns.map(({ title }) => ({ title, number: true })),
        { title: context.label('total'), number: true },
      ],
      rows: rows.map(({ title, cells }) => [title, ...cells]),
      total: [context.label('total'), ...cellsOf({})],
      empty: context.label('none'),
    },
  ]
}

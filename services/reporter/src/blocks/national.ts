import type { Cell, Figure } from '../document/document.ts'
import type { Label } from '../labels/index.ts'
import type { Block } from './context.ts'
import { FIGURES } from './figures.ts'

const COMPARED: readonly [name: string, label: Label][] = [
  ['intrusions', 'intrusions'],
  ['risks', 'risks'],
  ['vnIncidents', 'incidents'],
]

/**
 * The three totals beside the sum of the bodies' own reports for the same period (VN-13.6): `of` names their kind. Each body
 * whose part differs, or that has no report, is listed.
 */
export const compared: Block = (context, options) => {
  const { label, input } = context
  const kind = String(options['of'] ?? '')
  const reports = input.data.reports.filter(
    (report) => report.kind === kind && report.from === input.from && report.to === input.to && !report.exercise,
  )
  context.evidence.note(
    'reports compared',
    reports.map(({ reportId, totals }) => [reportId, totals]),
  )
  const rows = COMPARED.map(([name, title]): Cell[] => {
    const own = FIGURES[name]?.[1](context) as Figure
    const sum = reports.reduce((total, { totals }) => total + (totals[name] ?? 0), 0)
    const gap = own.figure - sum
    return [label(title), own, context.number(sum), gap === 0 ? '0' : { text: context.number(gap), bad: true }]
  })
  const listed = input.bodies.flatMap((body): Cell[][] => {
    const report = reports.find(({ constituent }) => constituent === body.constituentId)
    if (report === undefined) return [[context.bodyName(body), { text: label('missingReport'), bad: true }, '', '']]
    return COMPARED.flatMap(([name, title]): Cell[][] => {
      const where = FIGURE_WHERE[name] ?? {}
      const now = context.evidence.count('incidents', {
        ...context.counted(where),
        constituent: body.constituentId,
      })
      const then = report.totals[name] ?? 0
      return now.figure === then
        ? []
        : [
            [
              `${context.bodyName(body)}: ${label(title)}`,
              now,
              context.number(then),
              { text: context.number(now.figure - then), bad: true },
            ],
          ]
    })
  })
  const columns = [
    { title: label('kind'), width: 3 },
    { title: label('own'), number: true },
    { title: label('ofParts'), number: true },
    { title: label('difference'), number: true },
  ]
  return [
    { part: 'table', columns, rows, empty: label('none') },
    {
      part: 'table',
      columns: [{ title: label('difference'), width: 3 }, ...columns.slice(1)],
      rows: listed,
      empty: label('none'),
    },
  ]
}

const FIGURE_WHERE: Readonly<Record<string, Record<string, string>>> = {
  intrusions: { vnKind: 'intrusion' },
  risks: { vnKind: 'risk' },
  vnIncidents: { vnKind: 'incident' },
}

import { textOf } from '@tocsin/obligations'
import type { Cell } from '../document/document.ts'
import type { Block } from './context.ts'

/** Detections by class and severity, with what was left out as false (VN-D). */
export const detections: Block = (context) => {
  const { label, input } = context
  const { first, after } = context.days
  const severities = input.pack.severity.bands
  const classes = new Set(
    input.data.facts
      .filter(({ name, day }) => name === 'detections' && day >= first && day < after)
      .map(({ dimensions }) => dimensions['class'] ?? ''),
  )
  const cellsOf = (dimensions: Record<string, string>): Cell[] => [
    ...severities.map(({ code }) => context.fact('detections', { ...dimensions, severity: code })),
    context.fact('detections', dimensions),
  ]
  const rows = [...classes]
    .map((cls) => ({ cls, cells: cellsOf({ class: cls }), total: context.fact('detections', { class: cls }).figure }))
    .filter(({ total }) => total !== 0)
    .sort((one, other) => other.total - one.total || (one.cls < other.cls ? -1 : 1))
  return [
    {
      part: 'table',
      columns: [
        { title: label('kindOf'), width: 2.4 },
        ...severities.map(({ title }) => ({ title: context.text(title), number: true })),
        { title: label('total'), number: true },
      ],
      rows: rows.map(({ cls, cells }) => [textOf(cls, input.language), ...cells]),
      ...(rows.length > 0 ? { total: [label('total'), ...cellsOf({})] } : {}),
      empty: label('noDetection'),
    },
    { part: 'fields', rows: [[label('excluded'), context.fact('detections-excluded')]] },
  ]
}

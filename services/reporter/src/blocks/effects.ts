import type { Incident } from '@tocsin/events'
import type { Cell } from '../document/document.ts'
import type { Block } from './context.ts'

/** Effects of incidents as ticked at promotion, with the number of each (VN-8.2c). */
export const effects: Block = (context) => {
  const { label } = context
  const cases = context.evidence.list<Incident>(
    'incidents',
    { ...context.counted(), effects: { exists: true } },
    ({ caseId, effects: ticked }) => [caseId, ticked],
  )
  const kinds = [...new Set(cases.flatMap(({ effects: ticked }) => ticked))].sort()
  return [
    {
      part: 'table',
      columns: [
        { title: label('effect'), width: 3 },
        { title: label('count'), number: true },
      ],
      rows: kinds.map((effect): Cell[] => [
        effect,
        context.evidence.count('incidents', context.counted({ effects: effect })),
      ]),
      empty: label('none'),
    },
  ]
}

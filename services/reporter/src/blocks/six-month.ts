import type { Cell } from '../document/document.ts'
import type { Where } from '../document/query.ts'
import type { Block, BlockContext } from './context.ts'

/** Attacks and incidents by national kind, and how they were handled (A2 block 4). Foreign help and damage are entered by hand. */
export const nationalKinds: Block = (context) => {
  const { label, input } = context
  const kinds = (input.pack.taxonomy?.classes ?? []).filter(({ code }) => code !== 'exercise')
  const rows = kinds.map(({ code, title }): Cell[] => [
    context.text(title),
    ...countsOf(context, { nationalClass: code === 'other' ? ['other', null] : code }),
    ...byHand(context, code),
  ])
  return [
    {
      part: 'table',
      columns: [
        { title: label('kind'), width: 2.6 },
        ...(['detected', 'selfHandled', 'domesticHelp', 'foreignHelp', 'helpRequested'] as const).map((name) => ({
          title: label(name),
          number: true,
        })),
        { title: label('damage'), width: 1.4 },
      ],
      rows,
      total: [label('total'), ...countsOf(context, {}), ...byHand(context, 'total')],
      empty: label('none'),
    },
  ]
}

/** Detected; closed by the body itself; closed with an employee sent to it. */
function countsOf(context: BlockContext, where: Where): Cell[] {
  const base = { ...context.counted(), ...where }
  const closed = { ...base, closedAt: { from: 0, to: context.input.to } }
  return [
    context.evidence.count('incidents', base),
    context.evidence.count('incidents', { ...closed, 'visits.visitId': { exists: false } }),
    context.evidence.count('incidents', { ...closed, 'visits.visitId': { exists: true } }),
  ]
}

function byHand(context: BlockContext, code: string): Cell[] {
  const { cells } = context.input.entered
  const values = ['foreign', 'requested', 'damage'].map((column) => cells[`${code}.${column}`] ?? '–')
  context.evidence.note(`entered ${code}`, values)
  return values
}

/** Warnings sent by role and state, warnings received as requests of the Ministry, and their results (A2 block 5). */
export const warnings: Block = (context) => {
  const { label, input } = context
  const { from, to } = input
  const requests = {
    constituent: input.bodies.map(({ constituentId }) => constituentId),
    exercise: false,
    createdAt: { from, to },
  }
  const delivered = (state: string) => context.fact('deliveries', { state })
  const asked = context.evidence.count('requests', requests)
  const answered = context.evidence.count('requests', { ...requests, answeredAt: { exists: true } })
  return [
    {
      part: 'fields',
      rows: [
        [
          label('sent'),
          context.evidence.sum(
            'daily-facts',
            {
              ...context.scope,
              name: 'deliveries',
              day: { from: context.days.first, to: context.days.after },
              'dimensions.state': ['delivered', 'sent', 'acknowledged'],
            },
            'value',
          ),
        ],
        [label('notices'), delivered('acknowledged')],
        [label('received'), asked],
        [label('results'), answered],
      ],
    },
  ]
}

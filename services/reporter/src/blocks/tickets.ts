import type { Cell } from '../document/document.ts'
import type { Where } from '../document/query.ts'
import type { TicketRow } from '../report-input.ts'
import type { Block, BlockContext } from './context.ts'

const HOUR_MS = 3_600_000
const SENT = ['uploaded', 'sent-unverified']

/** Tickets of a profile by agency and state, in the period (half-yearly consistency). */
export const tickets: Block = (context, options) => {
  const { label, input } = context
  const base = ticketsWhere(context, options)
  const cellsOf = (where: Where): Cell[] => {
    const all = { ...base, ...where }
    const quarantined = context.evidence.count('tickets', { ...all, state: ['quarantined', 'withheld'] })
    return [
      context.evidence.count('tickets', all),
      context.evidence.count('tickets', { ...all, state: SENT }),
      { ...quarantined, bad: quarantined.figure > 0 },
      context.evidence.count('tickets', { ...all, state: ['queued', 'uploading'] }),
    ]
  }
  return [
    {
      part: 'table',
      columns: [
        { title: label('body'), width: 3 },
        ...(['tickets', 'uploaded', 'quarantined', 'waiting'] as const).map((name) => ({
          title: label(name),
          number: true,
        })),
      ],
      rows: input.bodies.map((body) => [context.bodyName(body), ...cellsOf({ constituent: body.constituentId })]),
      total: [label('total'), ...cellsOf({})],
      empty: label('none'),
    },
  ]
}

/** Tickets that arrived within one hour of their true first record, and the others (AMB-TW4). */
export const delays: Block = (context, options) => {
  const { label } = context
  const sent = context.evidence.list<TicketRow>(
    'tickets',
    { ...ticketsWhere(context, options), state: SENT },
    ({ ticketId, stateAt, firstRecordAt }) => [ticketId, stateAt, firstRecordAt],
  )
  const late = sent.filter(({ stateAt, firstRecordAt }) => stateAt - firstRecordAt > HOUR_MS)
  return [
    {
      part: 'fields',
      rows: [
        [label('uploaded'), context.number(sent.length)],
        [label('inHour'), context.number(sent.length - late.length)],
        [label('late'), late.length === 0 ? '0' : { text: context.number(late.length), bad: true }],
      ],
    },
  ]
}

function ticketsWhere({ input }: BlockContext, options: Parameters<Block>[1]): Where {
  const profile = String(options['profile'] ?? '')
  return {
    ...(profile === '' ? {} : { profile }),
    constituent: input.bodies.map(({ constituentId }) => constituentId),
    exercise: false,
    issuedAt: { from: input.from, to: input.to },
  }
}

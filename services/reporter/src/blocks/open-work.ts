import type { Incident } from '@tocsin/events'
import { DAY_MS, nationalSeverityOf, textOf } from '@tocsin/obligations'
import type { Cell } from '../document/document.ts'
import { titleOf } from './attacks.ts'
import type { Block, BlockContext } from './context.ts'

/** Open at the end of the period: what was closed or found false before it is not. */
function openCases(context: BlockContext): Incident[] {
  const { to } = context.input
  return context.evidence
    .list<Incident>(
      'incidents',
      { ...context.counted(), detectedAt: { from: 0, to } },
      ({ caseId, kind, severity, status, closedAt, clocks }) => [caseId, kind, severity, status, closedAt, clocks],
    )
    .filter(({ closedAt }) => closedAt === null || closedAt >= to)
}

/** Incidents open at the end of the period, the gravest first. */
export const open: Block = (context) => {
  const { label, input } = context
  const cases = openCases(context)
    .filter(({ kind }) => kind === 'incident')
    .sort((one, other) => other.severity - one.severity || one.detectedAt - other.detectedAt)
  const rows = cases.map((incident): Cell[] => [
    incident.number,
    titleOf(context, incident),
    textOf(incident.rsitClass, input.language),
    context.text(nationalSeverityOf(input.pack, incident.severity).title),
    context.at(incident.detectedAt),
    textOf(incident.status, input.language),
  ])
  return [
    {
      part: 'table',
      columns: [
        { title: label('number'), width: 1.2 },
        { title: label('incident'), width: 2.4 },
        { title: label('kindOf'), width: 1.4 },
        { title: label('severity') },
        { title: label('detectedAt'), width: 1.2 },
        { title: label('state') },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

/** Time limits of open cases that fall due in the day after the period, and those that were overdue at its end. */
export const actions: Block = (context) => {
  const { label } = context
  const rows = actionsOf(context).map(({ incident, title, dueAt, overdue }): Cell[] => [
    incident.number,
    title,
    context.at(dueAt),
    overdue ? { text: label('overdue'), bad: true } : '',
  ])
  return [
    {
      part: 'table',
      columns: [
        { title: label('number') },
        { title: label('action'), width: 2.6 },
        { title: label('due'), width: 1.2 },
        { title: label('state') },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

interface Action {
  incident: Incident
  title: string
  dueAt: number
  overdue: boolean
}

function actionsOf(context: BlockContext): Action[] {
  const { pack, to } = context.input
  const found = openCases(context).flatMap((incident) =>
    incident.clocks
      .filter(
        ({ state, metAt, dueAt }) => state !== 'cancelled' && (metAt === null || metAt >= to) && dueAt < to + DAY_MS,
      )
      .map(({ clockId, title, dueAt }) => {
        const spec = pack.clocks.find(({ id }) => id === clockId.split('/')[0])
        return { incident, title: spec === undefined ? title : context.text(spec.title), dueAt, overdue: dueAt < to }
      }),
  )
  return found.sort((one, other) => one.dueAt - other.dueAt)
}

/**
 * Answers that are late or missing: open or breached clocks of one kind (`clocks` names them) in the period, with the hours
 * that they are overdue (VN-11.4g, C3).
 */
export const overdue: Block = (context, options) => {
  const { label, input } = context
  const names = Array.isArray(options['clocks']) ? (options['clocks'] as readonly string[]) : []
  const cases = context.evidence.list<Incident>('incidents', context.counted(), ({ caseId, clocks }) => [
    caseId,
    clocks,
  ])
  const late = cases.flatMap((incident) =>
    incident.clocks
      .filter(({ clockId }) => names.includes(clockId.split('/')[0] ?? ''))
      .filter(
        ({ dueAt, metAt, state }) => state !== 'cancelled' && dueAt <= input.to && (metAt === null || metAt > dueAt),
      )
      .map((clock) => ({ incident, clock })),
  )
  const nameOf = new Map(input.bodies.map((body) => [body.constituentId, context.bodyName(body)]))
  const rows = late
    .sort((one, other) => one.clock.dueAt - other.clock.dueAt)
    .map(({ incident, clock }): Cell[] => [
      nameOf.get(incident.constituent) ?? incident.constituent,
      incident.number,
      clock.clockId.split('/')[0] ?? '',
      context.at(clock.dueAt),
      clock.metAt === null || clock.metAt > input.to
        ? { text: label('unanswered'), bad: true }
        : `${label('late')} ${context.at(clock.metAt)}`,
      context.number(Math.ceil((Math.min(clock.metAt ?? input.to, input.to) - clock.dueAt) / 3_600_000)),
    ])
  return [
    {
      part: 'table',
      columns: [
        { title: label('body'), width: 2 },
        { title: label('number'), width: 1.3 },
        { title: label('action'), width: 1.1 },
        { title: label('due'), width: 1.2 },
        { title: label('state'), width: 1.6 },
        { title: label('overdueMinutes'), number: true, width: 1.2 },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

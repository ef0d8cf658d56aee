import type { Incident } from '@tocsin/events'
import type { Cell } from '../document/document.ts'
import type { Block } from './context.ts'
import { MEASURES } from './figures.ts'

const MAX_LETTERS = 400

/** Measures that bodies took, case by case (KZ-13 and KZ-14, fourth block). */
export const measures: Block = (context) => {
  const { label, input } = context
  const nameOf = new Map(input.bodies.map((body) => [body.constituentId, context.bodyName(body)]))
  const kinds = new Set<string>(MEASURES)
  const cases = context.evidence.list<Incident>(
    'incidents',
    { ...context.counted(), 'responses.kind': [...MEASURES] },
    ({ caseId, responses }) => [caseId, responses],
  )
  const rows = cases
    .flatMap((incident) =>
      incident.responses.filter(({ kind }) => kinds.has(kind)).map((response) => ({ incident, response })),
    )
    .sort((one, other) => one.response.at - other.response.at)
    .map(({ incident, response }): Cell[] => [
      nameOf.get(incident.constituent) ?? incident.constituent,
      incident.number,
      context.at(response.at),
      response.text.length > MAX_LETTERS ? `${response.text.slice(0, MAX_LETTERS).toWellFormed()}…` : response.text,
    ])
  return [
    {
      part: 'table',
      columns: [
        { title: label('body'), width: 1.8 },
        { title: label('number'), width: 1.2 },
        { title: label('when') },
        { title: label('measures'), width: 3.6 },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

/** One row for each body: what was found there and what it did about it. */
export const bodies: Block = (context) => {
  const { label, input } = context
  const kinds = input.template.kinds ?? ['threat', 'event', 'incident']
  const title = { threat: 'threats', event: 'events', incident: 'incidents' } as const
  const cellsOf = (constituent: string | null): Cell[] => {
    const base = constituent === null ? context.counted() : { ...context.counted(), constituent }
    const taken = context.evidence.count('incidents', { ...base, 'responses.kind': [...MEASURES] })
    return [
      ...kinds.map((kind) => context.evidence.count('incidents', { ...base, kind })),
      context.evidence.count('incidents', { ...base, closedAt: { from: 0, to: input.to } }),
      taken,
    ]
  }
  return [
    {
      part: 'table',
      columns: [
        { title: label('body'), width: 2 },
        ...kinds.map((kind) => ({ title: label(title[kind]), number: true })),
        { title: label('closedCases'), number: true },
        { title: label('measuresCount'), number: true },
      ],
      rows: input.bodies.map((body) => [context.bodyName(body), ...cellsOf(body.constituentId)]),
      total: [label('total'), ...cellsOf(null)],
      empty: label('none'),
    },
  ]
}

/** Bodies that have not given what is asked of them each period (C5): requests of a schedule, late or open. */
export const asked: Block = (context, options) => {
  const { label, input } = context
  const scheduleId = String(options['schedule'] ?? '')
  const nameOf = new Map(input.bodies.map((body) => [body.constituentId, context.bodyName(body)]))
  const rows = context.evidence
    .list<(typeof input.data.requests)[number]>(
      'requests',
      { scheduleId, exercise: false, createdAt: { from: input.from, to: input.to } },
      ({ requestId, state, answeredAt }) => [requestId, state, answeredAt],
    )
    .filter(({ answeredAt, dueAt }) => answeredAt === null || (dueAt !== null && answeredAt > dueAt))
    .map((request): Cell[] => [
      nameOf.get(request.constituent) ?? request.constituent,
      request.subject,
      request.dueAt === null ? '–' : context.at(request.dueAt),
      request.answeredAt === null
        ? { text: label('unanswered'), bad: true }
        : `${label('late')} ${context.at(request.answeredAt)}`,
    ])
  return [
    {
      part: 'table',
      columns: [
        { title: label('body'), width: 2 },
        { title: label('what'), width: 2.4 },
        { title: label('due') },
        { title: label('state'), width: 1.4 },
      ],
      rows,
      empty: label('none'),
    },
  ]
}

import type { Figure } from '../document/document.ts'
import type { Label } from '../labels/index.ts'
import type { Block, BlockContext } from './context.ts'

/** Kinds of response that are measures. */
export const MEASURES = ['measures', 'measure-taken', 'causes-eliminated', 'consequences-eliminated'] as const

type Named = [label: Label, count: (context: BlockContext) => Figure]

const cases =
  (where: Record<string, string>) =>
  (context: BlockContext): Figure =>
    context.evidence.count('incidents', context.counted(where))
const bad = (figure: Figure): Figure => ({ ...figure, bad: figure.figure > 0 })

/** Totals by the name that templates and records call them. */
export const FIGURES: Readonly<Record<string, Named>> = {
  linesAccepted: ['lines', (context) => context.fact('source-accepted')],
  linesRefused: ['refused', (context) => context.fact('source-refused')],
  linesLost: ['lost', (context) => bad(context.fact('source-dropped'))],
  linesRejected: ['rejected', (context) => context.fact('source-rejected')],
  detections: ['detectionsCount', (context) => context.fact('detections')],
  detectionsExcluded: ['excluded', (context) => context.fact('detections-excluded')],
  events: ['events', cases({ kind: 'event' })],
  incidents: ['incidents', cases({ kind: 'incident' })],
  threats: ['threats', cases({ kind: 'threat' })],
  intrusions: ['intrusions', cases({ vnKind: 'intrusion' })],
  risks: ['risks', cases({ vnKind: 'risk' })],
  vnIncidents: ['classedIncident', cases({ vnKind: 'incident' })],
  incidentsOpen: ['openCount', openAtEnd],
  clocksMet: ['clocksMet', (context) => context.fact('clocks', { what: 'met' })],
  clocksBreached: ['clocksBreached', (context) => bad(context.fact('clocks', { what: 'breached' }))],
  noticesDelivered: [
    'notices',
    (context) =>
      context.evidence.sum(
        'daily-facts',
        {
          ...context.scope,
          name: 'deliveries',
          day: { from: context.days.first, to: context.days.after },
          'dimensions.state': ['delivered', 'sent'],
        },
        'value',
      ),
  ],
  measures: ['measuresCount', measuresTaken],
  falsePositives: ['falsePositives', (context) => setApart(context, { status: 'false-positive', exercise: false })],
  exercises: ['exercises', (context) => setApart(context, { exercise: true })],
}

/** Totals in large type; `show` names them. */
export const figures: Block = (context, options) => {
  const names = Array.isArray(options['show']) ? (options['show'] as readonly string[]) : []
  const rows = names.flatMap((name): [string, Figure][] => {
    const named = FIGURES[name]
    return named === undefined ? [] : [[context.label(named[0]), named[1](context)]]
  })
  return [{ part: 'figures', rows }]
}

/** Exercises and false positives, apart from every total (XC-11, VN-4.2b-4). */
export const apart: Block = (context) => [
  {
    part: 'fields',
    rows: (['falsePositives', 'exercises'] as const).map((name) => {
      const [label, count] = FIGURES[name] as Named
      return [context.label(label), count(context)]
    }),
  },
]

function setApart(context: BlockContext, where: Record<string, string | boolean>): Figure {
  const { from, to } = context.input
  return context.evidence.count('incidents', { ...context.scope, ...where, detectedAt: { from, to } })
}

/** Incidents detected before the end and not closed by then. */
function openAtEnd(context: BlockContext): Figure {
  const { to } = context.input
  return context.evidence.count('incidents', {
    ...context.counted({ kind: 'incident' }),
    detectedAt: { from: 0, to },
    closedAt: { absentOrFrom: to },
  })
}

/** Counted cases for which measures were told or taken. */
function measuresTaken(context: BlockContext): Figure {
  return context.evidence.count('incidents', { ...context.counted(), 'responses.kind': [...MEASURES] })
}

import { idFrom } from '@tocsin/events'
import { blankRecord } from './blank-record.ts'
import { type CaseState } from './case.ts'
import { refuse } from './decision.ts'
import { applied, type Handler, textOf, whileOpen } from './handler.ts'

const MAX_RELATED = 100

/**
 * Splits detections off a case into one of their own. The new case inherits T0, kind and everything that was proven so far,
 * so that a split gains and loses no time; from then on each has its own closures and answers.
 */
export const split: Handler = whileOpen((state, command, at, law, book) => {
  const { record } = state
  const wanted = [
    ...new Set(
      textOf(command, 'detections')
        .split(',')
        .map((word) => word.trim()),
    ),
  ].filter((word) => word !== '')
  if (wanted.length === 0) return refuse('invalid', 'Say which detections go into the new case: detections=a,b.')
  const strange = wanted.filter((id) => !record.detectionIds.includes(id))
  if (strange.length > 0) return refuse('invalid', `The case ${record.number} has no detection ${strange.join(', ')}.`)
  if (wanted.length === record.detectionIds.length)
    return refuse('invalid', 'At least one detection stays in the case that is split.')
  const reason = (command.reason ?? '').trim()
  if (reason === '') return refuse('invalid', 'Splitting a case needs a reason.')
  const caseId = idFrom('case', 'split', command.commandId)
  const eventCount = wanted.reduce((sum, id) => sum + (book.detection(id)?.eventCount ?? 0), 0)
  const title = textOf(command, 'title', 200)
  const { revision, clocks, notices, history, responses, visits, shares } = blankRecord()
  const empty = { revision, clocks, notices, history, responses, visits, shares }
  const own: CaseState = {
    ...state,
    recorded: {},
    commandRevision: 0,
    toldBefore: at,
    supplementary: null,
    tickets: state.tickets.filter(({ detectionId }) => wanted.includes(detectionId)),
    record: {
      ...record,
      ...empty,
      caseId,
      number: book.nextNumber(law),
      createdAt: at,
      groupKey: `split|${command.commandId}`.slice(0, 400),
      titles: title === '' ? record.titles : { en: title },
      detectionIds: wanted.sort(),
      detectionCount: wanted.length,
      eventCount,
      related: [`split-from:${record.caseId}`],
    },
  }
  const left: CaseState = {
    ...state,
    tickets: state.tickets.filter(({ detectionId }) => !wanted.includes(detectionId)),
    record: {
      ...record,
      detectionIds: record.detectionIds.filter((id) => !wanted.includes(id)),
      detectionCount: Math.max(0, record.detectionCount - wanted.length),
      eventCount: Math.max(0, record.eventCount - eventCount),
      related: [...record.related, `split-off:${caseId}`].slice(-MAX_RELATED),
    },
  }
  return {
    ...applied(left, command, 'split', { into: caseId, detections: wanted.join(',') }),
    others: [applied(own, command, 'created', { kind: record.kind, splitFrom: record.caseId, by: command.channel })],
    moved: { detectionIds: wanted, caseId },
    said: `Done: split. The new case is ${own.record.number} (${caseId}).`,
  }
})

import type { IncidentCommand } from '@tocsin/events'
import type { CaseState } from './case.ts'
import { type CaseChange, type Decision, refuse } from './decision.ts'
import { applied, type CaseBook, isEnded, textOf } from './handler.ts'

/** Cases that one command hands over at most: bounds a transaction. */
const MAX_HANDED = 500

/**
 * Hands over the shift: every open case of the body that `from` (the actor, unless said) is in charge of goes to `to`, each
 * with the note in its history. With a case it hands over that one alone.
 */
export function handOver(state: CaseState | undefined, command: IncidentCommand, book: CaseBook): Decision {
  const to = textOf(command, 'to', 200)
  const from = textOf(command, 'from', 200) || command.actor
  const note = textOf(command, 'note', 2_000) || (command.reason ?? '').trim()
  if (to === '') return refuse('invalid', 'Say who takes over: to.')
  if (to === from) return refuse('invalid', 'The one who takes over is the one who hands over.')
  if (note === '') return refuse('invalid', 'Say in a note what the next shift must know.')
  if (state !== undefined && isEnded(state))
    return refuse('illegal-transition', `The case is ${state.record.status}; there is nothing to hand over.`)
  const cases =
    state === undefined ? book.openOf(command.constituent).filter((one) => one.record.assignee === from) : [state]
  const [first, ...rest] = cases
    .sort((a, b) => (a.record.caseId < b.record.caseId ? -1 : 1))
    .slice(0, MAX_HANDED)
    .map((one): CaseChange => handed(one, command, from, to, note))
  if (first === undefined)
    return refuse('illegal-transition', `${from} is in charge of no open case of ${command.constituent}.`)
  const left = cases.length - 1 - rest.length
  return {
    ...first,
    others: rest,
    said: `Done: ${rest.length + 1} cases handed over from ${from} to ${to}${left > 0 ? `, ${left} are left: give the command again` : ''}.`,
  }
}

function handed(state: CaseState, command: IncidentCommand, from: string, to: string, note: string): CaseChange {
  const changed = { ...state, record: { ...state.record, assignee: to } }
  return applied(changed, command, 'handed-over', { from: state.record.assignee ?? from, to, note })
}

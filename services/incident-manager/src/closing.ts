import type { Incident } from '@tocsin/events'
import { withResponse } from './case.ts'
import { refuse } from './decision.ts'
import { applied, type Handler, reasonOf, textOf, whileOpen, withFact } from './handler.ts'
import { lifted } from './suppression.ts'

/** One of the two closures of an incident, each with its evidence (AMB-KZ7). */
export function eliminated(moment: 'causesEliminatedAt' | 'consequencesEliminatedAt', action: string): Handler {
  return whileOpen((state, command, at) => {
    if (state.record.kind !== 'incident')
      return refuse('illegal-transition', 'Causes and consequences are those of an incident; promote the case first.')
    if (state.record[moment] !== null)
      return refuse('illegal-transition', `This was said at ${new Date(state.record[moment]).toISOString()}.`)
    const evidence = textOf(command, 'evidence') || reasonOf(command)
    if (evidence === '') return refuse('invalid', 'A closure needs its evidence.')
    const text = textOf(command, 'text') || evidence
    const closed = withResponse(withFact(state, moment, at, { [moment]: at }), {
      at,
      by: command.actor,
      kind: action,
      text,
      evidence,
    })
    return applied(closed, command, action, { evidence })
  })
}

/** Closes a case that has what its law asks for. */
export const close: Handler = whileOpen((state, command, at, law) => {
  const { record } = state
  const isIncident = record.kind === 'incident'
  const lacks: Readonly<Record<string, string | null>> = {
    'primary-analysis': (record.primaryAnalysis ?? '').trim() === '' ? 'it has no primary analysis' : null,
    class: `${record.rsitClass}/${record.rsitType}` === 'other/undetermined' ? 'it is not classified' : null,
    effects: isIncident && record.effects.length === 0 ? 'its effects are not named' : null,
    measures:
      isIncident && (record.measuresPossible === null || (record.measuresReason ?? '').trim() === '')
        ? 'it is not said whether measures through sources were technically possible, and why'
        : null,
  }
  const { needs, requirements } = law.rules.closing
  const reasons = needs.map((need) => lacks[need] ?? null).filter((reason) => reason !== null)
  if (reasons.length > 0) {
    return refuse(
      'illegal-transition',
      `The case cannot be closed: ${reasons.join(', ')} (${requirements.join(', ')}).`,
    )
  }
  const conclusion = textOf(command, 'conclusion')
  const ended = withFact(state, 'closedAt', at, {
    closedAt: at,
    status: 'closed',
    conclusion: conclusion === '' ? record.conclusion : conclusion,
  })
  return applied(ended, command, 'closed')
})

/** Takes a closure or a false-positive mark back; `withdraw` may name `causes` and `consequences` as well. */
export const reopen: Handler = (state, command, at, _law, book) => {
  const { status } = state.record
  if (status !== 'closed' && status !== 'false-positive')
    return refuse('illegal-transition', `A case that is ${status} cannot be reopened.`)
  if (reasonOf(command) === '') return refuse('invalid', 'Reopening needs a reason.')
  const also = (command.fields.withdraw ?? '').split(',').map((word) => word.trim())
  const strange = also.filter((word) => !['', 'causes', 'consequences'].includes(word))
  if (strange.length > 0)
    return refuse('invalid', `withdraw names causes and consequences, not "${strange.join(', ')}".`)
  const back = ['closedAt', 'falsePositiveAt', ...also.map((word) => `${word}EliminatedAt`)]
  const facts = state.facts.map((fact) =>
    back.includes(fact.name) && fact.withdrawnAt === undefined ? { ...fact, withdrawnAt: at } : fact,
  )
  const isVerified = state.record.verifiedAt !== null
  const waiting = state.supplementary === null ? 'unverified' : 'supplementary-asked'
  const record: Incident = {
    ...state.record,
    status: isVerified ? 'confirmed' : 'unverified',
    verification: isVerified ? 'confirmed' : waiting,
    closedAt: null,
    causesEliminatedAt: also.includes('causes') ? null : state.record.causesEliminatedAt,
    consequencesEliminatedAt: also.includes('consequences') ? null : state.record.consequencesEliminatedAt,
  }
  const suppression = book.suppressions.ofCase(state)
  return {
    ...applied({ ...state, facts, record }, command, 'reopened'),
    suppressions: suppression === undefined ? [] : [lifted(suppression, command.actor, at)],
  }
}

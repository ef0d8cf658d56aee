import type { Fact } from '@tocsin/obligations'
import { promote, withResponse } from './case.ts'
import { classify } from './classify.ts'
import { close, eliminated, reopen } from './closing.ts'
import { refuse } from './decision.ts'
import { noticeReached } from './deliveries.ts'
import { dispatch, dispatchResult } from './dispatch.ts'
import { effectsOf, isEffectRefusal } from './effects.ts'
import { applied, type Handler, textOf, whileOpen, withFact } from './handler.ts'
import { merge } from './merge.ts'
import { type Action, speaksForBody } from './permissions.ts'
import {
  approveResponse,
  proposeResponse,
  refuseResponse,
  responseEffect,
  revertResponse,
} from './response/handlers.ts'
import { share } from './share.ts'
import { split } from './split.ts'
import { askSupplementary, liftSuppression, markFalsePositive, supplementaryCollected, verify } from './verification.ts'

const MAX_MEASURES = 20

/** What each command does to a case that it may be given to; create and hand-over stand apart. */
export const actions: Readonly<Record<Exclude<Action, 'create' | 'hand-over'>, Handler>> = {
  promote: whileOpen((state, command, at, law) => {
    if (state.record.kind === 'incident') return refuse('illegal-transition', 'The case is an incident already.')
    const effects = effectsOf(command.fields, law.rules, true)
    if (isEffectRefusal(effects)) return refuse('invalid', effects.reason)
    const promoted = promote(state, at)
    const record = { ...promoted.record, ...effects }
    return applied({ ...promoted, record }, command, 'promoted', {
      effects: effects.effects.join(','),
      serial: String(effects.serial),
    })
  }),

  verify,
  'ask-supplementary': askSupplementary,
  'supplementary-collected': supplementaryCollected,
  'mark-false-positive': markFalsePositive,
  'lift-suppression': liftSuppression,

  acknowledge: whileOpen((state, command, at) => {
    if (state.record.acknowledgedAt !== null) {
      return refuse(
        'illegal-transition',
        `The case was acknowledged at ${new Date(state.record.acknowledgedAt).toISOString()}.`,
      )
    }
    const status = state.record.status === 'new' ? 'unverified' : state.record.status
    return applied(withFact(state, 'acknowledgedAt', at, { acknowledgedAt: at, status }), command, 'acknowledged')
  }),

  assign: whileOpen((state, command) => {
    const assignee = (command.fields.assignee ?? '').trim().slice(0, 200)
    if (assignee === '') return refuse('invalid', 'Say to whom the case is assigned.')
    return applied({ ...state, record: { ...state.record, assignee } }, command, 'assigned', { assignee })
  }),

  classify,

  answer: (state, command, at) => {
    const kind = command.fields.kind ?? ''
    const moments = ANSWERS[kind]
    if (moments === undefined)
      return refuse('invalid', `An answer is of kind ${Object.keys(ANSWERS).join(', ')}, not "${kind}".`)
    const text = textOf(command, 'text')
    if (text === '') return refuse('invalid', 'An answer needs a text.')
    if (state.record.status === 'merged') return refuse('illegal-transition', 'The case was merged into another one.')
    const answered = withFact(state, 'answeredAt', at, { answeredAt: state.record.answeredAt ?? at })
    const facts = [...answered.facts, ...moments.map((name): Fact => ({ name, at, ref: command.commandId }))]
    const evidence = textOf(command, 'evidence') || null
    const told = withResponse({ ...answered, facts }, { at, by: command.actor, kind, text, evidence })
    return applied(told, command, 'answered', { kind, text })
  },

  'measure-taken': whileOpen((state, command, at) => {
    const text = textOf(command, 'text')
    if (text === '') return refuse('invalid', 'Say which measure was taken.')
    const measures = [...state.measures, text].slice(-MAX_MEASURES)
    const own = speaksForBody(command.actorRoles)
    const facts: Fact[] = own ? [{ name: 'measuresReceivedAt', at, ref: command.commandId }] : []
    const evidence = textOf(command, 'evidence') || null
    const response = { at, by: command.actor, kind: 'measure-taken', text, evidence }
    const taken = withResponse({ ...state, measures, facts: [...state.facts, ...facts] }, response)
    return applied(taken, command, 'measure-taken', { text })
  }),

  'causes-eliminated': eliminated('causesEliminatedAt', 'causes-eliminated'),
  'consequences-eliminated': eliminated('consequencesEliminatedAt', 'consequences-eliminated'),

  dispatch,
  'dispatch-result': dispatchResult,

  close,
  reopen,
  merge,
  split,
  share,

  'acknowledge-notice': (state, command, at) => {
    const noticeId = command.fields.noticeId ?? ''
    if (!state.record.notices.some((notice) => notice.noticeId === noticeId)) {
      return refuse('invalid', `The case owes no notice ${noticeId}.`)
    }
    const changed = noticeReached(state, noticeId, 'acknowledged', at, command.commandId)
    if (changed === null) return refuse('illegal-transition', 'The notice was acknowledged before.')
    return applied(changed, command, 'notice-acknowledged', { noticeId })
  },

  'propose-response': proposeResponse,
  'approve-response': approveResponse,
  'refuse-response': refuseResponse,
  'revert-response': revertResponse,
  'response-effect': responseEffect,
}

/** Kinds of answers of a body, and the moments that each is: KZ-12e's two forms, and the result of handling (VN-5.3e). */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'event-analysis': ['analysisReceivedAt'],
  measures: ['measuresReceivedAt'],
  result: ['handledAt', 'measuresReceivedAt'],
}

import type { Incident, IncidentCommand } from '@tocsin/events'
import { type Fact, legalKindsOf, RSIT_PAIRS } from '@tocsin/obligations'
import { type CaseState, promote, withNational } from './case.ts'
import { type Decision, refuse } from './decision.ts'
import { noticeReached } from './deliveries.ts'
import { effectsOf, isEffectRefusal } from './effects.ts'
import { subjectOfCase } from './legal.ts'
import { type Action, speaksForBody } from './permissions.ts'
import type { Law } from './registry.ts'

type Handler = (state: CaseState, command: IncidentCommand, at: number, law: Law) => Decision

const MAX_TEXT = 8000
const MAX_MEASURES = 20
const ENDED = ['closed', 'false-positive', 'merged']

/** What each command does to a case that it may be given to; create stands apart. */
export const actions: Readonly<Record<Exclude<Action, 'create'>, Handler>> = {
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

  verify: whileOpen((state, command, at, law) => {
    if (state.record.verifiedAt !== null) return refuse('illegal-transition', 'The case is verified already.')
    const verified = withFact(state, 'verifiedAt', at, { verifiedAt: at, status: 'confirmed' })
    const becomes = legalKindsOf(law.pack, subjectOfCase(verified, undefined)).incident
    // What the pack makes an incident by verification alone needs no form; what asks for effects waits for `promote`.
    const automatic = becomes && verified.record.kind === 'event' && law.rules.promotion.leastEffects === 0
    return applied(automatic ? promote(verified, at) : verified, command, automatic ? 'promoted' : 'verified')
  }),

  'mark-false-positive': whileOpen((state, command, at) => {
    if (blank(command.reason)) return refuse('invalid', 'A false positive needs a reason.')
    return applied(
      withFact(state, 'falsePositiveAt', at, { status: 'false-positive' }),
      command,
      'marked-false-positive',
    )
  }),

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

  classify: whileOpen(classify),

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
    return applied({ ...answered, facts }, command, 'answered', { kind, text })
  },

  'measure-taken': whileOpen((state, command, at) => {
    const text = textOf(command, 'text')
    if (text === '') return refuse('invalid', 'Say which measure was taken.')
    const measures = [...state.measures, text].slice(-MAX_MEASURES)
    const own = speaksForBody(command.actorRoles)
    const facts: Fact[] = own ? [{ name: 'measuresReceivedAt', at, ref: command.commandId }] : []
    return applied({ ...state, measures, facts: [...state.facts, ...facts] }, command, 'measure-taken', { text })
  }),

  'causes-eliminated': eliminated('causesEliminatedAt', 'causes-eliminated'),
  'consequences-eliminated': eliminated('consequencesEliminatedAt', 'consequences-eliminated'),

  close: whileOpen(close),
  reopen,

  'acknowledge-notice': (state, command, at) => {
    const noticeId = command.fields.noticeId ?? ''
    if (!state.record.notices.some((notice) => notice.noticeId === noticeId)) {
      return refuse('invalid', `The case owes no notice ${noticeId}.`)
    }
    const changed = noticeReached(state, noticeId, 'acknowledged', at, command.commandId)
    if (changed === null) return refuse('illegal-transition', 'The notice was acknowledged before.')
    return applied(changed, command, 'notice-acknowledged', { noticeId })
  },
}

/** Kinds of answers of a body, and the moments that each is: KZ-12e's two forms, and the result of handling (VN-5.3e). */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'event-analysis': ['analysisReceivedAt'],
  measures: ['measuresReceivedAt'],
  result: ['handledAt', 'measuresReceivedAt'],
}

function classify(state: CaseState, command: IncidentCommand, _at: number, law: Law): Decision {
  const { fields } = command
  const rsit = fields.rsit ?? `${state.record.rsitClass}/${state.record.rsitType}`
  if (fields.rsit !== undefined && !RSIT_PAIRS.includes(rsit)) return refuse('invalid', `RSIT has no class "${rsit}".`)
  const severity = fields.severity === undefined ? state.record.severity : Number(fields.severity)
  if (!Number.isInteger(severity) || severity < 0 || severity > 100)
    return refuse('invalid', 'Severity is a whole number from 0 to 100.')
  const vnKind = fields.vnKind ?? state.record.vnKind
  if (vnKind !== null && !['intrusion', 'risk', 'incident'].includes(vnKind))
    return refuse('invalid', `There is no kind "${vnKind}".`)
  const effects = effectsOf(fields, law.rules, false)
  if (isEffectRefusal(effects)) return refuse('invalid', effects.reason)
  const [rsitClass = 'other', rsitType = 'undetermined'] = rsit.split('/')
  const analysis = textOf(command, 'primaryAnalysis')
  const record: Incident = {
    ...state.record,
    rsitClass,
    rsitType,
    severity,
    vnKind,
    effects: fields.effects === undefined ? state.record.effects : effects.effects,
    serial: effects.serial ?? state.record.serial,
    primaryAnalysis: analysis === '' ? state.record.primaryAnalysis : analysis,
    measuresPossible:
      fields.measuresPossible === undefined ? state.record.measuresPossible : fields.measuresPossible === 'yes',
    measuresReason: fields.measuresReason ?? state.record.measuresReason,
  }
  const marks = { ...state.marks }
  for (const name of ['significant', 'ongoing']) if (fields[name] !== undefined) marks[name] = fields[name] === 'yes'
  return applied(
    withNational(
      {
        ...state,
        record,
        marks,
        classifiedByHand: state.classifiedByHand || fields.rsit !== undefined,
        analysedByHand: state.analysedByHand || analysis !== '',
      },
      law,
    ),
    command,
    'classified',
    { ...fields },
  )
}

function close(state: CaseState, command: IncidentCommand, at: number, law: Law): Decision {
  const { record } = state
  const lacks: Readonly<Record<string, string | null>> = {
    'primary-analysis': blank(record.primaryAnalysis) ? 'it has no primary analysis' : null,
    class: `${record.rsitClass}/${record.rsitType}` === 'other/undetermined' ? 'it is not classified' : null,
    effects: record.kind === 'incident' && record.effects.length === 0 ? 'its effects are not named' : null,
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
  return applied(
    withFact(state, 'closedAt', at, {
      closedAt: at,
      status: 'closed',
      conclusion: conclusion === '' ? record.conclusion : conclusion,
    }),
    command,
    'closed',
  )
}

/** Takes a closure or a false-positive mark back; `withdraw` may name `causes` and `consequences` as well. */
function reopen(state: CaseState, command: IncidentCommand, at: number): Decision {
  const { status } = state.record
  if (status !== 'closed' && status !== 'false-positive')
    return refuse('illegal-transition', `A case that is ${status} cannot be reopened.`)
  if (blank(command.reason)) return refuse('invalid', 'Reopening needs a reason.')
  const also = (command.fields.withdraw ?? '').split(',').map((word) => word.trim())
  const back = ['closedAt', 'falsePositiveAt', ...also.map((word) => `${word}EliminatedAt`)]
  const facts = state.facts.map((fact) =>
    back.includes(fact.name) && fact.withdrawnAt === undefined ? { ...fact, withdrawnAt: at } : fact,
  )
  const record: Incident = {
    ...state.record,
    status: state.record.verifiedAt === null ? 'unverified' : 'confirmed',
    closedAt: null,
    causesEliminatedAt: also.includes('causes') ? null : state.record.causesEliminatedAt,
    consequencesEliminatedAt: also.includes('consequences') ? null : state.record.consequencesEliminatedAt,
  }
  return applied({ ...state, facts, record }, command, 'reopened')
}

/** One of the two closures of an incident, each with its evidence (AMB-KZ7). */
function eliminated(moment: 'causesEliminatedAt' | 'consequencesEliminatedAt', action: string): Handler {
  return whileOpen((state, command, at) => {
    if (state.record[moment] !== null)
      return refuse('illegal-transition', `This was said at ${new Date(state.record[moment]).toISOString()}.`)
    const evidence = textOf(command, 'evidence') || (command.reason ?? '').trim()
    if (evidence === '') return refuse('invalid', 'A closure needs its evidence.')
    return applied(withFact(state, moment, at, { [moment]: at }), command, action, { evidence })
  })
}

function whileOpen(handler: Handler): Handler {
  return (state, command, at, law) =>
    ENDED.includes(state.record.status)
      ? refuse('illegal-transition', `The case is ${state.record.status}; ${command.action} is no longer possible.`)
      : handler(state, command, at, law)
}

function withFact(state: CaseState, name: string, at: number, record: Partial<Incident>): CaseState {
  return { ...state, facts: [...state.facts, { name, at }], record: { ...state.record, ...record } }
}

function applied(
  state: CaseState,
  command: IncidentCommand,
  action: string,
  detail: Record<string, string> = {},
): Decision {
  return { state, change: { action, actor: command.actor, reason: command.reason, detail } }
}

function textOf(command: IncidentCommand, field: string): string {
  return (command.fields[field] ?? '').trim().slice(0, MAX_TEXT)
}

function blank(text: string | null): boolean {
  return text === null || text.trim() === ''
}

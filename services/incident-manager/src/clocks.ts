import { type ClockEvent, type ClockState, type Incident, idFrom } from '@tocsin/events'
import {
  type CaseFacts,
  type Clock,
  type ClockHappening,
  clocksOf,
  type Fact,
  happeningsOf,
  nextWakeOf,
  type Pack,
} from '@tocsin/obligations'
import type { Output } from '@tocsin/stage'
import type { CaseState } from './case.ts'
import { subjectOfCase } from './legal.ts'
import { oweNotices } from './notices.ts'
import type { Law, Registry } from './registry.ts'

/** A case after its clocks were looked at. */
export interface Settled {
  state: CaseState
  outputs: Output[]
  /** What happened now, as `C1/event breached`, for the case's history. */
  happened: string[]
}

/** The part of a case that its clocks follow from; a snapshot on `incident-changes` holds it too. */
export type ClockView = Pick<
  CaseState,
  'record' | 'facts' | 'level' | 'detectionKind' | 'origin' | 'marks' | 'tickets' | 'settings' | 'settingsSince'
>

/**
 * What the clocks of a case look at: the case itself and each ticket that is cut from it. One CaseFacts each, because tickets
 * have clocks of their own kind, and each has its own first record.
 */
export function clockSubjectsOf(state: ClockView, registry: Pick<Registry, 'constituent'>): CaseFacts[] {
  const { caseId, constituent, exercise, kind } = state.record
  const attributes = subjectOfCase(state, registry.constituent(constituent))
  const subject: CaseFacts = {
    caseId,
    constituent,
    kind: kind === 'incident' || kind === 'threat' ? kind : 'event',
    exercise,
    attributes,
    facts: state.facts,
    settings: state.settings,
    ...(state.settingsSince === undefined ? {} : { settingsSince: state.settingsSince }),
  }
  // What ends a case ends the clocks of its tickets; the rest of its facts are not theirs.
  const ends = state.facts.filter(({ name }) => name === 'falsePositiveAt' || name === 'mergedAt')
  const tickets = state.tickets.map(({ part, detectedAt, firstRecordAt, upload }): CaseFacts => {
    const facts: Fact[] = [
      { name: 'detectedAt', at: detectedAt },
      { name: 'firstRecordAt', at: firstRecordAt },
      ...(upload === null ? [] : [{ name: 'uploadedAt', ...upload }]),
      ...ends,
    ]
    return { ...subject, kind: 'ticket', facts, ...(part === null ? {} : { part }) }
  })
  return [subject, ...tickets]
}

/** Every clock of a case that has started by `nowMs`, in the pack's order. */
export function allClocksOf(pack: Pack, subjects: readonly CaseFacts[], nowMs: number): Clock[] {
  return subjects.flatMap((subject) => clocksOf(pack, subject, nowMs))
}

/**
 * Brings a case's clocks up to `nowMs`: writes what they did since they were last looked at, each at its legal instant and
 * once; plans the notices that became owed; sets the next wake-up. After an outage everything missed comes at once.
 */
export function settle(state: CaseState, law: Law, registry: Registry, nowMs: number): Settled {
  const { pack } = law
  const subjects = clockSubjectsOf(state, registry)
  const clocks = allClocksOf(pack, subjects, nowMs)
  const history = clocks.flatMap((clock) => happeningsOf(state.record.caseId, clock, nowMs))
  const owed = history
    .filter((happening) => state.recorded[happening.eventId] === undefined)
    .sort((a, b) => a.at - b.at)
  const current = new Set(history.map((happening) => happening.eventId))
  const withdrawn = Object.entries(state.recorded).filter(([eventId]) => !current.has(eventId))

  const recorded = Object.fromEntries(history.map(({ eventId, clockKey }) => [eventId, clockKey]))
  const changed: CaseState = {
    ...state,
    recorded,
    wakeAt: wakeOf(clocks, state, nowMs),
    record: {
      ...state.record,
      clocks: clocks.map((clock) => clockStateOf(clock)),
      noticeReceivedAt: receivedAtOf(pack, state.facts),
    },
  }
  const notices = oweNotices(changed, law, registry, owed, clocks, subjects[0] as CaseFacts, nowMs)
  return {
    state: notices.state,
    outputs: [
      ...withdrawn.map(([eventId, key]) => withdrawalOf(changed.record, eventId, key, nowMs)),
      ...owed.map((happening) => clockEventOf(changed.record, happening, nowMs)),
      ...notices.outputs,
    ],
    happened: [
      ...withdrawn.map(([, key]) => `${key} corrected`),
      ...owed.map((happening) => `${happening.clockKey} ${happening.what}${lateness(nowMs - happening.at)}`),
    ],
  }
}

/** A start or a warning that comes more than a minute after its instant says so (an outage lay between). */
function lateness(lateMs: number): string {
  return lateMs < 60_000 ? '' : `, recorded ${Math.floor(lateMs / 1000)} s late`
}

/** A fact may lie a little ahead of this process's clock (T0 comes from another machine): then it wakes the case too. */
function wakeOf(clocks: readonly Clock[], state: CaseState, nowMs: number): number | null {
  const ahead = state.facts.map((fact) => fact.at).filter((at) => at > nowMs)
  const next = nextWakeOf(clocks, nowMs)
  return ahead.length === 0 ? next : Math.min(next ?? Number.POSITIVE_INFINITY, ...ahead)
}

/** First proof that the constituent had a notice in hand (KZ C3); copies carry no clock and do not count. */
function receivedAtOf(pack: Pack, facts: readonly Fact[]): number | null {
  let first: number | null = null
  for (const { name, at, role, proof, clocks } of facts) {
    const proves =
      name === 'delivery' && (proof === 'delivered' || proof === 'acknowledged') && (clocks ?? []).length > 0
    if (!proves || pack.roles[role ?? '']?.scope !== 'constituent') continue
    if (first === null || at < first) first = at
  }
  return first
}

function clockStateOf(clock: Clock): ClockState {
  return {
    clockId: clock.key,
    requirementIds: [...clock.requirements],
    title: clock.title.en,
    startMoment: clock.startMoment,
    startAt: clock.startAt,
    dueAt: clock.dueAt,
    state: clock.state,
    metAt: clock.metAt,
    proof: clock.metProof ?? clock.metBy,
    recipients: [...clock.recipients],
  }
}

/** The record of what a clock of a case, or of a request, did. */
export function clockEventOf(
  record: Pick<Incident, 'caseId' | 'constituent' | 'pack' | 'exercise'>,
  happening: ClockHappening,
  nowMs: number,
): Output {
  const { clock, eventId, what, at, by } = happening
  const value: ClockEvent = {
    clockEventId: eventId,
    caseId: record.caseId,
    constituent: record.constituent,
    clockId: clock.key,
    requirementIds: [...clock.requirements],
    pack: record.pack,
    exercise: record.exercise,
    what,
    at,
    recordedAt: nowMs,
    startAt: clock.startAt,
    dueAt: clock.dueAt,
    proof: by === '' ? null : by,
  }
  return { topic: 'clock-events', key: record.constituent, value }
}

/**
 * A fact with an earlier instant became known, or a closure was reopened: what was written no longer holds. The record stays
 * and another one takes it back, naming it in `proof`.
 */
function withdrawalOf(record: Incident, eventId: string, key: string, nowMs: number): Output {
  const clock = record.clocks.find((state) => state.clockId === key)
  const value: ClockEvent = {
    clockEventId: idFrom('withdrawn', eventId, record.revision + 1),
    caseId: record.caseId,
    constituent: record.constituent,
    clockId: key,
    requirementIds: clock?.requirementIds ?? [],
    pack: record.pack,
    exercise: record.exercise,
    what: 'withdrawn',
    at: nowMs,
    recordedAt: nowMs,
    startAt: clock?.startAt ?? nowMs,
    dueAt: clock?.dueAt ?? nowMs,
    proof: eventId,
  }
  return { topic: 'clock-events', key: record.constituent, value }
}

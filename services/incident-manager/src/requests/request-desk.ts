import { type Delivery, type HealthEvent, type IncidentCommand, idFrom } from '@tocsin/events'
import { type CaseWords, inTexts, type Pack, planNotices } from '@tocsin/obligations'
import type { Output, Store } from '@tocsin/stage'
import { clockEventOf } from '../clocks.ts'
import { isRefusal, type Refusal, refuse } from '../decision.ts'
import { missingRecipient, noticeRecordOf } from '../notices.ts'
import type { Law, Registry } from '../registry.ts'
import { WakeIndex } from '../wake-index.ts'
import { isBound, openRuns, requestOfRun } from './periodic.ts'
import { decideRequest, isFurtherAction, openRequest } from './request-actions.ts'
import { askedContacts, channelTestNotice, requestNotice } from './request-notices.ts'
import { clocksOfRequest, isOpen, type RequestState } from './request-state.ts'

/** What the desk needs of the stage that it sits in. */
export interface DeskParts {
  store: Store<RequestState>
  registry: Registry
  /** True where a body's records come to this task: its periodic requests are opened here and nowhere else. */
  owns: (constituent: string) => boolean
  nextNumber: (law: Law, nowMs: number) => string
}

/** What a command made of a request: the answer, and the records to write. */
export interface DeskAnswer {
  decision: Refusal | { said: string }
  requestId: string
  outputs: Output[]
}

const MAX_WOKEN = 500
const LOOK_EVERY_MS = 60_000
/** The schedule whose request is met when each contact has acknowledged its test message. */
const CHANNEL_TEST = 'channel-test'
const REMEMBER_MS = 401 * 86_400_000

/**
 * Everything that is formally asked of somebody: what people ask by command, and what the law asks of each body in each period.
 * One task owns the requests of its bodies; a request's clocks, notices and its overdue alarm follow from its facts.
 */
export class RequestDesk {
  readonly #parts: DeskParts
  readonly #wakes = new WakeIndex()
  #lookedAt: number | null = null

  constructor(parts: DeskParts) {
    this.#parts = parts
    for (const [requestId, { wakeAt }] of parts.store.entries()) this.#wakes.set(requestId, wakeAt)
  }

  has(requestId: string): boolean {
    return this.#parts.store.has(requestId)
  }

  /** Decides one command; its action is one of `REQUEST_ACTIONS`, or an acknowledgement of a request's notice. */
  command(command: IncidentCommand, law: Law | null, nowMs: number): DeskAnswer {
    const { action, caseId, constituent } = command
    const refused = (decision: Refusal): DeskAnswer => ({ decision, requestId: caseId, outputs: [] })
    if (law === null) return refused(refuse('invalid', `The pack of ${constituent} is not loaded.`))
    const at = Math.min(command.issuedAt, nowMs)
    if (action === 'request-open') {
      const opened = openRequest(command, law.pack.id, () => this.#parts.nextNumber(law, nowMs), at)
      if (isRefusal(opened)) return refused(opened)
      const told = this.#announced(opened.state, law.pack, nowMs)
      const outputs = [...this.#settled(opened.state, law.pack, nowMs), ...told]
      return { decision: opened, requestId: opened.state.record.requestId, outputs }
    }
    const state = this.#parts.store.get(caseId)
    if (state === undefined || state.record.constituent !== constituent)
      return refused(refuse('unknown-case', `${constituent} has no request ${caseId}.`))
    // A request keeps the law under which it was made (XC-2), whatever is in force when it is answered.
    const { pack } = this.#lawOf(state, nowMs) ?? law
    if (action === 'acknowledge-notice') {
      const acknowledged = this.#acknowledged(state, command.fields['noticeId'] ?? '', at)
      if (acknowledged === null) return refused(refuse('invalid', 'No such notice of this request waits for it.'))
      const outputs = this.#settled(acknowledged, pack, nowMs)
      return { decision: { said: 'Done: the notice is acknowledged.' }, requestId: caseId, outputs }
    }
    if (!isFurtherAction(action)) return refused(refuse('invalid', `A request has no command "${action}".`))
    const decided = decideRequest(state, command, action, at)
    if (isRefusal(decided)) return refused(decided)
    return { decision: decided, requestId: caseId, outputs: this.#settled(decided.state, pack, nowMs) }
  }

  /** A notice of a request reached somebody: the proof that it was sent; null where it says nothing new. */
  delivery(delivery: Delivery, nowMs: number): Output[] | null {
    const state = delivery.caseId === null ? undefined : this.#parts.store.get(delivery.caseId)
    if (state === undefined || state.record.constituent !== delivery.constituent) return null
    const law = this.#lawOf(state, nowMs)
    if (law === undefined) return null
    const { noticeId, state: reached, at, channel, reply, recipientRole, deliveryId } = delivery
    if (reached === 'acknowledged' && noticeId !== null) {
      const acknowledged = this.#acknowledged(state, noticeId, at)
      if (acknowledged !== null) return this.#settled(acknowledged, law.pack, nowMs)
    }
    if (reached !== 'delivered' && reached !== 'sent' && reached !== 'acknowledged') return null
    const line = `${recipientRole}: ${reached}, ${channel}, ${new Date(at).toISOString()}${reply === null ? '' : `, ${reply.slice(0, 200)}`}`
    const { proof } = state.record
    if (proof?.includes(line) === true) return null
    const facts = [
      ...state.facts,
      {
        name: 'delivery',
        at,
        role: recipientRole,
        proof: reached,
        ref: deliveryId,
        clocks: clocksNamed(delivery),
      } as const,
    ]
    const record = { ...state.record, proof: (proof === null ? line : `${proof}\n${line}`).slice(-4_000) }
    return this.#settled({ ...state, facts, record }, law.pack, nowMs)
  }

  /** Opens what the law asks of each body in this period, and looks at the requests whose next instant has come. */
  tick(nowMs: number): Output[] {
    const outputs = this.#lookedAt === null || nowMs - this.#lookedAt >= LOOK_EVERY_MS ? this.#opened(nowMs) : []
    for (const requestId of this.#wakes.take(nowMs, MAX_WOKEN)) {
      const state = this.#parts.store.get(requestId)
      const law = state === undefined ? undefined : this.#lawOf(state, nowMs)
      if (state !== undefined && law !== undefined) outputs.push(...this.#settled(state, law.pack, nowMs))
    }
    return outputs
  }

  #opened(nowMs: number): Output[] {
    const { registry, store, owns, nextNumber } = this.#parts
    const since = this.#lookedAt ?? this.#newestRunAt() ?? nowMs
    this.#lookedAt = nowMs
    this.#forget(nowMs - REMEMBER_MS)
    const asked = this.#bodiesAsked()
    const runs = new Map<string, ReturnType<typeof openRuns>>()
    const outputs: Output[] = []
    for (const body of registry.constituents()) {
      const law = registry.law(body.pack, { at: nowMs })
      if (law === undefined || !owns(body.constituentId) || !isBound(body, law.pack)) continue
      let open = runs.get(body.pack)
      if (open === undefined) {
        open = openRuns(law.pack, since, nowMs)
        runs.set(body.pack, open)
      }
      for (const run of open) {
        const state = requestOfRun(run, body, law.pack, '')
        const isNew = !asked.has(body.constituentId)
        if (store.has(state.record.requestId) || (isNew && run.run.dueAt <= nowMs)) continue
        const numbered = { ...state, record: { ...state.record, number: nextNumber(law, nowMs) } }
        if (run.schedule.id === CHANNEL_TEST) outputs.push(...this.#tested(numbered, law.pack, nowMs))
        else outputs.push(...this.#settled(numbered, law.pack, nowMs))
      }
    }
    return outputs
  }

  /** Bodies that were asked before: an outage leaves them nothing out. A new one is not asked for what was due before it came. */
  #bodiesAsked(): Set<string> {
    const own = [...this.#parts.store.entries()].filter(([, { run }]) => run !== null)
    return new Set(own.map(([, { record }]) => record.constituent))
  }

  /** After a restart: nothing that opened since the newest run is left out. */
  #newestRunAt(): number | null {
    let newest: number | null = null
    for (const [, { run }] of this.#parts.store.entries())
      if (run !== null && (newest === null || run.opensAt > newest)) newest = run.opensAt
    return newest
  }

  #forget(horizon: number): void {
    for (const [id, { record, wakeAt }] of this.#parts.store.entries())
      if (!isOpen(record) && wakeAt === null && (record.closedAt ?? record.answeredAt ?? 0) < horizon)
        this.#parts.store.delete(id)
  }

  /** Sends each contact of the body its test message; met when all of them have acknowledged (VN-7.2). */
  #tested(state: RequestState, pack: Pack, nowMs: number): Output[] {
    const { constituent } = state.record
    const contacts = this.#parts.registry
      .contacts(constituent, nowMs)
      .filter((contact) => contact.constituent === constituent && !contact.test)
    const notices = contacts.map((contact) => channelTestNotice(state.record, contact, nowMs))
    const waitingFor = Object.fromEntries(notices.map(({ noticeId, contactId }) => [noticeId, contactId ?? '']))
    return [...this.#settled({ ...state, waitingFor }, pack, nowMs), ...notices.map(noticeOutput)]
  }

  #acknowledged(state: RequestState, noticeId: string, at: number): RequestState | null {
    const { [noticeId]: contactId, ...waitingFor } = state.waitingFor
    if (contactId === undefined) return null
    const { record } = state
    const line = `${contactId}: acknowledged, ${new Date(at).toISOString()}`
    const proof = record.proof === null ? line : `${record.proof}\n${line}`.slice(-4_000)
    if (Object.keys(waitingFor).length > 0 || record.answeredAt !== null)
      return { ...state, waitingFor, record: { ...record, proof } }
    const met = { state: 'answered', answer: proof, answeredAt: at, answeredBy: contactId, proof }
    return { ...state, waitingFor, facts: [...state.facts, { name: 'submittedAt', at }], record: { ...record, ...met } }
  }

  /** A request of today: the side that is asked hears of it, or the centre hears that nobody could be told. */
  #announced({ record }: RequestState, pack: Pack, nowMs: number): Output[] {
    const contacts = askedContacts(record, this.#parts.registry.contacts(record.constituent, nowMs))
    if (contacts.length > 0)
      return contacts.map((contact) => noticeOutput(requestNotice(record, contact, pack.timeZone, nowMs)))
    const { requestId: caseId, ground } = record
    const missing = { caseId, clockKey: 'request', roles: [record.to], templateId: 'request', requirements: [ground] }
    return [missingRecipient(missing, record, nowMs)]
  }

  /** Brings a request's clocks up to now, says what they did and whom they make to be told, and writes the request. */
  #settled(before: RequestState, pack: Pack, nowMs: number): Output[] {
    const isLate = isOpen(before.record) && before.record.dueAt !== null && before.record.dueAt <= nowMs
    const record = isLate ? { ...before.record, state: 'overdue' } : before.record
    const { subject, clocks, owed, recorded, wakeAt } = clocksOfRequest({ ...before, record }, pack, nowMs)
    const state: RequestState = { ...before, record, recorded, wakeAt, alarmed: isLate }
    this.#parts.store.set(record.requestId, state)
    this.#wakes.set(record.requestId, wakeAt)
    const contacts = this.#parts.registry.contacts(record.constituent, nowMs)
    const plans = languagesOf(contacts).map((language) => {
      const own = contacts.filter((contact) => contact.language === language)
      return planNotices(pack, subject, owed, clocks, own, this.#wordsOf(state, pack, language, nowMs))
    })
    const whole = planNotices(pack, subject, owed, clocks, contacts, this.#wordsOf(state, pack, 'en', nowMs))
    const owner = { caseId: record.requestId, ...record, tlp: 'amber' }
    return [
      { topic: 'requests', key: record.requestId, value: record },
      ...owed.map((happening) => clockEventOf(owner, happening, nowMs)),
      ...plans.flatMap(({ notices }) => notices.map((notice) => noticeRecordOf(notice, owner, nowMs))),
      ...whole.missing.map((missing) => missingRecipient(missing, record, nowMs)),
      ...(isLate === before.alarmed ? [] : [overdueHealth(state, isLate, nowMs)]),
    ]
  }

  #lawOf({ record }: RequestState, nowMs: number): Law | undefined {
    const { registry } = this.#parts
    return registry.law(record.pack, { at: record.createdAt }) ?? registry.law(record.pack, { at: nowMs })
  }

  #wordsOf({ record }: RequestState, pack: Pack, language: string, nowMs: number): CaseWords {
    const body = this.#parts.registry.constituent(record.constituent)
    const schedule = pack.schedules.find(({ id }) => id === record.scheduleId)
    const title = schedule === undefined ? record.subject : inTexts(schedule.title, language)
    const contacts = this.#parts.registry.contacts(record.constituent, nowMs)
    const nameOf = (role: string): string => contacts.find((contact) => contact.role === role)?.name ?? ''
    return {
      rsitClass: 'other',
      rsitType: 'undetermined',
      severityScore: 0,
      constituent: body?.names[language] ?? body?.name ?? record.constituent,
      caseNumber: record.number,
      caseState: record.state,
      description: [title, record.body].filter((text) => text !== '').join('\n\n'),
      period: record.period ?? '',
      coordinator: nameOf('coordinator'),
      contact: nameOf('shift'),
    }
  }
}

function languagesOf(contacts: readonly { language: string }[]): string[] {
  return [...new Set(contacts.map(({ language }) => language))]
}

function noticeOutput(value: ReturnType<typeof requestNotice>): Output {
  return { topic: 'notices', key: value.constituent, value }
}

function clocksNamed({ clockId }: Delivery): string[] {
  return clockId === null ? [] : [clockId]
}

/** The alarm that a request is overdue, and its end: goes to operators of the body and of the centre. */
function overdueHealth({ record }: RequestState, isRaised: boolean, nowMs: number): Output {
  const { requestId, constituent, number, subject, dueAt, to } = record
  const value: HealthEvent = {
    healthId: idFrom('incident-manager', 'request_overdue', requestId),
    code: 'request_overdue',
    service: 'incident-manager',
    slot: '',
    constituent,
    sourceId: null,
    level: 'warning',
    state: isRaised ? 'raised' : 'cleared',
    at: nowMs,
    message: isRaised
      ? `Request ${number} to ${to} (${subject}) was due at ${new Date(dueAt ?? nowMs).toISOString()} and is not answered: ask ${to}, or close it with a reason.`
      : `Request ${number} to ${to} (${subject}) is ${record.state}.`,
    values: { request: number, to, subject: subject.slice(0, 200), dueAt: new Date(dueAt ?? nowMs).toISOString() },
  }
  return { topic: 'health-events', key: constituent, value }
}

import type { Notice, RegistryContact } from '@tocsin/events'
import { type Clock, messageOf, TocsinError } from '@tocsin/runtime'
import {
  drop,
  emit,
  type Outcome,
  type Output,
  type Stage,
  type StageDefinition,
  type Store,
  type Task,
} from '@tocsin/stage'
import { type AttemptResult, type Channel, failed } from './channel.ts'
import type { CommitGate } from './commit-gate.ts'
import {
  afterAttempt,
  afterRound,
  begin,
  type Ended,
  ended,
  intend,
  nextRoute,
  nextStep,
  type Progress,
} from './deliver.ts'
import type { Dispatcher } from './dispatcher.ts'
import { type Contacts, type Route, receiversOf, routesOf } from './receivers.ts'
import {
  type Alarm,
  type AlarmCode,
  type Attempted,
  alarmKey,
  clearAlarm,
  deliveryOf,
  raiseAlarm,
  SERVICE,
  unsentOf,
} from './records.ts'

/** As long as an acknowledgement of a monthly test may take. */
const KEEP_ENDED_MS = 35 * 24 * 3_600_000
const PRUNE_EVERY_MS = 3_600_000

/** What the stage needs of the world around it. */
export interface NotifierParts {
  contacts: Contacts
  channels: readonly Channel[]
  dispatcher: Dispatcher
  /** Told of the stage's transactions; effects begin when it says so. */
  commits: CommitGate
  /** Time of an attempt's begin and result, which fall between the ticks. */
  clock: Clock
  /** Told of each attempt, for metrics. */
  onAttempt?: (channel: string, state: AttemptResult['state']) => void
}

type Kept = Progress | Ended | Alarm

/**
 * Notices in, deliveries out. First the intent is committed, then the effect happens beside the loop, then a later tick writes its
 * record in one transaction with the state. After a crash an intent without a record is carried out again under the same attempt
 * number, Message-ID and idempotency key, and the message says that it may have come before.
 */
export function notifier(parts: NotifierParts): StageDefinition<'notices'> {
  return {
    name: SERVICE,
    inputs: ['notices'],
    stores: ['notices'],
    tickMs: 100,
    create: (task) => new NotifierTask(parts, task),
  }
}

class NotifierTask implements Stage<'notices'> {
  readonly #parts: NotifierParts
  readonly #kept: Store<Kept>
  readonly #open = new Map<string, Progress>()
  readonly #inFlight = new Set<string>()
  readonly #finished: { key: string; attempted: Attempted; routes: readonly string[] }[] = []
  #prunedAt = 0

  constructor(parts: NotifierParts, task: Task) {
    this.#parts = parts
    this.#kept = task.store('notices')
    for (const [key, kept] of this.#kept.entries()) if (kept.kind === 'open') this.#open.set(key, kept)
  }

  process({ value: notice }: { value: Notice }, nowMs: number): Outcome {
    if (this.#kept.has(keyOf(notice, null))) return drop('repeat')
    const receivers = receiversOf(notice, this.#parts.contacts, nowMs)
    // The bare key remembers the notice whoever gets it, so that a later change of contacts does not send it again.
    if (receivers.length > 0) this.#kept.set(keyOf(notice, null), { kind: 'ended', state: 'sent', at: nowMs })
    for (const { contactId } of receivers) this.#keep(keyOf(notice, contactId), begin(notice, contactId, nowMs))
    if (receivers.length > 0) return emit()
    const progress = begin(notice, null, nowMs)
    this.#keep(keyOf(notice, null), progress)
    return emit(unsentOf(notice, 'refused', 'no_receiver', nowMs), ...this.#raise('no_receiver', progress, nowMs))
  }

  tick(nowMs: number): Output[] {
    const outputs: Output[] = []
    for (const { key, attempted, routes } of this.#finished.splice(0)) {
      this.#inFlight.delete(key)
      const progress = this.#open.get(key)
      if (progress !== undefined) outputs.push(...this.#settle(key, progress, attempted, routes))
    }
    for (const [key, progress] of this.#open) outputs.push(...this.#step(key, progress, nowMs))
    this.#prune(nowMs)
    return outputs
  }

  #settle(key: string, progress: Progress, attempted: Attempted, routes: readonly string[]): Output[] {
    const after = afterAttempt(progress, attempted.route.channel.name, attempted.result, routes, attempted.at)
    this.#keep(key, after)
    const { notice, members, contactId } = progress
    const digestId = members === undefined ? null : notice.noticeId
    const deliveries = (members ?? [notice]).map((one) => deliveryOf(one, attempted, contactId, digestId))
    return after.kind === 'ended'
      ? [...deliveries, ...this.#clear('notice_not_delivered', progress, attempted.at)]
      : deliveries
  }

  #step(key: string, progress: Progress, nowMs: number): Output[] {
    const step = nextStep(progress, nowMs)
    switch (step) {
      case 'wait':
        return []
      case 'alarm':
        this.#keep(key, { ...progress, alarmed: true })
        return this.#raise('notice_not_delivered', progress, nowMs)
      case 'expire':
        this.#keep(key, ended(progress, 'expired', nowMs))
        return [
          ...(progress.members ?? [progress.notice]).map((one) => unsentOf(one, 'expired', 'notice_expired', nowMs)),
          ...this.#raise('notice_expired', progress, nowMs),
        ]
      case 'attempt':
        return this.#inFlight.has(key) ? [] : this.#attempt(key, progress, nowMs)
      default:
        return step satisfies never
    }
  }

  /** Starts the next attempt; the contact is looked up anew each time, so that a corrected address is used at once. */
  #attempt(key: string, progress: Progress, nowMs: number): Output[] {
    if (progress.contactId === null) return this.#lookAgain(key, progress, nowMs)
    const { contacts, channels, commits } = this.#parts
    const { notice } = progress
    const [contact] = receiversOf({ ...notice, contactId: progress.contactId }, contacts, nowMs)
    const routes = contact === undefined ? [] : routesOf(notice, contact, channels)
    if (contact === undefined || routes.length === 0) {
      this.#keep(key, afterRound({ ...progress, state: 'unaddressed' }, nowMs))
      return progress.state === 'unaddressed'
        ? []
        : [unsentOf(notice, 'refused', 'no_receiver', nowMs), ...this.#raise('no_receiver', progress, nowMs)]
    }
    const cleared = progress.state === 'unaddressed' ? this.#clear('no_receiver', progress, nowMs) : []
    const names = routes.map(({ channel }) => channel.name)
    const index = nextRoute(progress, names)
    const route = routes[index]
    if (route === undefined) {
      const isWaiting = names.every((name) => progress.done?.includes(name))
      this.#keep(key, isWaiting ? { ...progress, nextAt: progress.expiresAt } : afterRound(progress, nowMs))
      return cleared
    }
    const intended = intend({ ...progress, channelIndex: index }, route.channel.name)
    this.#keep(key, intended)
    this.#inFlight.add(key)
    commits.afterCommit(() => {
      void this.#send(route, intended, contact).then((attempted) =>
        this.#finished.push({ key, attempted, routes: names }),
      )
    })
    return cleared
  }

  #lookAgain(key: string, progress: Progress, nowMs: number): Output[] {
    const receivers = receiversOf(progress.notice, this.#parts.contacts, nowMs)
    if (receivers.length === 0) {
      this.#keep(key, afterRound(progress, nowMs))
      return []
    }
    this.#keep(key, { kind: 'ended', state: 'sent', at: nowMs })
    for (const { contactId } of receivers)
      this.#keep(keyOf(progress.notice, contactId), {
        ...progress,
        contactId,
        state: 'waiting',
        rounds: 0,
        nextAt: nowMs,
      })
    return this.#clear('no_receiver', progress, nowMs)
  }

  async #send({ channel, address }: Route, progress: Progress, contact: RegistryContact): Promise<Attempted> {
    const { dispatcher, clock, onAttempt } = this.#parts
    const { notice, attempts, doubtful = [] } = progress
    const resend = doubtful.includes(channel.name)
    let startedAt = clock.now()
    let result: AttemptResult
    try {
      result = await dispatcher.run(channel.targetOf(address), (signal) => {
        startedAt = clock.now()
        const { name: receiver, certificate } = contact
        return channel.send({ notice, receiver, address, certificate, startedAt, resend }, signal)
      })
    } catch (error) {
      // What cannot be sent at all says so; the next channel is used.
      const code = error instanceof TocsinError ? error.code : 'attempt_failed'
      result = failed('retrying', code, messageOf(error))
    }
    onAttempt?.(channel.name, result.state)
    return { route: { channel, address }, attempt: attempts + 1, startedAt, at: clock.now(), result }
  }

  /** One alarm a receiver. A notice about an alarm of our own raises none: an error about an error never re-enters the path. */
  #raise(code: AlarmCode, progress: Progress, nowMs: number): Output[] {
    const key = alarmKey(code, progress)
    if (progress.notice.fields['service'] === SERVICE || this.#kept.has(key)) return []
    const { alarm, output } = raiseAlarm(code, progress, nowMs)
    this.#kept.set(key, alarm)
    return [output]
  }

  #clear(code: AlarmCode, progress: Progress, nowMs: number): Output[] {
    const key = alarmKey(code, progress)
    const alarm = this.#kept.get(key)
    if (alarm?.kind !== 'alarm') return []
    this.#kept.delete(key)
    return [clearAlarm(alarm, nowMs)]
  }

  #keep(key: string, kept: Progress | Ended): void {
    this.#kept.set(key, kept)
    if (kept.kind === 'open') this.#open.set(key, kept)
    else this.#open.delete(key)
  }

  #prune(nowMs: number): void {
    if (nowMs - this.#prunedAt < PRUNE_EVERY_MS) return
    this.#prunedAt = nowMs
    for (const [key, kept] of this.#kept.entries())
      if (kept.kind !== 'open' && nowMs - kept.at > KEEP_ENDED_MS) this.#kept.delete(key)
  }
}

function keyOf(notice: Notice, contactId: string | null): string {
  return `${notice.noticeId}|${contactId ?? ''}`
}

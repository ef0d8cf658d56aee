import type { IncidentCommand, Notice } from '@tocsin/events'
import {
  drop,
  emit,
  type Outcome,
  type Output,
  type Received,
  type Stage,
  type StageDefinition,
  type Store,
  type Task,
} from '@tocsin/stage'
import { type Alarm, Alarms } from './alarms.ts'
import { type AttemptParts, attemptBy } from './attempt.ts'
import type { Channel } from './channel.ts'
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
  type Step,
} from './deliver.ts'
import { digestOf, groupOf, heldByGroup, heldUntil, mayWait, Pace, takeTogether } from './digest.ts'
import { OUTCOME_ACTION, settleOutcome } from './outcome.ts'
import { type Contacts, receiversOf, routesOf } from './receivers.ts'
import { type Attempted, answerTo, deliveryOf, SERVICE, unsentOf } from './records.ts'

/** As long as an acknowledgement of a monthly test may take. */
const KEEP_ENDED_MS = 35 * 24 * 3_600_000
const PRUNE_EVERY_MS = 3_600_000
/** Steps of one tick: bounds its transaction after an outage; the rest follow in the next tick. */
const MAX_STEPS = 1_000

/** What the stage needs of the world around it. */
export interface NotifierParts extends AttemptParts {
  contacts: Contacts
  channels: readonly Channel[]
  /** Told of the stage's transactions; effects begin when it says so. */
  commits: CommitGate
}

type Kept = Progress | Ended | Alarm
type Inputs = 'notices' | 'incident-commands'

interface Finished {
  key: string
  /** The notice as it was when the attempt began. */
  intended: Progress
  attempted: Attempted
  routes: readonly string[]
}

/**
 * Notices in, deliveries out. First the intent is committed, then the effect happens beside the loop, then a later tick writes its
 * record in one transaction with the state. After a crash an intent without a record is carried out again under the same attempt
 * number, Message-ID and idempotency key, and the message says that it may have come before.
 */
export function notifier(parts: NotifierParts): StageDefinition<Inputs> {
  return {
    name: SERVICE,
    inputs: ['notices', 'incident-commands'],
    stores: ['notices'],
    tickMs: 100,
    create: (task) => new NotifierTask(parts, task),
  }
}

class NotifierTask implements Stage<Inputs> {
  readonly #parts: NotifierParts
  readonly #kept: Store<Kept>
  readonly #alarms: Alarms
  readonly #open = new Map<string, Progress>()
  readonly #inFlight = new Set<string>()
  readonly #finished: Finished[] = []
  readonly #pace = new Pace()
  /** Keys of those that wait for others, by group; made once a tick, when the first is due. */
  #held: Map<string, string[]> | null = null
  #prunedAt = 0

  constructor(parts: NotifierParts, task: Task) {
    this.#parts = parts
    this.#kept = task.store('notices')
    this.#alarms = new Alarms(task.store('notices'))
    for (const [key, kept] of this.#kept.entries()) if (kept.kind === 'open') this.#open.set(key, kept)
  }

  process(record: Received<Inputs>, nowMs: number): Outcome {
    return record.topic === 'notices' ? this.#notice(record.value, nowMs) : this.#command(record.value, nowMs)
  }

  /** What became of a notice, said by a person; other commands are incident-manager's. */
  #command(command: IncidentCommand, nowMs: number): Outcome {
    if (command.action !== OUTCOME_ACTION) return drop('not-for-the-notifier')
    const { noticeId = '', contactId = '' } = command.fields
    const key = `${noticeId}|${contactId}`
    const kept = this.#kept.get(key)
    if (kept === undefined || kept.kind === 'alarm')
      return emit(answerTo(command, 'invalid', 'There is no such notice for this receiver, or it is long past.', nowMs))
    const settled = settleOutcome(kept, contactId, command, nowMs)
    if (!settled.accepted) return emit(answerTo(command, settled.code, settled.reason, nowMs))
    this.#keep(key, settled.kept)
    const cleared = kept.kind === 'open' ? this.#alarms.clear('notice_not_delivered', kept, nowMs) : []
    const isOver = settled.kept.kind === 'ended'
    return emit(
      answerTo(command, 'accepted', 'Done: the outcome is recorded.', nowMs),
      ...settled.records,
      ...(isOver ? cleared : []),
    )
  }

  #notice(notice: Notice, nowMs: number): Outcome {
    if (this.#kept.has(keyOf(notice, null))) return drop('repeat')
    const receivers = receiversOf(notice, this.#parts.contacts, nowMs)
    // The bare key remembers the notice whoever gets it, so that a later change of contacts does not send it again.
    if (receivers.length > 0) this.#kept.set(keyOf(notice, null), { kind: 'ended', state: 'sent', at: nowMs })
    for (const { contactId } of receivers) this.#keep(keyOf(notice, contactId), begin(notice, contactId, nowMs))
    if (receivers.length > 0) return emit()
    const progress = begin(notice, null, nowMs)
    this.#keep(keyOf(notice, null), progress)
    return emit(
      unsentOf(notice, 'refused', 'no_receiver', nowMs),
      ...this.#alarms.raise('no_receiver', progress, nowMs),
    )
  }

  tick(nowMs: number): Output[] {
    const outputs: Output[] = []
    for (const finished of this.#finished.splice(0)) outputs.push(...this.#settle(finished))
    this.#held = null
    let steps = 0
    for (const [key, progress] of this.#open) {
      const step = nextStep(progress, nowMs)
      if (step === 'wait' || (step === 'attempt' && this.#inFlight.has(key))) continue
      outputs.push(...this.#step(step, key, progress, nowMs))
      if (++steps >= MAX_STEPS) break
    }
    this.#prune(nowMs)
    return outputs
  }

  #settle({ key, intended, attempted, routes }: Finished): Output[] {
    this.#inFlight.delete(key)
    const { notice, members, contactId } = intended
    const digestId = members === undefined ? null : notice.noticeId
    const deliveries = (members ?? [notice]).map((one) => deliveryOf(one, attempted, contactId, digestId))
    const progress = this.#open.get(key)
    // A person said meanwhile what came of it, or its time was over: the attempt was made all the same, and has its record.
    if (progress === undefined) return deliveries
    const after = afterAttempt(progress, attempted.route.channel.name, attempted.result, routes, attempted.at)
    this.#keep(key, after)
    return after.kind === 'ended'
      ? [...deliveries, ...this.#alarms.clear('notice_not_delivered', progress, attempted.at)]
      : deliveries
  }

  #step(step: Exclude<Step, 'wait'>, key: string, progress: Progress, nowMs: number): Output[] {
    switch (step) {
      case 'alarm':
        this.#keep(key, { ...progress, alarmed: true })
        return this.#alarms.raise('notice_not_delivered', progress, nowMs)
      case 'expire':
        this.#keep(key, ended(progress, 'expired', nowMs))
        return [
          ...(progress.members ?? [progress.notice]).map((one) => unsentOf(one, 'expired', 'notice_expired', nowMs)),
          ...this.#alarms.raise('notice_expired', progress, nowMs),
        ]
      case 'attempt':
        return this.#attempt(key, progress, nowMs)
      default:
        return step satisfies never
    }
  }

  /** Starts the next attempt; the contact is looked up anew each time, so that a corrected address is used at once. */
  #attempt(key: string, progress: Progress, nowMs: number): Output[] {
    if (progress.contactId === null) return this.#lookAgain(key, progress, nowMs)
    if (mayWait(progress) && this.#pace.isFull(progress.contactId, nowMs)) {
      this.#keep(key, { ...progress, held: true, nextAt: heldUntil(progress, nowMs) })
      return []
    }
    if (progress.held === true && this.#together(progress, nowMs)) return []
    const { contacts, channels, commits } = this.#parts
    const { notice } = progress
    const [contact] = receiversOf({ ...notice, contactId: progress.contactId }, contacts, nowMs)
    const routes = contact === undefined ? [] : routesOf(notice, contact, channels)
    if (contact === undefined || routes.length === 0) {
      this.#keep(key, afterRound({ ...progress, state: 'unaddressed' }, nowMs))
      return progress.state === 'unaddressed'
        ? []
        : [
            ...(progress.members ?? [notice]).map((one) => unsentOf(one, 'refused', 'no_receiver', nowMs)),
            ...this.#alarms.raise('no_receiver', progress, nowMs),
          ]
    }
    const cleared = progress.state === 'unaddressed' ? this.#alarms.clear('no_receiver', progress, nowMs) : []
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
    this.#pace.told(progress.contactId, nowMs)
    this.#inFlight.add(key)
    commits.afterCommit(() => {
      void attemptBy(this.#parts, route, intended, contact).then((attempted) =>
        this.#finished.push({ key, intended, attempted, routes: names }),
      )
    })
    return cleared
  }

  /** Puts those that wait for one receiver into one message; false where there is only one. */
  #together(first: Progress, nowMs: number): boolean {
    this.#held ??= heldByGroup(this.#open)
    const taken = takeTogether(this.#held.get(groupOf(first)) ?? [], this.#open)
    if (taken.length === 0) return false
    const members = taken.map(([, { notice }]) => notice)
    const digest = digestOf(members)
    for (const [key] of taken) this.#keep(key, { kind: 'ended', state: 'sent', at: nowMs, digestId: digest.noticeId })
    const alarmAt = Math.min(...taken.map(([, progress]) => progress.alarmAt))
    this.#keep(keyOf(digest, first.contactId), { ...begin(digest, first.contactId, nowMs), alarmAt, members })
    return true
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
    return this.#alarms.clear('no_receiver', progress, nowMs)
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

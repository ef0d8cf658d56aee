import type { Notice } from '@tocsin/events'
import type { AttemptResult } from './channel.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Waits between rounds; a round tries each channel once, one right after the other. The last wait repeats. */
const BACK_OFF_MS = [1 * SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE] as const
/** A notice without a deadline alarms the shift after this. */
const ALARM_WITHOUT_DEADLINE_MS = 15 * MINUTE
/** One that was owed late is given this long before it alarms. */
const ALARM_AT_LEAST_MS = 2 * MINUTE
/** After this the notice is recorded as expired, and alarmed once more. */
const EXPIRES_MS = 7 * 24 * 60 * MINUTE

/** Longest that a message which proves nothing is waited on before the next channel is used. */
const LONGEST_PATIENCE_MS = 10 * MINUTE

/** One notice on its way to one receiver; plain JSON, kept in the changelog. */
export interface Progress {
  kind: 'open'
  notice: Notice
  /** The receiver; null while nobody is registered. */
  contactId: string | null
  /** retrying: tried and failed, will be tried again. unaddressed: nobody to send it to. unproven: it went out, receipt unknown. */
  state: 'waiting' | 'retrying' | 'unaddressed' | 'unproven'
  /** Attempts made. */
  attempts: number
  /** Rounds that failed. */
  rounds: number
  /** Place in the list of channels of the round. */
  channelIndex: number
  /** Earliest next attempt, UTC ms. */
  nextAt: number
  /** Instant at which the shift is told, UTC ms. */
  alarmAt: number
  alarmed: boolean
  expiresAt: number
  lastReply: string | null
  /** The attempt that may be under way: committed before its effect begins, null when its result is recorded (XC-5). */
  begun?: { attempt: number; channel: string } | null
  /** Channels over which an attempt may have arrived though nothing says so: the next one there is marked as sent again. */
  doubtful?: readonly string[]
  /** Channels that are not used again: the message went out there, or a person has its task card. */
  done?: readonly string[]
  /** A person has a task card and will say what came of it. */
  carded?: boolean
  /** It waits to be told together with others. */
  held?: boolean
  /** The notices of a digest; `notice` is then the message that lists them. */
  members?: readonly Notice[]
}

/** What of a notice its later records need. */
export type About = Pick<
  Notice,
  'noticeId' | 'constituent' | 'caseId' | 'clockId' | 'recipientRole' | 'exercise' | 'createdAt'
>

/** A notice that has ended for one receiver; kept for a while so that a repeat is recognised and its reading can be recorded. */
export interface Ended {
  kind: 'ended'
  state: 'sent' | 'delivered' | 'acknowledged' | 'expired'
  at: number
  /** What went out in this message; none for the mark that a notice was taken. */
  about?: readonly About[]
  digestId?: string | null
}

/** The end of a notice for a receiver. */
export function ended({ notice, members }: Progress, state: Ended['state'], at: number): Ended {
  const notices = members ?? [notice]
  const about = notices.map(({ noticeId, constituent, caseId, clockId, recipientRole, exercise, createdAt }) => ({
    noticeId,
    constituent,
    caseId,
    clockId,
    recipientRole,
    exercise,
    createdAt,
  }))
  return { kind: 'ended', state, at, about, digestId: members === undefined ? null : notice.noticeId }
}

/** Progress of a notice that has just come; `contactId` null when nobody is registered. */
export function begin(notice: Notice, contactId: string | null, nowMs: number): Progress {
  const alarmAt = Math.max(notice.dueAt ?? notice.createdAt + ALARM_WITHOUT_DEADLINE_MS, nowMs + ALARM_AT_LEAST_MS)
  return {
    kind: 'open',
    notice,
    contactId,
    state: contactId === null ? 'unaddressed' : 'waiting',
    attempts: 0,
    rounds: 0,
    channelIndex: 0,
    nextAt: nowMs,
    alarmAt,
    alarmed: false,
    expiresAt: nowMs + EXPIRES_MS,
    lastReply: null,
  }
}

/** What is to be done with a notice at an instant. */
export type Step = 'wait' | 'attempt' | 'alarm' | 'expire'

/** The next step; alarms come before attempts, so that a long outage never hides them. */
export function nextStep(progress: Progress, nowMs: number): Step {
  if (nowMs >= progress.expiresAt) return 'expire'
  if (!progress.alarmed && nowMs >= progress.alarmAt) return 'alarm'
  return nowMs >= progress.nextAt ? 'attempt' : 'wait'
}

/**
 * Progress with the intent to attempt over a channel; where an earlier intent has no result, its attempt may have arrived. From now
 * on it goes its own way: what may be out already is never put into a message of several.
 */
export function intend(progress: Progress, channel: string): Progress {
  const { begun = null, doubtful = [] } = progress
  const lost = begun !== null && !doubtful.includes(begun.channel) ? [begun.channel] : []
  const attempt = progress.attempts + 1
  return { ...progress, held: false, begun: { attempt, channel }, doubtful: [...doubtful, ...lost] }
}

/** Place of the next channel to try among those of the round, from `channelIndex`; -1 when the round has none left. */
export function nextRoute({ channelIndex, done = [] }: Progress, routes: readonly string[]): number {
  return routes.findIndex((name, index) => index >= channelIndex && !done.includes(name))
}

/**
 * Progress after an attempt over `channel`, one of `routes`. A failure goes to the next channel at once; after the last one the
 * round waits. A refusal is tried again like an outage: mail servers refuse for a while what they take later. What went out
 * without proof meets no clock: before the clock's due time the next channel is used (KZ-10.3g).
 */
export function afterAttempt(
  progress: Progress,
  channel: string,
  result: Pick<AttemptResult, 'state' | 'reply' | 'doubtful'>,
  routes: readonly string[],
  nowMs: number,
): Progress | Ended {
  if (result.state === 'delivered') return ended(progress, 'delivered', nowMs)
  const { done: before = [], doubtful = [] } = progress
  const went = result.state === 'sent' || result.state === 'assigned'
  const done = went ? [...before, channel] : before
  const carded = progress.carded === true || result.state === 'assigned'
  const allDone = routes.every((name) => done.includes(name))
  if (result.state === 'sent' && !carded && (allDone || !wantsProof(progress.notice, nowMs)))
    return ended(progress, 'sent', nowMs)
  const after: Progress = {
    ...progress,
    attempts: progress.attempts + 1,
    begun: null,
    doubtful: result.doubtful === true && !doubtful.includes(channel) ? [...doubtful, channel] : doubtful,
    done,
    carded,
    lastReply: result.reply ?? progress.lastReply,
    channelIndex: progress.channelIndex + 1,
  }
  if (went) return { ...after, state: 'unproven', nextAt: allDone ? after.expiresAt : nowMs + patienceMs(after, nowMs) }
  return {
    ...(nextRoute(after, routes) >= 0 ? { ...after, nextAt: nowMs } : afterRound(after, nowMs)),
    state: 'retrying',
  }
}

/** Progress after a round that reached nobody. */
export function afterRound(progress: Progress, nowMs: number): Progress {
  const waitMs = BACK_OFF_MS[Math.min(progress.rounds, BACK_OFF_MS.length - 1)] ?? 0
  return { ...progress, rounds: progress.rounds + 1, channelIndex: 0, nextAt: nowMs + waitMs }
}

const wantsProof = ({ clockId, dueAt }: Notice, nowMs: number): boolean =>
  clockId !== null && dueAt !== null && nowMs < dueAt

/** How long to wait for a proof: half of what is left, so that the next channel is used before it is late. */
function patienceMs({ notice, expiresAt }: Progress, nowMs: number): number {
  if (notice.clockId === null || notice.dueAt === null) return expiresAt - nowMs
  return Math.min(LONGEST_PATIENCE_MS, Math.max(0, (notice.dueAt - nowMs) / 2))
}

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

/** One notice on its way to one receiver; plain JSON, kept in the changelog. */
export interface Progress {
  kind: 'open'
  notice: Notice
  /** The receiver; null while nobody is registered. */
  contactId: string | null
  /** retrying: tried and failed, will be tried again. unaddressed: nobody to send it to. */
  state: 'waiting' | 'retrying' | 'unaddressed'
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
}

/** A notice that has ended for one receiver; kept for a while so that a repeat is recognised. */
export interface Ended {
  kind: 'ended'
  state: 'sent' | 'delivered' | 'expired'
  at: number
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
 * Progress after an attempt over one of `routeCount` channels. A failure goes to the next channel at once; after the last
 * one the round waits. A refusal is tried again like an outage: mail servers refuse for a while what they take later.
 */
export function afterAttempt(
  progress: Progress,
  result: Pick<AttemptResult, 'state' | 'reply'>,
  routeCount: number,
  nowMs: number,
): Progress | Ended {
  if (result.state === 'sent' || result.state === 'delivered') return { kind: 'ended', state: result.state, at: nowMs }
  const attempts = progress.attempts + 1
  const lastReply = result.reply ?? progress.lastReply
  const next = progress.channelIndex + 1
  if (next < routeCount)
    return { ...progress, state: 'retrying', attempts, lastReply, channelIndex: next, nextAt: nowMs }
  return { ...afterRound(progress, nowMs), state: 'retrying', attempts, lastReply }
}

/** Progress after a round that reached nobody. */
export function afterRound(progress: Progress, nowMs: number): Progress {
  const waitMs = BACK_OFF_MS[Math.min(progress.rounds, BACK_OFF_MS.length - 1)] ?? 0
  return { ...progress, rounds: progress.rounds + 1, channelIndex: 0, nextAt: nowMs + waitMs }
}

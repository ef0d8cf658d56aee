import { type Delivery, type HealthEvent, idFrom } from '@tocsin/events'
import type { OutputTo } from '@tocsin/stage'
import type { AttemptResult } from './channel.ts'
import type { About, Progress } from './deliver.ts'
import type { Route } from './receivers.ts'
import { oneLine } from './text.ts'

export const SERVICE = 'notifier'
const MAX_REPLY = 512

/** What an attempt was and what became of it. */
export interface Attempted {
  route: Route
  /** From 1. */
  attempt: number
  startedAt: number
  at: number
  result: AttemptResult
}

type RecordedState = Delivery['state']

/** The record of one attempt. A failed one says `retrying`, because it is tried again, whatever the other side answered. */
export function deliveryOf(
  notice: About,
  { route, attempt, startedAt, at, result }: Attempted,
  contactId: string | null,
  digestId: string | null,
): OutputTo<'deliveries'> {
  const { channel, address } = route
  const state = result.state === 'refused' ? 'retrying' : result.state
  return {
    topic: 'deliveries',
    key: notice.constituent,
    value: {
      ...unsent(notice, state, at),
      deliveryId: idFrom(notice.noticeId, channel.name, address, attempt),
      contactId,
      digestId,
      channel: channel.name,
      address: oneLine(channel.mask(address), 200),
      attempt,
      startedAt,
      reply: result.reply === null ? null : oneLine(result.reply, MAX_REPLY),
      proof: result.proof === null ? null : oneLine(result.proof, MAX_REPLY),
      sha256: result.sha256,
      bytes: result.bytes,
      errorCode: result.errorCode,
    },
  }
}

/** The record that a notice could not be sent at all: refused for want of a receiver, or expired. */
export function unsentOf(
  notice: About,
  state: 'refused' | 'expired',
  code: string,
  at: number,
): OutputTo<'deliveries'> {
  const value = { ...unsent(notice, state, at), errorCode: code }
  return { topic: 'deliveries', key: notice.constituent, value }
}

/** A record of a notice without an attempt of ours. */
export function unsent(notice: About, state: RecordedState, at: number): Delivery {
  return {
    deliveryId: idFrom(notice.noticeId, 'none', state, 1),
    noticeId: notice.noticeId,
    subjectId: notice.noticeId,
    caseId: notice.caseId,
    constituent: notice.constituent,
    recipientRole: notice.recipientRole,
    exercise: notice.exercise,
    channel: 'none',
    address: '',
    attempt: 1,
    state,
    at,
    startedAt: at,
    reply: null,
    proof: null,
    sha256: null,
    bytes: null,
    clockId: notice.clockId,
    errorCode: null,
    contactId: null,
    digestId: null,
  }
}

/** A standing alarm about one receiver; cleared when that receiver is reached again. */
export interface Alarm {
  kind: 'alarm'
  code: AlarmCode
  healthId: string
  constituent: string
  at: number
}

export type AlarmCode = 'notice_not_delivered' | 'no_receiver' | 'notice_expired'

/** Where the alarm about a notice's receiver stands: one alarm a receiver, however many notices wait for it. */
export function alarmKey(code: AlarmCode, { notice, contactId }: Pick<Progress, 'notice' | 'contactId'>): string {
  return `alarm|${code}|${notice.constituent}|${contactId ?? notice.recipientRole}`
}

/** Raises an alarm to the shift, one clear sentence. */
export function raiseAlarm(
  code: AlarmCode,
  progress: Progress,
  nowMs: number,
): { alarm: Alarm; output: OutputTo<'health-events'> } {
  const { notice } = progress
  const healthId = idFrom(SERVICE, code, alarmKey(code, progress), notice.noticeId)
  const alarm: Alarm = { kind: 'alarm', code, healthId, constituent: notice.constituent, at: nowMs }
  const values = {
    noticeId: notice.noticeId,
    caseId: notice.caseId ?? '',
    role: notice.recipientRole,
    attempts: String(progress.attempts),
    reply: oneLine(progress.lastReply ?? '', 200),
  }
  return { alarm, output: healthEvent(alarm, 'raised', nowMs, sentenceOf(code, progress), values) }
}

/** Clears an alarm. */
export function clearAlarm(alarm: Alarm, nowMs: number): OutputTo<'health-events'> {
  const sentence = `The receiver of constituent ${alarm.constituent} has been reached again; nothing more is to be done for ${alarm.code}.`
  return healthEvent(alarm, 'cleared', nowMs, sentence, {})
}

function healthEvent(
  alarm: Alarm,
  state: 'raised' | 'cleared',
  at: number,
  message: string,
  values: Record<string, string>,
): OutputTo<'health-events'> {
  const { code, healthId, constituent } = alarm
  const value: HealthEvent = {
    healthId,
    code,
    service: SERVICE,
    slot: '',
    constituent,
    sourceId: null,
    level: state === 'raised' ? 'critical' : 'info',
    state,
    at,
    message,
    values,
  }
  return { topic: 'health-events', key: constituent, value }
}

function sentenceOf(code: AlarmCode, { notice, attempts }: Progress): string {
  const what = `The notice ${notice.noticeId} (${notice.purpose}) for the ${notice.recipientRole} of ${notice.constituent}`
  const due = notice.dueAt === null ? '' : ` due ${new Date(notice.dueAt).toISOString()}`
  switch (code) {
    case 'no_receiver':
      return `${what} reaches nobody: no ${notice.exercise ? 'test ' : ''}contact in force with a usable address is registered; register one and tell them by telephone.`
    case 'notice_not_delivered':
      return `${what}${due} has not been delivered after ${attempts} attempts and is tried on; tell them by telephone.`
    case 'notice_expired':
      return `${what}${due} was given up after seven days and ${attempts} attempts; tell them by other means and record it.`
    default:
      return code satisfies never
  }
}

import { type HealthEvent, idFrom } from '@tocsin/events'
import type { Output, OutputTo, Store } from '@tocsin/stage'
import type { Progress } from './deliver.ts'
import { SERVICE } from './records.ts'
import { oneLine } from './text.ts'

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
function alarmKey(code: AlarmCode, { notice, contactId }: Pick<Progress, 'notice' | 'contactId'>): string {
  return `alarm|${code}|${notice.constituent}|${contactId ?? notice.recipientRole}`
}

/** Raises an alarm to the shift, one clear sentence. */
function raiseAlarm(
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
function clearAlarm(alarm: Alarm, nowMs: number): OutputTo<'health-events'> {
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

/** The standing alarms of a task, kept with its state. */
export class Alarms {
  readonly #kept: Store<Alarm>

  constructor(kept: Store<Alarm>) {
    this.#kept = kept
  }

  /** One alarm a receiver. A notice about an alarm of our own raises none: an error about an error never re-enters the path. */
  raise(code: AlarmCode, progress: Progress, nowMs: number): Output[] {
    const key = alarmKey(code, progress)
    if (progress.notice.fields['service'] === SERVICE || this.#kept.has(key)) return []
    const { alarm, output } = raiseAlarm(code, progress, nowMs)
    this.#kept.set(key, alarm)
    return [output]
  }

  clear(code: AlarmCode, progress: Progress, nowMs: number): Output[] {
    const key = alarmKey(code, progress)
    const alarm = this.#kept.get(key)
    if (alarm?.kind !== 'alarm') return []
    this.#kept.delete(key)
    return [clearAlarm(alarm, nowMs)]
  }
}

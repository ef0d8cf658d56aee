import { type Delivery, type IncidentCommand, idFrom } from '@tocsin/events'
import type { OutputTo } from '@tocsin/stage'
import type { AttemptResult } from './channel.ts'
import type { About } from './deliver.ts'
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

/** Why a command is refused (schemas/command-result.avsc). */
export type RefusalCode = 'invalid' | 'illegal-transition'

/** The answer to a command, for which console and command line wait. */
export function answerTo(
  command: IncidentCommand,
  code: 'accepted' | RefusalCode,
  reason: string,
  at: number,
): OutputTo<'command-results'> {
  const { commandId, constituent, caseId } = command
  const value = { commandId, constituent, caseId, accepted: code === 'accepted', code, reason, revision: 0, at }
  return { topic: 'command-results', key: commandId, value }
}

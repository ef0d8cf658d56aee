import type { Ticket } from '@tocsin/events'

/** What a ticket can be. `uploaded` and `sent-unverified` are ends; `quarantined` waits for a person or for better lists. */
export const TICKET_STATES = ['queued', 'uploading', 'uploaded', 'sent-unverified', 'quarantined', 'withheld'] as const
export type TicketState = (typeof TICKET_STATES)[number]

/** States of an export profile (TW-3.5, TW-A4.2). `test`: the endpoint is the test endpoint. */
export const PROFILE_STATES = ['test', 'production', 'suspended', 'terminated'] as const
export type ProfileState = (typeof PROFILE_STATES)[number]

/** Why a ticket may not go now. */
export type Withholding = 'exercise' | 'suspended' | 'terminated' | 'unconfirmed' | 'lists-not-uploaded'

/** What can happen to a ticket. */
export type UploadEvent =
  | { kind: 'gate'; withholding: Withholding | null }
  | { kind: 'chosen' }
  | { kind: 'not-tried'; retryAt: number }
  | { kind: 'delivered'; verified: boolean; reply: string }
  | { kind: 'failed'; reply: string; retryAt: number }
  | { kind: 'quarantined'; reason: string }
  | { kind: 'released'; ticket: Ticket }

/** The part of a ticket that uploading changes, and when it may be tried again. */
export interface Queued {
  ticket: Ticket
  retryAt: number
}

/**
 * Says what withholds a ticket, if anything: exercises never reach production (XC-11), a named person has confirmed a new
 * profile (TW-2.1b), lists go first (TW-2.3b).
 */
export function withholdingOf(
  profile: ProfileState,
  exercise: boolean,
  listsUploaded: boolean,
  confirmed = true,
): Withholding | null {
  switch (profile) {
    case 'suspended':
    case 'terminated':
      return profile
    case 'production':
      if (exercise) return 'exercise'
      break
    case 'test':
      break
    default:
      profile satisfies never
  }
  if (!confirmed) return 'unconfirmed'
  return listsUploaded ? null : 'lists-not-uploaded'
}

/**
 * One step of a ticket. Gives the same object when nothing changes, so that nothing is written; an event that does not fit the
 * state is ignored (a late answer after a restart). Ends are never left: no ticket is sent twice (AMB-TW13).
 */
export function step<Entry extends Queued>(queued: Entry, event: UploadEvent, nowMs: number): Entry {
  const { ticket } = queued
  const to = (state: TicketState, changes: Partial<Ticket> = {}, retryAt = 0): Entry => ({
    ...queued,
    ticket: { ...ticket, reason: null, ...changes, state, stateAt: nowMs },
    retryAt,
  })
  switch (event.kind) {
    case 'gate':
      if (ticket.state !== 'queued' && ticket.state !== 'withheld') return queued
      if (event.withholding === null) return ticket.state === 'queued' ? queued : to('queued')
      return ticket.reason === event.withholding ? queued : to('withheld', { reason: event.withholding })
    case 'chosen':
      return ticket.state === 'queued' && queued.retryAt <= nowMs ? to('uploading') : queued
    case 'not-tried':
      return ticket.state === 'uploading' ? to('queued', {}, event.retryAt) : queued
    case 'delivered':
      if (ticket.state !== 'uploading') return queued
      return to(event.verified ? 'uploaded' : 'sent-unverified', { attempts: ticket.attempts + 1, reply: event.reply })
    case 'failed':
      if (ticket.state !== 'uploading') return queued
      return to('queued', { attempts: ticket.attempts + 1, reply: event.reply }, event.retryAt)
    case 'quarantined':
      return ticket.state === 'queued' || ticket.state === 'withheld'
        ? to('quarantined', { reason: event.reason })
        : queued
    case 'released':
      return ticket.state === 'quarantined'
        ? { ...queued, ticket: { ...event.ticket, state: 'queued', stateAt: nowMs, reason: null }, retryAt: 0 }
        : queued
    default:
      return event satisfies never
  }
}

/** True when nothing more happens to it. */
export function isDone(state: string): boolean {
  return state === 'uploaded' || state === 'sent-unverified'
}

/** Waits 1 s, 2 s, 4 s … at most a minute: a server that is back is used within a minute. */
export function backOffMs(failures: number): number {
  return Math.min(60_000, 1_000 * 2 ** Math.min(Math.max(failures - 1, 0), 6))
}

/** Takes the waiting tickets; gives those to send now, oldest first (TW-3.5), at most `limit`. */
export function choose<Entry extends Queued>(waiting: Iterable<Entry>, nowMs: number, limit: number): Entry[] {
  return [...waiting]
    .filter(({ ticket, retryAt }) => ticket.state === 'queued' && retryAt <= nowMs)
    .sort((a, b) => a.ticket.issuedAt - b.ticket.issuedAt || a.ticket.number - b.ticket.number)
    .slice(0, limit)
}

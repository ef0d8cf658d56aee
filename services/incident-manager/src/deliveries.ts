import type { Delivery } from '@tocsin/events'
import type { Fact, ProofLevel } from '@tocsin/obligations'
import type { CaseState } from './case.ts'
import type { Upload } from './tickets.ts'

const PROOFS: Readonly<Record<string, ProofLevel>> = {
  sent: 'sent',
  'sent-unverified': 'sent',
  delivered: 'delivered',
  acknowledged: 'acknowledged',
}

/** States of a notice, from nothing done to proven; a later record never takes a notice back. */
const RANKS = ['owed', 'failed', 'sent', 'delivered', 'acknowledged']

/**
 * Takes what a delivery of a notice proves for a case: that it reached a role. Gives the changed case, or null where the
 * delivery says nothing new. The role and the clock come from our own notice, not from the delivery, so that nobody can meet
 * a clock by naming it.
 */
export function applyDelivery(state: CaseState, delivery: Delivery): CaseState | null {
  if (delivery.noticeId === null) return null
  return noticeReached(state, delivery.noticeId, delivery.state, delivery.at, delivery.deliveryId)
}

/** Marks one notice of a case: `stateWord` is a delivery's state; `ref` names the record that proves it. */
export function noticeReached(
  state: CaseState,
  noticeId: string,
  stateWord: string,
  at: number,
  ref: string,
): CaseState | null {
  const { notices } = state.record
  const notice = notices.find((known) => known.noticeId === noticeId)
  if (notice === undefined) return null
  const proof = PROOFS[stateWord]
  const next = proof ?? (stateWord === 'refused' || stateWord === 'expired' ? 'failed' : 'owed')
  const proven = proof === 'delivered' || proof === 'acknowledged'
  const better = RANKS.indexOf(next) > RANKS.indexOf(notice.state)
  const earlier = proven && (notice.deliveredAt === null || at < notice.deliveredAt)
  if (!better && !earlier) return null
  const changed = {
    ...notice,
    state: better ? next : notice.state,
    deliveredAt: earlier ? at : notice.deliveredAt,
  }
  const fact: Fact[] =
    proof === undefined
      ? []
      : [
          {
            name: 'delivery',
            at,
            role: notice.recipientRole,
            proof,
            clocks: notice.clockId === null ? [] : [notice.clockId],
            ref,
          },
        ]
  return {
    ...state,
    facts: [...state.facts, ...fact],
    record: { ...state.record, notices: notices.map((known) => (known === notice ? changed : known)) },
  }
}

/** What is uploaded: the detection of the ticket, as `clockId` of its delivery says; null for any other delivery. */
export function uploadOf(delivery: Delivery): { detectionId: string; upload: Upload } | null {
  const { channel, clockId, state, at, deliveryId } = delivery
  const detectionId = /^ticket:(.+)$/.exec(clockId ?? '')?.[1]
  if (channel !== 'ftps' || detectionId === undefined) return null
  return ['sent-unverified', 'delivered', 'acknowledged'].includes(state)
    ? { detectionId, upload: { at, ref: deliveryId } }
    : null
}

/** Marks the ticket of a detection as uploaded; null where the case has no such ticket or knows of an earlier upload. */
export function ticketUploaded(state: CaseState, detectionId: string, upload: Upload): CaseState | null {
  const ticket = state.tickets.find((known) => known.detectionId === detectionId)
  if (ticket === undefined || (ticket.upload !== null && ticket.upload.at <= upload.at)) return null
  return { ...state, tickets: state.tickets.map((known) => (known === ticket ? { ...ticket, upload } : known)) }
}

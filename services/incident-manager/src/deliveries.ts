import type { Delivery } from '@tocsin/events'
import type { Fact, ProofLevel } from '@tocsin/obligations'
import type { CaseState } from './case.ts'

const PROOFS: Readonly<Record<string, ProofLevel>> = {
  sent: 'sent',
  'sent-unverified': 'sent',
  delivered: 'delivered',
  acknowledged: 'acknowledged',
}

/** States of a notice, from nothing done to proven; a later record never takes a notice back. */
const RANKS = ['owed', 'failed', 'sent', 'delivered', 'acknowledged']

/**
 * Takes what a delivery proves for a case: that a notice reached a role, or that a ticket's file was uploaded. Gives the
 * changed case, or null where the delivery says nothing new. The role and the clock come from our own notice, not from the
 * delivery, so that nobody can meet a clock by naming it.
 */
export function applyDelivery(state: CaseState, delivery: Delivery): CaseState | null {
  if (delivery.noticeId === null) return delivery.channel === 'ftps' ? uploaded(state, delivery) : null
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

function uploaded(state: CaseState, delivery: Delivery): CaseState | null {
  if (!['sent-unverified', 'delivered', 'acknowledged'].includes(delivery.state)) return null
  const known = state.facts.find((fact) => fact.name === 'uploadedAt')
  if (known !== undefined && known.at <= delivery.at) return null
  const facts = state.facts.filter((fact) => fact !== known)
  return { ...state, facts: [...facts, { name: 'uploadedAt', at: delivery.at, ref: delivery.deliveryId }] }
}

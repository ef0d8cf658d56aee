import { type HealthEvent, idFrom } from '@tocsin/events'

/** What is wrong with a table or a feed, or that it is well again. */
export interface Trouble {
  code: string
  /** The table or feed. */
  subject: string
  state: 'raised' | 'cleared'
  message: string
}

/** A trouble as a health event: operators see it, no legal clock starts. */
export function healthEventOf({ code, subject, state, message }: Trouble, slot: number, nowMs: number): HealthEvent {
  return {
    healthId: idFrom('enrichment', code, subject, state, nowMs),
    code,
    service: 'enrichment',
    slot: String(slot),
    constituent: null,
    sourceId: null,
    level: state === 'raised' ? 'warning' : 'info',
    state,
    at: nowMs,
    message,
    values: { subject },
  }
}

import { idFrom } from '@tocsin/events'
import type { OutputTo } from '@tocsin/stage'

export const SERVICE = 'national-feed-exporter'

/** What this service tells the operators. */
export type HealthCode =
  | 'ticket_quarantined'
  | 'lists_blocked'
  | 'endpoint_away'
  | 'peer_away'
  | 'account_ends'
  | 'issue_due'
  | 'consent_ends'
  | 'self_check_done'

/** Makes a health event of this service; the same code, subject and instant give the same id. */
export function healthEvent(
  code: HealthCode,
  subject: string,
  constituent: string | null,
  at: number,
  {
    level,
    message,
    state = 'raised',
  }: { level: 'warning' | 'critical' | 'info'; message: string; state?: 'raised' | 'cleared' },
): OutputTo<'health-events'> {
  return {
    topic: 'health-events',
    key: constituent ?? SERVICE,
    value: {
      healthId: idFrom(SERVICE, code, subject, state, at),
      code,
      service: SERVICE,
      slot: '',
      constituent,
      sourceId: null,
      level,
      state,
      at,
      message,
      values: { subject },
    },
  }
}

import type { Ticket } from '@tocsin/events'
import { taipeiDay } from './taipei-time.ts'

/** How far the test data are (TW-2.3e). */
export interface TestProgress {
  /** Instant of the first upload without error, UTC ms; null: none yet. */
  firstSuccessAt: number | null
  /** Days of Asia/Taipei on which something was uploaded without error. */
  days: number
  files: number
  /** True once the connectivity test may be asked for: a day of test data, or one test event, uploaded without error. */
  ready: boolean
}

/** Takes the newest record of each ticket; counts first success, days and files. */
export function testProgress(tickets: readonly Ticket[]): TestProgress {
  const sent = tickets.filter(({ state }) => state === 'uploaded' || state === 'sent-unverified')
  return {
    firstSuccessAt: sent.length === 0 ? null : Math.min(...sent.map(({ stateAt }) => stateAt)),
    days: new Set(sent.map(({ stateAt }) => taipeiDay(stateAt))).size,
    files: sent.length,
    ready: sent.length > 0,
  }
}

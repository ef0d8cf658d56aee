import type { EnrichedEvent } from '@tocsin/events'
import { enrichedWith } from './enriched-events.ts'

/** When the logins of the tests begin, UTC milliseconds. */
export const START = Date.UTC(2026, 10, 22, 9)

/** An SSH login so many seconds after the start. */
export function login(
  second: number,
  outcome: 'failure' | 'success',
  fields: Partial<EnrichedEvent> = {},
): EnrichedEvent {
  return enrichedWith({
    eventId: `e-${String(second).padStart(4, '0')}`,
    sourceId: 'ssh-1',
    original: 'a line',
    occurredAt: START + second * 1_000,
    receivedAt: START + second * 1_000,
    logProduct: 'linux',
    logService: 'sshd',
    event_action: 'ssh_login',
    outcome,
    category: ['authentication'],
    source_ip: '198.51.100.23',
    user_name: 'root',
    host_name: 'gw',
    ...fields,
  })
}

/** How many bodies, addresses and sources guessed passwords come from; and how far the logins are apart. */
export interface Guesses {
  count: number
  bodies?: number
  addresses?: number
  sources?: number
  stepSeconds?: number
}

/**
 * Guessed passwords, some of them right: a correlation, and a chain over it. Two hours later each source says a last word, so that time
 * passes everything by.
 */
export function guessing({ count, bodies = 1, addresses = 5, sources = 2, stepSeconds = 7 }: Guesses): EnrichedEvent[] {
  const events = Array.from({ length: count }, (_, n) =>
    login(n * stepSeconds, n % 23 === 22 ? 'success' : 'failure', {
      eventId: `e-${String(n).padStart(6, '0')}`,
      constituent: `body-${n % bodies}`,
      source_ip: `198.51.100.${(n * n) % addresses}`,
      sourceId: `ssh-${n % sources}`,
    }),
  )
  const endSeconds = count * stepSeconds + 7_200
  const ends = Array.from({ length: sources }, (_, source) =>
    login(endSeconds, 'success', {
      eventId: `end-${source}`,
      constituent: 'body-0',
      source_ip: '203.0.113.1',
      user_name: 'end',
      sourceId: `ssh-${source}`,
    }),
  )
  return [...events, ...ends]
}

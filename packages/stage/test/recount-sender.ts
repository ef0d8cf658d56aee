import type { HealthEvent } from '@tocsin/events'
import type { Publisher } from '../src/kafka/index.ts'

/** The n-th record of the kill test. */
export function numbered(n: number, at: number): HealthEvent {
  return {
    healthId: String(n),
    code: 'test',
    service: 'test',
    slot: '0',
    constituent: null,
    sourceId: null,
    level: 'info',
    state: 'raised',
    at,
    message: 'a numbered record',
    values: {},
  }
}

/** Body that the n-th record belongs to. */
export const keyOf = (n: number): string => `body-${n % 20}`

/** Sends the numbers from..to, in order. */
export async function sendNumbers(publisher: Publisher, from: number, to: number): Promise<void> {
  const sends: Promise<void>[] = []
  for (let n = from; n < to; n++) {
    sends.push(publisher.send({ topic: 'health-events', key: keyOf(n), value: numbered(n, 1_700_000_000_000 + n) }))
  }
  await Promise.all(sends)
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Delivery, Incident } from '@tocsin/events'
import { caseFactsOf, clocksOf } from '../src/index.ts'
import { at, pack } from './packs.ts'

const T0 = at('2026-11-20T16:00:00Z')
const kz = pack('kz-order-199')

// Only the fields that are read; a whole record has forty more.
const incident = (more: Partial<Incident> = {}): Incident =>
  ({
    caseId: 'case-1',
    constituent: 'mof',
    kind: 'incident',
    status: 'new',
    severity: 70,
    exercise: false,
    detectedAt: T0,
    promotedAt: T0,
    modifiedAt: T0,
    rsitClass: 'intrusions',
    rsitType: 'system-compromise',
    effects: [],
    history: [],
    ...more,
  }) as unknown as Incident

const delivery = (state: string, clockId: string | null): Delivery =>
  ({ deliveryId: 'd-1', at: T0 + 60_000, recipientRole: 'constituent', state, clockId }) as unknown as Delivery

const stateOf = (key: string, record: Incident, deliveries: Delivery[]): string | undefined =>
  clocksOf(kz, caseFactsOf(record, deliveries), T0 + 120_000).find((clock) => clock.key === key)?.state

test('C1 a delivery record meets the clock that it names, and only when it proves something', () => {
  assert.equal(stateOf('C1/incident', incident(), [delivery('delivered', 'C1/incident')]), 'met')
  assert.equal(stateOf('C2/incident', incident(), [delivery('delivered', 'C1/incident')]), 'running')
  for (const state of ['sent', 'sent-unverified', 'retrying', 'refused', 'expired']) {
    assert.equal(stateOf('C1/incident', incident(), [delivery(state, 'C1/incident')]), 'running', state)
  }
  assert.equal(stateOf('C1/incident', incident(), [delivery('delivered', null)]), 'running')
})

test('a case marked a false positive cancels from the instant of the mark', () => {
  const history = [{ at: T0 + 5000, actor: 'officer', action: 'false-positive', detail: null }]
  const record = incident({ status: 'false-positive', history, modifiedAt: T0 + 9000 })
  const clock = clocksOf(kz, caseFactsOf(record, []), T0 + 60_000)[0]
  assert.deepEqual([clock?.state, clock?.cancelledAt], ['cancelled', T0 + 5000])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReceivedItem } from '@tocsin/events'
import { readSharedCase, sharedCaseOf } from '@tocsin/exchange'
import { withCase } from '../../src/receiving/received-case.ts'
import { incident, NOW } from '../fixtures.ts'
import { cut } from './receiving-world.ts'

const bodyOf = (oid: string) => (oid === '2.16.886.101.20003' ? 'tw-ey' : undefined)

function item(changes: Partial<ReceivedItem> = {}): ReceivedItem {
  const { ticket } = cut('EXSOC-20261122-000001')
  return {
    itemId: 'i',
    sender: 'EXAMPLE-SOC',
    profile: 'tw-nccst-1.3',
    name: ticket.fileName,
    receivedAt: NOW,
    sha256: ticket.sha256,
    bytes: ticket.bytes,
    verdict: 'accepted',
    reason: null,
    caseFields: { ...ticket.fields },
    exercise: false,
    constituent: '',
    sharedCase: '',
    judgedAt: NOW,
    ...changes,
  }
}

test('an accepted ticket carries the case that its 28 fields say, and the registered body of its OID', () => {
  const { constituent, sharedCase } = withCase(item(), bodyOf)
  assert.equal(constituent, 'tw-ey')
  const shared = readSharedCase(JSON.parse(sharedCase))
  assert.deepEqual(
    [shared.origin, shared.number, shared.severity, shared.eventCount, shared.techniques],
    ['EXAMPLE-SOC/EXSOC-20261122-000001', 'EXSOC-20261122-000001', 60, 128, ['T1110']],
  )
  assert.equal(shared.titles['zh-Hant'], '疑似密碼猜測攻擊')
  assert.equal(new Date(shared.occurredFirst).toISOString(), '2026-11-22T01:14:03.000Z')
  assert.deepEqual(
    shared.participants.map(({ role, ip, port }) => [role, ip, port]),
    [
      ['source', '203.0.113.9', 51_544],
      ['target', '192.0.2.10', 22],
    ],
  )
  // A case made of it goes on as one that came from there.
  assert.equal(sharedCaseOf(incident({ related: [`origin:${shared.origin}`] }), 'nccst').origin, shared.origin)
})

test('a list, a file that was not accepted and a body that nobody registered give no case', () => {
  assert.equal(withCase(item({ caseFields: { rows: '3' } }), bodyOf).sharedCase, '')
  assert.equal(withCase(item({ verdict: 'quarantined' }), bodyOf).sharedCase, '')
  const unknown = item()
  unknown.caseFields['Customer_ID'] = '2.16.886.1'
  assert.equal(withCase(unknown, bodyOf).constituent, '')
})

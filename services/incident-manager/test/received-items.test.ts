import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Incident, ReceivedItem } from '@tocsin/events'
import { blankSharedCase, canonicalJson, originOf, type SharedCase } from '@tocsin/exchange'
import { receivedCaseId } from '../src/received-desk.ts'
import { MINUTE, T0, world } from './world.ts'

const ORIGIN = 'vn-child/case-7'

const shared = (changes: Partial<SharedCase> = {}): SharedCase => ({
  ...blankSharedCase('case-7', ORIGIN),
  revision: 3,
  severity: 50,
  titles: { vi: 'Dò mật khẩu' },
  description: 'Password guessing',
  rsitClass: 'intrusion-attempts',
  rsitType: 'login-attempts',
  techniques: ['T1110'],
  detectedAt: T0 - 60 * MINUTE,
  occurredFirst: T0 - 70 * MINUTE,
  occurredLast: T0 - 61 * MINUTE,
  ruleName: 'ssh-bruteforce',
  ...changes,
})

const item = (value: SharedCase | null, changes: Partial<ReceivedItem> = {}): ReceivedItem => ({
  itemId: `${value?.origin}-${value?.revision}-${value?.status}`,
  sender: 'vn-child',
  profile: 'tocsin-peer-1',
  name: ORIGIN,
  receivedAt: T0,
  sha256: '00',
  bytes: 1,
  verdict: 'accepted',
  reason: null,
  caseFields: {},
  exercise: false,
  constituent: 'vn-province',
  judgedAt: T0,
  sharedCase: value === null ? '' : canonicalJson(value),
  ...changes,
})

async function give(w: ReturnType<typeof world>, value: ReceivedItem, nowMs = T0) {
  w.harness.now(nowMs)
  const outcome = await w.harness.give('received-items', value.constituent, value)
  return outcome.kind === 'emit' ? 'emitted' : outcome.kind === 'drop' ? outcome.reason : outcome.code
}
const last = (w: ReturnType<typeof world>): Incident => w.harness.written('incidents').at(-1) as Incident

test('what another deployment told becomes a case of the body here, under its origin, from the receipt on', async () => {
  const w = world()
  assert.equal(await give(w, item(shared())), 'emitted')
  const record = last(w)
  assert.equal(record.caseId, receivedCaseId('vn-province', ORIGIN))
  assert.equal(originOf(record), ORIGIN)
  assert.deepEqual(
    [record.constituent, record.kind, record.detectedAt, record.occurredFirst, record.reportedBy],
    ['vn-province', 'event', T0, T0 - 70 * MINUTE, 'vn-child'],
  )
  assert.deepEqual([record.titles, record.techniques], [{ vi: 'Dò mật khẩu' }, ['T1110']])
  const [audited] = w.harness.written('audit-entries')
  assert.deepEqual([audited?.action, audited?.object], ['incident.created', record.caseId])
})

test('marking and restriction are kept as ours, and a word that is none counts as the strongest', async () => {
  for (const [theirs, ours] of [
    ['TLP:WHITE', 'CLEAR'],
    ['amber', 'AMBER'],
    ['AMBER+STRICT', 'AMBER+STRICT'],
    ['confidential', 'RED'],
    ['not CLEAR', 'RED'],
  ] as const) {
    const w = world()
    await give(w, item(shared({ tlp: theirs })))
    assert.equal(last(w).tlp, ours, theirs)
  }
  const w = world()
  await give(w, item(shared({ restriction: 'internal' })))
  assert.equal(last(w).restriction, 'private')
})

test('the same state again, and an older one, change nothing; a newer one changes what the origin says', async () => {
  const w = world()
  await give(w, item(shared()))
  const before = w.harness.written('incidents').length
  assert.equal(await give(w, item(shared())), 'repeated-item')
  assert.equal(await give(w, item(shared({ revision: 2 }))), 'repeated-item')
  assert.equal(w.harness.written('incidents').length, before)
  assert.equal(
    await give(w, item(shared({ revision: 4, description: 'more is known', severity: 90 })), T0 + MINUTE),
    'emitted',
  )
  const record = last(w)
  assert.deepEqual([record.description, record.severity, record.detectedAt], ['more is known', 90, T0])
  assert.equal(record.history.at(-1)?.action, 'origin-changed')
})

test('what people here classified stays when the origin says something else, and a withdrawal closes nothing by itself', async () => {
  const w = world()
  await give(w, item(shared()))
  const { caseId } = last(w)
  const classified = await w.command('classify', T0 + MINUTE, {
    caseId,
    constituent: 'vn-province',
    fields: { rsit: 'malicious-code/c2-server' },
  })
  assert.equal(classified.accepted, true, classified.reason)
  await give(w, item(shared({ revision: 5 })), T0 + 2 * MINUTE)
  assert.equal(last(w).rsitClass, 'malicious-code')
  const status = last(w).status
  await give(w, item(shared({ revision: 6, status: 'false-positive', description: '' })), T0 + 3 * MINUTE)
  assert.deepEqual([last(w).status, last(w).description], [status, 'Password guessing'])
  assert.equal(last(w).history.at(-1)?.action, 'origin-took-back')
  const takenBack = item(shared({ revision: 6, status: 'false-positive' }))
  assert.equal(await give(w, takenBack, T0 + 4 * MINUTE), 'repeated-item')
  assert.equal(await give(w, item(shared({ revision: 7 })), T0 + 5 * MINUTE), 'emitted')
  const again = item(shared({ revision: 7, status: 'false-positive' }))
  assert.equal(await give(w, again, T0 + 6 * MINUTE), 'emitted')
})

test('an origin that names another body than before is a case of that body, and changes nothing of the case of the first', async () => {
  const w = world()
  await give(w, item(shared()))
  const { caseId } = last(w)
  assert.equal(await give(w, item(shared({ revision: 9 }), { constituent: 'kz-ministry' })), 'emitted')
  assert.notEqual(last(w).caseId, caseId)
  assert.equal(last(w).constituent, 'kz-ministry')
  assert.equal(w.harness.written('incidents').filter((record) => record.caseId === caseId).length, 1)
  // Each goes on by itself.
  assert.equal(await give(w, item(shared({ revision: 4 })), T0 + MINUTE), 'emitted')
  assert.deepEqual([last(w).caseId, last(w).constituent], [caseId, 'vn-province'])
})

test('what is no case, of nobody, or taken back before it was told opens none; what cannot be read waits as a dead letter', async () => {
  const w = world()
  assert.equal(await give(w, item(null)), 'no-case')
  assert.equal(await give(w, item(shared(), { verdict: 'quarantined' })), 'no-case')
  assert.equal(await give(w, item(shared(), { constituent: '' })), 'unknown-body')
  assert.equal(await give(w, item(shared({ status: 'false-positive' }))), 'taken-back')
  assert.equal(await give(w, item(shared(), { constituent: 'nobody' })), 'unknown_constituent')
  assert.equal(await give(w, item(shared(), { sharedCase: '{"caseId":1}' })), 'bad_received_case')
  assert.deepEqual(w.harness.written('incidents'), [])
})

test('what the law of the body does not call an event is kept as a threat and starts no clock', async () => {
  const w = world()
  await give(w, item(shared({ severity: 10 })))
  assert.equal(last(w).kind, 'threat')
  assert.deepEqual(last(w).clocks, [])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEntry } from '@tocsin/events'
import type { Store } from '@tocsin/stage'
import { AuditChain, type ChainHead, verifyAudit, verifyChain } from '../src/audit.ts'
import { countsInTotals } from '../src/case.ts'
import { command, HOUR, healthEvent, MINUTE, T0, world } from './world.ts'

test('a command given in sight of an older command is stale; clocks and deliveries make nobody stale', async () => {
  const w = world()
  await w.detect()
  const seen = w.latest().revision
  const [notice] = w.notices('constituent')
  assert.ok(notice)
  await w.deliver(notice, T0 + MINUTE)
  const acknowledged = await w.command('acknowledge', T0 + 2 * MINUTE, { expectedRevision: seen })
  assert.equal(acknowledged.code, 'accepted')
  assert.equal(acknowledged.revision, w.latest().revision)
  const stale = await w.command('assign', T0 + 3 * MINUTE, { expectedRevision: seen, fields: { assignee: 'boris' } })
  assert.equal(stale.code, 'stale-revision')
  assert.equal(w.latest().assignee, null)
})

test('a repeated command is answered the same and does nothing', async () => {
  const w = world()
  await w.detect()
  const first = await w.command('acknowledge', T0 + MINUTE, { commandId: 'same' })
  const written = w.harness.written('incident-changes').length
  const again = await w.command('acknowledge', T0 + HOUR, { commandId: 'same' })
  assert.deepEqual(again, first)
  assert.equal(w.harness.written('incident-changes').length, written)
})

test('illegal, unknown and forbidden commands are answered with a reason and change nothing', async () => {
  const w = world()
  await w.detect()
  const cases: [string, Partial<ReturnType<typeof command>>, string][] = [
    ['explode', {}, 'invalid'],
    ['acknowledge', { caseId: 'no-such-case' }, 'unknown-case'],
    ['acknowledge', { constituent: 'kz-agency' }, 'unknown-case'],
    ['acknowledge', { actorRoles: ['inspector'] }, 'not-permitted'],
    ['verify', { actorRoles: ['constituent'] }, 'not-permitted'],
    ['reopen', { reason: 'why not' }, 'illegal-transition'],
    ['mark-false-positive', {}, 'invalid'],
    ['classify', { fields: { rsit: 'fire/flood' } }, 'invalid'],
    ['answer', { fields: { kind: 'poem', text: 'x' } }, 'invalid'],
    ['causes-eliminated', {}, 'illegal-transition'],
    ['ask-supplementary', {}, 'invalid'],
    ['supplementary-collected', { fields: { text: 'x', confidence: '50' } }, 'illegal-transition'],
    ['lift-suppression', { reason: 'so' }, 'illegal-transition'],
    ['dispatch', { fields: { decidedBy: 'nsc' } }, 'invalid'],
    ['dispatch-result', { fields: { result: 'x' } }, 'invalid'],
    ['hand-over', { fields: { to: 'boris' } }, 'invalid'],
    ['merge', { fields: { into: 'none' } }, 'invalid'],
    ['split', { fields: { detections: 'detection-1' }, reason: 'so' }, 'invalid'],
    ['share', { fields: {} }, 'invalid'],
    ['acknowledge-notice', { fields: { noticeId: 'nothing' } }, 'invalid'],
    ['acknowledge', { expectedRevision: 99 }, 'stale-revision'],
  ]
  const before = w.harness.written('incident-changes').length
  for (const [action, change, code] of cases) {
    const result = await w.command(action, T0 + MINUTE, change)
    assert.equal(result.code, code, `${action}: ${result.reason}`)
    assert.equal(result.accepted, false)
    assert.ok(result.reason.length > 10)
  }
  assert.equal(w.harness.written('incident-changes').length, before)
})

test('a command that is larger than a person types is refused, and the case stays small', async () => {
  const w = world()
  await w.detect()
  const many = Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`field${n}`, 'x']))
  for (const change of [
    { fields: many },
    { fields: { primaryAnalysis: 'x'.repeat(16_001) } },
    { fields: { ['x'.repeat(61)]: 'x' } },
    { reason: 'x'.repeat(8_001) },
    { actor: 'x'.repeat(201) },
    { actorRoles: Array.from({ length: 21 }, () => 'national') },
  ]) {
    const answer = await w.command('classify', T0 + MINUTE, change)
    assert.equal(answer.code, 'invalid', JSON.stringify(change).slice(0, 60))
  }
  for (let n = 0; n < 60; n += 1)
    await w.command('measure-taken', T0 + MINUTE, { reason: 'r'.repeat(8_000), fields: { text: 't'.repeat(16_000) } })
  assert.ok(JSON.stringify(w.latest()).length < 700_000, `${JSON.stringify(w.latest()).length}`)
})

test('another body learns nothing of a case from the answer', async () => {
  const w = world()
  await w.detect()
  const result = await w.command('acknowledge', T0, { constituent: 'kz-agency' })
  assert.equal(result.revision, 0)
})

test('VN-4.2b-4 a false positive leaves the totals and its clocks end; who, when and why stay in the audit', async () => {
  const w = world()
  await w.detect()
  await w.command('mark-false-positive', T0 + MINUTE, { reason: 'A scanner of our own.' })
  assert.equal(countsInTotals(w.latest()), false)
  assert.equal(w.whats('C1/event').at(-1), 'cancelled')
  await w.until(T0 + HOUR)
  assert.ok(!w.whats('C1/event').includes('breached'))
  const entry = w.harness.written('audit-entries').at(-1)
  assert.deepEqual(
    [entry?.action, entry?.actor, entry?.at, entry?.reason],
    ['incident.mark-false-positive', 'anna', T0 + MINUTE, 'A scanner of our own.'],
  )
  await w.command('reopen', T0 + HOUR, { reason: 'It was no scanner.' })
  assert.equal(w.latest().status, 'unverified')
  assert.equal(w.whats('C1/event').at(-1), 'breached')
})

test('XC-4 altering, dropping or inserting one audit row is found', async () => {
  const w = world()
  await w.detect()
  await w.command('acknowledge', T0 + MINUTE)
  w.harness.crash()
  await w.command('assign', T0 + MINUTE, { fields: { assignee: 'boris' } })
  await w.command('verify', T0 + MINUTE, { actorRoles: ['inspector'] })
  const rows = w.harness.written('audit-entries')
  assert.equal(rows.length, 4)
  assert.equal(verifyChain(rows), null)
  assert.equal(rows.at(-1)?.outcome, 'denied')
  for (const index of rows.keys()) {
    const altered = rows.map((row, at) => (at === index ? { ...row, actor: 'mallory' } : row))
    assert.equal(verifyChain(altered)?.seq, index + 1)
  }
  assert.notEqual(verifyChain(rows.filter((_, at) => at !== 1)), null)
})

test('XC-4 two writers of one slot have chains of their own, and a chain that was cut off is named by the next one', async () => {
  const w = world()
  await w.detect()
  await w.command('acknowledge', T0 + MINUTE)
  const [first, second] = w.harness.written('audit-entries')
  assert.ok(first !== undefined && second !== undefined)
  const { at, constituent, actor, roles, outcome, reason } = second
  const object = `${second.chainId}#${second.seq}:${second.hash}`
  const fact = { at, constituent, actor, roles, outcome, reason, action: 'audit.opened', object }
  const opening = new AuditChain('incident-manager-0-next', heads()).append(fact).value as AuditEntry
  assert.deepEqual(verifyAudit([first, second, second, opening]).faults, [], 'a record read twice is one')
  const cut = verifyAudit([first, opening]).faults
  assert.deepEqual(
    cut.map(({ chainId, seq }) => [chainId, seq]),
    [[second.chainId, 2]],
  )
  const forked = { ...second, actor: 'mallory', hash: '0'.repeat(64) }
  assert.equal(verifyAudit([first, second, forked, opening]).faults.length, 1, 'two entries of one number are a fork')
})

test('a health event becomes operators’ notices, no case and no clock; its repeat is the same notice', async () => {
  const w = world()
  await w.harness.give('health-events', 'kz-ministry', healthEvent())
  await w.harness.give('health-events', 'kz-ministry', healthEvent())
  const notices = w.harness.written('notices')
  assert.equal(new Set(notices.map((notice) => notice.noticeId)).size, 1)
  assert.deepEqual([notices[0]?.purpose, notices[0]?.recipientRole, notices[0]?.caseId], ['operate', 'shift', null])
  assert.equal(w.harness.written('incidents').length + w.harness.written('clock-events').length, 0)
  assert.equal((await w.harness.give('health-events', 'x', healthEvent({ level: 'info' }))).kind, 'drop')
})

test('VN-14.6c a duty that nobody can be told of raises a health event', async () => {
  const w = world()
  await w.detect({ constituent: 'vn-province', level: 'high' })
  await w.command('verify', T0 + MINUTE, { constituent: 'vn-province' })
  const raised = w.harness.written('health-events')
  assert.ok(raised.some((event) => event.code === 'no_recipient' && event.message.includes('operator')))
})

test('a case made by hand has the instant of its command as T0 and cannot be made twice', async () => {
  const w = world()
  const made = await w.command('create', T0 + MINUTE, {
    commandId: 'by-phone',
    caseId: '',
    issuedAt: T0,
    fields: { title: 'Reported by telephone', sourceIp: '203.0.113.7' },
  })
  assert.equal(made.code, 'accepted')
  assert.equal(w.latest(made.caseId).detectedAt, T0)
  assert.equal(w.events('C1/event')[0]?.dueAt, T0 + 30 * MINUTE)
  await w.command('create', T0 + HOUR, { commandId: 'by-phone', caseId: '', fields: { title: 'Again' } })
  assert.equal(new Set(w.harness.written('incidents').map((record) => record.caseId)).size, 1)
})

/** A store that holds nothing yet. */
function heads(): Store<ChainHead> {
  const map = new Map<string, ChainHead>()
  return {
    get: (key) => map.get(key),
    set: (key, value) => void map.set(key, value),
    delete: (key) => void map.delete(key),
    has: (key) => map.has(key),
    entries: () => map.entries(),
    size: 0,
  }
}

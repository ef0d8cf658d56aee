import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyClocks } from '../src/verify-clocks.ts'
import { detection, HOUR, MINUTE, registry, T0, world } from './world.ts'

const GRAVE = { level: 'critical', rsitClass: 'intrusions', rsitType: 'system-compromise' }
const EFFECTS = { effects: 'receipt,blocking', serial: 'single' }
const other = (id: string, ip: string, change = {}) =>
  detection({ detectionId: id, groupBy: { 'source.ip': ip }, groupKey: ip, ...change })

test('an unverified case asks for supplementary information; its result links back and changes the confidence (VN-11.4d)', async () => {
  const w = world()
  await w.detect({ constituent: 'vn-province', level: 'high' })
  const about = { constituent: 'vn-province' }
  const fields = { what: 'packet capture of web-1, one hour', to: 'operator', hours: '6' }
  const asked = await w.command('ask-supplementary', T0 + MINUTE, { ...about, fields })
  assert.equal(asked.code, 'accepted', asked.reason)
  assert.equal(w.latest().verification, 'supplementary-asked')
  const request = w.harness.written('requests').at(-1)
  assert.deepEqual([request?.state, request?.to, request?.dueAt], ['open', 'operator', T0 + MINUTE + 6 * HOUR])
  assert.ok(w.latest().related.includes(`request:${request?.requestId}`))
  const twice = await w.command('ask-supplementary', T0 + 2 * MINUTE, { ...about, fields })
  assert.equal(twice.code, 'illegal-transition')
  const unsure = await w.command('supplementary-collected', T0 + HOUR, { ...about, fields: { text: 'captured' } })
  assert.equal(unsure.code, 'invalid')
  await w.command('supplementary-collected', T0 + HOUR, {
    ...about,
    fields: { text: 'The capture shows the tool.', confidence: '85', evidence: 'capture.pcap sha256:ab12' },
  })
  assert.deepEqual([w.latest().verification, w.latest().confidence], ['unverified', 85])
  assert.equal(w.latest().responses.at(-1)?.evidence, 'capture.pcap sha256:ab12')
  assert.equal(w.harness.written('requests').at(-1)?.state, 'answered')
  await w.command('verify', T0 + 2 * HOUR, about)
  assert.equal(w.latest().verification, 'confirmed')
  assert.equal((await w.command('ask-supplementary', T0 + 3 * HOUR, { ...about, fields })).code, 'illegal-transition')
})

test('a false positive makes a suppression: its like is held back and counted, a graver one is not, and it ends by itself', async () => {
  const w = world()
  await w.detect()
  const fields = { suppress: 'yes', days: '2' }
  const marked = await w.command('mark-false-positive', T0 + MINUTE, { reason: 'Our own scanner.', fields })
  assert.equal(marked.code, 'accepted', marked.reason)
  const [made] = w.harness.written('suppressions')
  assert.deepEqual([made?.maxLevel, made?.expiresAt, made?.createdBy], ['medium', T0 + MINUTE + 48 * HOUR, 'anna'])
  w.harness.crash()
  const at = T0 + HOUR
  assert.equal(await w.detect({ detectionId: 'like', detectedAt: at }), 'suppressed')
  assert.equal(
    await w.detect({ detectionId: 'elsewhere', detectedAt: at, groupBy: { 'source.ip': '203.0.113.77' } }),
    'emitted',
  )
  assert.equal(await w.detect({ detectionId: 'other-rule', detectedAt: at, ruleId: 'other' }), 'emitted')
  assert.equal(await w.detect({ detectionId: 'other-body', detectedAt: at, constituent: 'kz-agency' }), 'emitted')
  assert.equal(await w.detect({ detectionId: 'graver', detectedAt: at, level: 'high' }), 'emitted')
  // The graver one opened a case: what belongs to it joins it, though it would open none.
  const { caseId, detectionCount } = w.latest()
  assert.equal(await w.detect({ detectionId: 'with-it', detectedAt: at + MINUTE }), 'emitted')
  assert.deepEqual([w.latest().caseId, w.latest().detectionCount], [caseId, detectionCount + 1])
  await w.command('close', at + 2 * MINUTE, { caseId })
  const later = T0 + MINUTE + 48 * HOUR
  assert.equal(await w.detect({ detectionId: 'after', detectedAt: later }), 'emitted')
})

test('a suppression is lifted by hand or by reopening its case, and who did it is written down', async () => {
  for (const action of ['lift-suppression', 'reopen']) {
    const w = world()
    await w.detect()
    const { caseId } = w.latest()
    await w.command('mark-false-positive', T0 + MINUTE, { reason: 'Our own scanner.', fields: { suppress: 'yes' } })
    assert.equal(await w.detect({ detectionId: 'held', detectedAt: T0 + 2 * MINUTE }), 'suppressed')
    const done = await w.command(action, T0 + 3 * MINUTE, { caseId, actor: 'boris', reason: 'It was not ours.' })
    assert.equal(done.code, 'accepted', done.reason)
    assert.equal(w.harness.written('suppressions').at(-1)?.liftedBy, 'boris')
    assert.equal(await w.detect({ detectionId: 'free', detectedAt: T0 + 4 * MINUTE }), 'emitted')
    const again = await w.command('lift-suppression', T0 + 5 * MINUTE, { caseId, reason: 'again' })
    assert.equal(again.code, 'illegal-transition')
  }
})

test('a visit names who decided it, whom, the arrival and the result (KZ-10.3k)', async () => {
  const w = world()
  await w.detect(GRAVE)
  const refused = await w.command('dispatch', T0 + MINUTE, { fields: { decidedBy: 'mayor', employee: 'D. Omarov' } })
  assert.equal(refused.code, 'invalid')
  const sent = { fields: { decidedBy: 'nsc', employee: 'D. Omarov' }, actorRoles: ['nsc'] }
  assert.equal((await w.command('dispatch', T0 + MINUTE, sent)).code, 'accepted')
  const early = { fields: { arrivedAt: new Date(T0).toISOString() } }
  assert.equal((await w.command('dispatch-result', T0 + HOUR, early)).code, 'invalid')
  const arrivedAt = T0 + 30 * MINUTE
  const ended = { fields: { arrivedAt: new Date(arrivedAt).toISOString(), result: 'Disk imaged.' } }
  assert.equal((await w.command('dispatch-result', T0 + HOUR, ended)).code, 'accepted')
  const [visit] = w.latest().visits
  assert.ok(visit)
  assert.deepEqual(
    [visit.decidedBy, visit.employee, visit.sentAt, visit.arrivedAt, visit.result],
    ['nsc', 'D. Omarov', T0 + MINUTE, arrivedAt, 'Disk imaged.'],
  )
  assert.equal((await w.command('dispatch-result', T0 + 2 * HOUR, ended)).code, 'invalid')
})

test('a shift hands over all its open cases of a body in one command, with the note in each history', async () => {
  const w = world()
  for (const [id, ip] of [
    ['a', '203.0.113.1'],
    ['b', '203.0.113.2'],
    ['c', '203.0.113.3'],
  ] as const) {
    await w.detect(other(id, ip))
    if (id !== 'c') await w.command('assign', T0 + MINUTE, { fields: { assignee: 'anna' } })
  }
  const nothing = await w.command('hand-over', T0 + HOUR, {
    caseId: '',
    actor: 'boris',
    fields: { to: 'dana', note: 'x' },
  })
  assert.equal(nothing.code, 'illegal-transition')
  const done = await w.command('hand-over', T0 + HOUR, {
    caseId: '',
    fields: { to: 'boris', note: 'Watch the border.' },
  })
  assert.equal(done.code, 'accepted')
  assert.match(done.reason, /2 cases handed over from anna to boris/)
  const latest = [...new Map(w.harness.written('incidents').map((record) => [record.caseId, record])).values()]
  assert.deepEqual(
    latest.map(({ assignee }) => assignee ?? 'nobody').toSorted((a, b) => (a < b ? -1 : 1)),
    ['boris', 'boris', 'nobody'],
  )
  const handed = w.harness.written('incident-changes').filter(({ action }) => action === 'handed-over')
  assert.deepEqual(
    handed.map(({ detail }) => detail['note']),
    ['Watch the border.', 'Watch the border.'],
  )
})

test('a merge takes in what was seen, later records follow the merged case, and the history names both', async () => {
  const w = world()
  await w.detect(other('first', '203.0.113.1'), T0)
  const first = w.latest().caseId
  await w.detect(other('second', '203.0.113.2', { detectedAt: T0 + MINUTE, eventCount: 7 }))
  const second = w.latest().caseId
  const wrongWay = await w.command('merge', T0 + 2 * MINUTE, { caseId: first, fields: { into: second } })
  assert.equal(wrongWay.code, 'illegal-transition')
  assert.match(wrongWay.reason, /C1\/event .* merge the later case into the earlier one/)
  assert.equal(
    (await w.command('merge', T0 + 2 * MINUTE, { caseId: second, fields: { into: second } })).code,
    'invalid',
  )
  assert.equal(
    (await w.command('merge', T0 + 2 * MINUTE, { caseId: second, fields: { into: 'none' } })).code,
    'invalid',
  )
  const done = await w.command('merge', T0 + 2 * MINUTE, { caseId: second, fields: { into: first } })
  assert.equal(done.code, 'accepted', done.reason)
  assert.equal(w.latest(second).status, 'merged')
  assert.deepEqual([w.latest(first).detectionCount, w.latest(first).eventCount], [2, 27])
  assert.ok(w.latest(first).related.includes(`took-in:${second}`))
  assert.ok(w.latest(second).clocks.every((clock) => clock.state === 'cancelled'))
  // A newer revision of the merged case's detection, and a new detection of its group, both go to the first case.
  await w.detect(other('second', '203.0.113.2', { detectedAt: T0 + MINUTE, revision: 1, eventCount: 9 }), T0 + HOUR)
  await w.detect(other('third', '203.0.113.2', { detectedAt: T0 + 2 * HOUR, eventCount: 1 }), T0 + 2 * HOUR)
  assert.deepEqual([w.latest(first).detectionCount, w.latest(first).eventCount], [3, 30])
  assert.equal(new Set(w.harness.written('incidents').map(({ caseId }) => caseId)).size, 2)
  assert.equal((await w.command('acknowledge', T0 + 3 * HOUR, { caseId: second })).code, 'illegal-transition')
})

test('an event that takes in a later incident becomes that incident, from its instant and with its proofs', async () => {
  const w = world()
  await w.detect(other('event', '203.0.113.1'), T0)
  const event = w.latest().caseId
  for (const notice of w.notices('constituent')) await w.deliver(notice, T0 + MINUTE)
  const at = T0 + 10 * MINUTE
  await w.detect(other('incident', '203.0.113.2', { ...GRAVE, detectedAt: at }))
  const incident = w.latest().caseId
  const told = w.harness.written('notices').filter(({ caseId }) => caseId === incident)
  for (const notice of told.filter(({ recipientRole }) => recipientRole === 'constituent'))
    await w.deliver(notice, at + MINUTE)
  const before = w.latest(incident).clocks.filter(({ clockId }) => clockId.endsWith('/incident'))
  const written = w.harness.written('notices').length
  const done = await w.command('merge', at + HOUR, { caseId: incident, fields: { into: event } })
  assert.equal(done.code, 'accepted', done.reason)
  const after = w.latest(event)
  assert.deepEqual([after.kind, after.promotedAt, after.detectedAt], ['incident', at, T0])
  for (const clock of before) {
    const kept = after.clocks.find(({ clockId }) => clockId === clock.clockId)
    assert.deepEqual(
      [kept?.startAt, kept?.dueAt, kept?.metAt],
      [clock.startAt, clock.dueAt, clock.metAt],
      clock.clockId,
    )
  }
  const repeated = w.harness
    .written('notices')
    .slice(written)
    .filter(({ recipientRole }) => recipientRole === 'constituent')
  assert.deepEqual(repeated, [], 'the body is not told twice of what it was told')
})

test('a split gives each case its own detections and moves no due time', async () => {
  const w = world()
  await w.detect({ ...GRAVE, detectionId: 'one' })
  await w.detect({ ...GRAVE, detectionId: 'two', detectedAt: T0 + MINUTE, eventCount: 5 })
  const old = w.latest()
  for (const notice of w.notices('constituent')) await w.deliver(notice, T0 + 2 * MINUTE)
  const clocks = w.latest().clocks.map(({ clockId, dueAt, state }) => `${clockId} ${dueAt} ${state}`)
  const bad = { caseId: old.caseId, reason: 'two attackers' }
  for (const detections of ['', 'nothing', 'one,two'])
    assert.equal((await w.command('split', T0 + HOUR, { ...bad, fields: { detections } })).code, 'invalid')
  const done = await w.command('split', T0 + HOUR, { ...bad, fields: { detections: 'two', title: 'Second attacker' } })
  assert.equal(done.code, 'accepted', done.reason)
  const own = w.latest()
  assert.notEqual(own.caseId, old.caseId)
  assert.deepEqual([own.detectionIds, own.detectionCount, own.eventCount], [['two'], 1, 5])
  assert.deepEqual([w.latest(old.caseId).detectionIds, w.latest(old.caseId).eventCount], [['one'], 20])
  assert.deepEqual(
    own.clocks.map(({ clockId, dueAt, state }) => `${clockId} ${dueAt} ${state}`),
    clocks,
  )
  await w.detect({ ...GRAVE, detectionId: 'two', detectedAt: T0 + MINUTE, revision: 1, eventCount: 8 }, T0 + 2 * HOUR)
  assert.deepEqual([w.latest(own.caseId).eventCount, w.latest(old.caseId).eventCount], [8, 20])
})

test('what merge and split did can be recomputed from the topics', async () => {
  const w = world()
  await w.detect({ ...GRAVE, detectionId: 'one' })
  const { caseId } = w.latest()
  await w.detect({ ...GRAVE, detectionId: 'two', detectedAt: T0 + MINUTE })
  await w.detect(other('later', '203.0.113.2', { detectedAt: T0 + MINUTE }))
  const later = w.latest().caseId
  await w.command('split', T0 + HOUR, { caseId, reason: 'two attackers', fields: { detections: 'two' } })
  assert.equal((await w.command('merge', T0 + HOUR, { caseId: later, fields: { into: caseId } })).code, 'accepted')
  await w.until(T0 + 50 * HOUR)
  const topics = {
    changes: w.harness.written('incident-changes'),
    clockEvents: w.harness.written('clock-events'),
    deliveries: w.harness.written('deliveries'),
    requests: [],
  }
  assert.deepEqual(verifyClocks(topics, registry, T0 + 50 * HOUR, 0).faults, [])
})

test('a case is shared under a marking that is never laxer than its own (VN-8.1)', async () => {
  const w = world()
  await w.detect()
  const share = (fields: Record<string, string>) => w.command('share', T0 + MINUTE, { fields })
  assert.equal((await share({ group: 'banks', tlp: 'GREEN', confirm: 'yes' })).code, 'invalid')
  assert.equal((await share({ group: 'banks', tlp: 'RED', confirm: 'yes' })).code, 'invalid')
  assert.equal((await share({ tlp: 'AMBER', confirm: 'yes' })).code, 'invalid')
  assert.equal((await share({ group: 'banks', tlp: 'AMBER', confirm: 'yes' })).code, 'accepted')
  assert.deepEqual(
    w.latest().shares.map(({ group, tlp, by, verification }) => [group, tlp, by, verification]),
    [['banks', 'AMBER', 'anna', 'unverified']],
  )
})

test('what is not verified is shared only when that was confirmed, and the share says so (VN-8.3b)', async () => {
  const w = world()
  await w.detect()
  const asked = await w.command('share', T0 + MINUTE, { fields: { group: 'banks' } })
  assert.equal(asked.code, 'invalid')
  assert.match(asked.reason, /confirm=yes/)
  await w.command('verify', T0 + MINUTE)
  assert.equal((await w.command('share', T0 + 2 * MINUTE, { fields: { group: 'banks' } })).code, 'accepted')
  assert.equal(w.latest().shares[0]?.verification, 'confirmed')
})

test('the effects of an incident are exactly the seven of the law, at least one is named, and it is single or serial (KZ-2.5)', async () => {
  const seven = ['functioning', 'receipt', 'copying', 'distribution', 'modification', 'destruction', 'blocking']
  for (const effect of seven) {
    const w = world()
    await w.detect()
    const done = await w.command('promote', T0 + MINUTE, { fields: { effects: effect, serial: 'serial' } })
    assert.equal(done.code, 'accepted', done.reason)
    assert.deepEqual([w.latest().effects, w.latest().serial, w.latest().kind], [[effect], true, 'incident'])
    const emptied = await w.command('classify', T0 + HOUR, { fields: { effects: '' } })
    assert.equal(emptied.code, 'invalid', 'they cannot be taken away again')
  }
  const w = world()
  await w.detect()
  for (const fields of [{}, { effects: 'boredom', serial: 'single' }, { effects: 'receipt' }, { serial: 'single' }])
    assert.equal((await w.command('promote', T0 + MINUTE, { fields })).code, 'invalid', JSON.stringify(fields))
  assert.equal((await w.command('promote', T0 + MINUTE, { fields: EFFECTS })).code, 'accepted')
})

test('an incident cannot be closed before it is said whether measures through sources were possible, and why', async () => {
  const w = world()
  await w.detect()
  await w.command('promote', T0 + MINUTE, { fields: EFFECTS })
  const refused = await w.command('close', T0 + HOUR)
  assert.match(refused.reason, /technically possible.*KZ-10.3j/)
  assert.equal((await w.command('classify', T0 + HOUR, { fields: { measuresPossible: 'no' } })).code, 'invalid')
  await w.command('classify', T0 + HOUR, {
    fields: { measuresPossible: 'no', measuresReason: 'No sensor in that circuit.' },
  })
  assert.equal((await w.command('close', T0 + HOUR)).code, 'accepted')
})

test('a report by telephone names who reported it; causes and consequences are two closures of an incident', async () => {
  const w = world()
  const made = await w.command('create', T0, {
    caseId: '',
    fields: { title: 'Mail is down', kind: 'incident', ...EFFECTS, reportedBy: 'A. Serik', reportedVia: 'telephone' },
  })
  assert.equal(made.code, 'accepted', made.reason)
  assert.equal(w.latest().reportedBy, 'A. Serik (telephone)')
  const pigeon = { caseId: '', fields: { title: 'x', reportedBy: 'y', reportedVia: 'pigeon' } }
  assert.equal((await w.command('create', T0, pigeon)).code, 'invalid')
  await w.command('consequences-eliminated', T0 + HOUR, { fields: { evidence: 'restore protocol 15' } })
  await w.command('causes-eliminated', T0 + 2 * HOUR, { fields: { evidence: 'patch protocol 14' } })
  assert.deepEqual(
    w.latest().responses.map(({ kind, evidence }) => [kind, evidence]),
    [
      ['consequences-eliminated', 'restore protocol 15'],
      ['causes-eliminated', 'patch protocol 14'],
    ],
  )
  const clock = w.latest().clocks.find(({ clockId }) => clockId === 'C4/incident')
  assert.deepEqual([clock?.state, clock?.metAt], ['met', T0 + 2 * HOUR])
})

test('an exercise is neither merged with a live case nor shared, and what it suppresses holds back no live detection', async () => {
  const w = world()
  await w.detect(other('live', '203.0.113.1'), T0)
  const live = w.latest().caseId
  await w.detect(other('drill', '203.0.113.1', { exercise: true, detectedAt: T0 + MINUTE }))
  const drill = w.latest()
  assert.notEqual(drill.caseId, live)
  const merged = await w.command('merge', T0 + HOUR, { caseId: drill.caseId, fields: { into: live } })
  assert.deepEqual([merged.code, /exercise/.test(merged.reason)], ['illegal-transition', true])
  const shared = await w.command('share', T0 + HOUR, {
    caseId: drill.caseId,
    fields: { group: 'banks', confirm: 'yes' },
  })
  assert.equal(shared.code, 'illegal-transition')
  const fields = { suppress: 'yes' }
  await w.command('mark-false-positive', T0 + HOUR, { caseId: drill.caseId, reason: 'The drill is over.', fields })
  await w.command('close', T0 + HOUR, { caseId: live })
  assert.equal(await w.detect(other('again', '203.0.113.1', { detectedAt: T0 + 2 * HOUR })), 'emitted')
  assert.equal(w.latest().exercise, false)
})

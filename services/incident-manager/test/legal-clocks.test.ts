import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyClocks } from '../src/verify-clocks.ts'
import { delivery, HOUR, MINUTE, registry, T0, world } from './world.ts'

const harmful = { level: 'high', severity: 75, rsitClass: 'intrusions', rsitType: 'system-compromise' }
const effects = { effects: 'functioning,receipt', serial: 'single' }

test('KZ-10.3g the body is told within 30 minutes: the shift hears at 20:00, the breach is at 30:00 exactly', async () => {
  const w = world()
  await w.detect()
  assert.equal(w.latest().kind, 'event')
  assert.deepEqual(
    w.notices('constituent').map((notice) => notice.dueAt),
    [T0 + 30 * MINUTE],
  )
  assert.equal(w.notices('authorised-person').length, 1)
  await w.until(T0 + 20 * MINUTE - 1)
  assert.equal(w.notices('shift').length, 0)
  await w.until(T0 + 20 * MINUTE)
  assert.equal(w.notices('shift').length, 1)
  await w.until(T0 + 30 * MINUTE - 1)
  assert.deepEqual(w.whats('C1/event'), ['started', 'warned'])
  await w.until(T0 + 30 * MINUTE)
  assert.deepEqual(w.whats('C1/event'), ['started', 'warned', 'breached'])
  assert.equal(w.events('C1/event').at(-1)?.at, T0 + 30 * MINUTE)
  assert.equal(w.latest().clocks.find((clock) => clock.clockId === 'C1/event')?.state, 'breached')
})

test('KZ-N a notice before any measure was taken says so in its language', async () => {
  const w = world()
  await w.detect()
  for (const notice of w.notices('authorised-person')) assert.match(notice.fields['measuresTaken'] ?? '', /\p{L}/u)
})

test('KZ-10.3g a delivery to the authorised person meets the clock; a copy to the coordinator never does', async () => {
  const w = world()
  await w.detect()
  const [copy] = w.notices('coordinator')
  const [owed] = w.notices('authorised-person')
  assert.ok(copy && owed)
  assert.equal(copy.clockId, null)
  await w.deliver({ ...copy, clockId: 'C1/event', recipientRole: 'constituent' }, T0 + MINUTE, 'acknowledged')
  assert.equal(w.latest().clocks[0]?.state, 'running')
  await w.deliver(owed, T0 + 2 * MINUTE, 'sent')
  assert.equal(w.latest().clocks[0]?.state, 'running', 'handing over to our own relay proves nothing')
  await w.deliver(owed, T0 + 30 * MINUTE)
  assert.deepEqual(w.whats('C1/event'), ['started', 'warned', 'met'])
  assert.equal(w.latest().noticeReceivedAt, T0 + 30 * MINUTE)
  await w.until(T0 + 31 * MINUTE)
  assert.ok(!w.whats('C1/event').includes('breached'))
})

test('KZ-10.3g a delivery that becomes known late takes the recorded breach back', async () => {
  const w = world()
  await w.detect()
  const [owed] = w.notices('constituent')
  assert.ok(owed)
  await w.until(T0 + 30 * MINUTE)
  const breach = w.events('C1/event').at(-1)
  w.harness.now(T0 + 31 * MINUTE)
  await w.harness.give('deliveries', 'kz-ministry', delivery(owed, T0 + 29 * MINUTE, 'delivered', 99))
  assert.equal(w.events('C1/event').find((event) => event.what === 'withdrawn')?.proof, breach?.clockEventId)
  assert.equal(w.events('C1/event').at(-1)?.what, 'met')
  assert.equal(w.events('C1/event').at(-1)?.at, T0 + 29 * MINUTE)
})

test('KZ-10.3h the National Security Committee is told within three hours of the same moment', async () => {
  const w = world()
  await w.detect()
  const [nsc] = w.notices('nsc')
  assert.equal(nsc?.dueAt, T0 + 3 * HOUR)
  assert.equal(nsc?.language, 'ru')
  assert.match(nsc?.body ?? '', /Подбор пароля SSH/)
  await w.until(T0 + 3 * HOUR - 1)
  assert.ok(!w.whats('C2/event').includes('breached'))
  await w.until(T0 + 3 * HOUR)
  assert.equal(w.events('C2/event').at(-1)?.what, 'breached')

  const met = world()
  await met.detect()
  const [owed] = met.notices('nsc')
  assert.ok(owed)
  await met.deliver({ ...owed, recipientRole: 'constituent' }, T0 + 3 * HOUR - 1)
  assert.equal(met.whats('C2/event').at(-1), 'met', 'the role is that of our notice, whatever the delivery says')
  assert.ok(!met.whats('C1/event').includes('met'))
})

test('KZ-10.3l 48:00:00 after it became an incident the authorized body and the NSC are told, unless both closures are in', async () => {
  const failed = world()
  await failed.detect(harmful)
  assert.equal(failed.latest().kind, 'incident')
  await failed.command('consequences-eliminated', T0 + 20 * HOUR, { reason: 'restored from backup' })
  await failed.until(T0 + 48 * HOUR - 1)
  assert.ok(!failed.whats('C4/incident').includes('breached'))
  const before = failed.harness.written('notices').length
  await failed.until(T0 + 48 * HOUR)
  assert.ok(failed.whats('C4/incident').includes('escalated'))
  const told = failed.harness.written('notices').slice(before)
  assert.deepEqual(
    told
      .filter((notice) => notice.purpose === 'escalate')
      .map((notice) => notice.recipientRole)
      .sort(),
    ['authorized-body', 'nsc'],
  )

  const done = world()
  await done.detect(harmful)
  await done.command('consequences-eliminated', T0 + 20 * HOUR, { reason: 'restored from backup' })
  await done.command('causes-eliminated', T0 + 48 * HOUR - MINUTE, { fields: { evidence: 'hole closed' } })
  await done.until(T0 + 49 * HOUR)
  assert.deepEqual(
    done.whats('C4/incident').filter((what) => what !== 'warned'),
    ['started', 'met'],
  )
  assert.equal(done.notices('authorized-body').length, 0)
})

test('KZ-12e the body answers within 48 hours of the proven receipt, reminded at 24 and 44 hours', async () => {
  const w = world()
  await w.detect()
  const [owed] = w.notices('constituent')
  assert.ok(owed)
  const received = T0 + 5 * MINUTE
  await w.deliver(owed, received)
  assert.equal(w.events('C3/event')[0]?.dueAt, received + 48 * HOUR)
  await w.until(received + 24 * HOUR)
  await w.until(received + 44 * HOUR)
  assert.deepEqual(w.whats('C3/event'), ['started', 'warned', 'warned'])
  assert.equal(w.notices('constituent').filter((notice) => notice.purpose === 'remind').length, 2)
  const answer = {
    actorRoles: ['constituent'],
    fields: { kind: 'event-analysis', text: 'An administrator forgot the password.' },
  }
  const result = await w.command('answer', received + 47 * HOUR, answer)
  assert.equal(result.code, 'accepted')
  assert.equal(w.whats('C3/event').at(-1), 'met')

  const late = world()
  await late.detect()
  const [notice] = late.notices('constituent')
  assert.ok(notice)
  await late.deliver(notice, received)
  await late.until(received + 48 * HOUR)
  assert.equal(late.events('C3/event').at(-1)?.what, 'breached')
})

test('KZ-2.5 an incident names its effects of the seven and whether failures are single or serial; T0 and the event clocks stay', async () => {
  const w = world()
  await w.detect()
  const at = T0 + 10 * MINUTE
  assert.equal((await w.command('promote', at)).code, 'invalid')
  assert.equal((await w.command('promote', at, { fields: { effects: 'fire', serial: 'single' } })).code, 'invalid')
  assert.equal((await w.command('promote', at, { fields: { effects: 'receipt' } })).code, 'invalid')
  const done = await w.command('promote', at, { fields: effects })
  assert.equal(done.code, 'accepted')
  const record = w.latest()
  assert.deepEqual([record.kind, record.detectedAt, record.promotedAt], ['incident', T0, at])
  assert.deepEqual([record.effects, record.serial], [['functioning', 'receipt'], false])
  assert.equal(w.events('C1/event')[0]?.dueAt, T0 + 30 * MINUTE)
  assert.equal(w.events('C1/incident')[0]?.dueAt, at + 30 * MINUTE)
  assert.equal(w.events('C4/incident')[0]?.dueAt, at + 48 * HOUR)
})

test('KZ-10.3f a case cannot be closed without a primary analysis, and a detection brings its own', async () => {
  const w = world()
  await w.command('create', T0, { caseId: '', fields: { title: 'Reported by telephone' } })
  const refused = await w.command('close', T0 + HOUR)
  assert.equal(refused.code, 'illegal-transition')
  assert.match(refused.reason, /primary analysis/)
  await w.command('classify', T0 + HOUR, { fields: { primaryAnalysis: 'A user opened a forged mail.' } })
  assert.equal((await w.command('close', T0 + HOUR)).code, 'accepted')

  const automatic = world()
  await automatic.detect()
  assert.match(automatic.latest().primaryAnalysis ?? '', /SSH password guessing.*203\.0\.113\.9/s)
})

test('KZ-10.3i every notice to the body carries a recommendation, also where the rule has none', async () => {
  const w = world()
  await w.detect()
  assert.match(w.notices('authorised-person')[0]?.body ?? '', /Заблокируйте адрес источника/)
})

test('VN-5.1b the manager is warned, naming the body, within five minutes', async () => {
  const w = world()
  await w.detect({ constituent: 'vn-province', level: 'high', severity: 70 })
  const [warning] = w.notices('manager')
  assert.equal(warning?.dueAt, T0 + 5 * MINUTE)
  assert.equal(warning?.purpose, 'warn')
  assert.equal(warning?.language, 'vi')
  assert.match(warning?.body ?? '', /Body vn-province/)
  await w.until(T0 + 5 * MINUTE)
  assert.ok(w.whats('VN-5.1b/incident').includes('breached'))
})

test('TW-A5.2-2 the ticket is due one hour after its first record and met by the upload', async () => {
  const w = world()
  await w.detect({ constituent: 'tw-agency' })
  const first = T0 - 30_000
  assert.equal(w.events('TW-A5.2-2/ticket')[0]?.dueAt, first + HOUR)
  const { caseId } = w.latest()
  const [notice] = w.notices('constituent')
  assert.ok(notice)
  const upload = delivery(notice, T0 + MINUTE, 'delivered', 1)
  w.harness.now(T0 + MINUTE)
  await w.harness.give('deliveries', 'tw-agency', {
    ...upload,
    noticeId: null,
    caseId,
    subjectId: 'ticket-1',
    clockId: 'ticket:detection-1',
    channel: 'ftps',
  })
  assert.equal(w.whats('TW-A5.2-2/ticket').at(-1), 'met')
  assert.equal(w.whats('TW-1.2/ticket').at(-1), 'met')

  const late = world()
  await late.detect({ constituent: 'tw-agency' })
  await late.until(first + HOUR - 1)
  assert.ok(!late.whats('TW-A5.2-2/ticket').includes('breached'))
  await late.until(first + HOUR)
  assert.equal(late.whats('TW-A5.2-2/ticket').at(-1), 'breached')
})

test('each ticket of a case has its own clocks: from its own detection and first record to its own upload (TW-1.2)', async () => {
  const w = world()
  const upload = (detectionId: string, at: number, caseId: string) => {
    const [notice] = w.notices('constituent')
    assert.ok(notice)
    const known = delivery(notice, at, 'delivered', at)
    w.harness.now(at)
    const ticket = {
      noticeId: null,
      caseId,
      subjectId: `T-${detectionId}`,
      channel: 'ftps',
      clockId: `ticket:${detectionId}`,
    }
    return w.harness.give('deliveries', 'tw-agency', { ...known, ...ticket })
  }
  const about = { constituent: 'tw-agency' }
  await w.detect({ ...about, detectionId: 'first-detection' })
  const later = T0 + 2 * HOUR
  await w.detect({ ...about, detectionId: 'second-detection', detectedAt: later })
  assert.equal(new Set(w.harness.written('incidents').map(({ caseId }) => caseId)).size, 1)
  const own = 'TW-1.2/ticket:second-detec'
  assert.deepEqual([w.events(own)[0]?.startAt, w.events(own)[0]?.dueAt], [later, later + 5 * MINUTE])
  assert.equal(w.events('TW-A5.2-2/ticket:second-detec')[0]?.dueAt, later - 30_000 + HOUR)
  // The early ticket of a detection names the case that the exporter expected; what counts is the detection.
  await upload('second-detection', later + MINUTE, 'another-case-id')
  assert.equal(w.whats(own).at(-1), 'met')
  assert.ok(!w.whats('TW-1.2/ticket').includes('met'), 'the first ticket is still owed')
  assert.equal(w.whats('TW-1.2/ticket').at(-1), 'breached')
  // An upload that is known before its detection meets the clock when the detection comes.
  const third = later + HOUR
  await upload('third-detection', third + MINUTE, 'unknown')
  await w.detect({ ...about, detectionId: 'third-detection', detectedAt: third }, third + 10 * MINUTE)
  assert.deepEqual(w.whats('TW-1.2/ticket:third-detect'), ['started', 'met'])
})

test('VN-5.3b the timers follow the manager’s own regulation at once: shorter, longer, and nothing that was in time becomes late by it', async () => {
  const body = registry.constituent('vn-province')
  assert.ok(body)
  let limits: Record<string, string> = { handlingResultEvery: 'PT6H' }
  const own = { ...registry, constituent: () => ({ ...body, limits }) }
  const w = world(T0, own)
  await w.detect({ constituent: 'vn-province', level: 'high' })
  const instants = (what: string): number[] =>
    w
      .events('VN-5.3e/incident')
      .filter((event) => event.what === what)
      .map(({ at }) => (at - T0) / HOUR)
  const dueAt = () =>
    ((w.latest().clocks.find(({ clockId }) => clockId === 'VN-5.3e/incident')?.dueAt ?? 0) - T0) / HOUR
  assert.equal(dueAt(), 6)
  // Longer while it runs: the due time moves. Shorter than what has gone: due at the entry, not before it.
  limits = { handlingResultEvery: 'PT8H' }
  await w.until(T0 + HOUR)
  assert.equal(dueAt(), 8)
  limits = { handlingResultEvery: 'PT2H' }
  await w.until(T0 + 5 * HOUR)
  assert.equal(dueAt(), 5)
  assert.deepEqual(instants('breached'), [5])
  await w.until(T0 + 10 * HOUR)
  assert.deepEqual(instants('warned'), [5, 7, 9])
  limits = { handlingResultEvery: 'PT12H' }
  await w.until(T0 + 10.5 * HOUR)
  await w.until(T0 + 40 * HOUR)
  assert.deepEqual(instants('warned'), [5, 7, 9, 21, 33])
  assert.deepEqual(instants('breached'), [5])
  assert.deepEqual(instants('withdrawn'), [])
  const notices = w.harness.written('notices').map(({ noticeId }) => noticeId)
  assert.equal(new Set(notices).size, notices.length)
  // History of the values: each with its instant, in the case's changes; and the clocks can be recomputed from them.
  const changes = w.harness.written('incident-changes')
  assert.deepEqual(
    changes.filter(({ action }) => action === 'regulation-changed').map(({ detail }) => detail['handlingResultEvery']),
    ['PT8H', 'PT2H', 'PT12H'],
  )
  const topics = { changes, clockEvents: w.harness.written('clock-events'), deliveries: [], requests: [] }
  assert.deepEqual(verifyClocks(topics, own, T0 + 40 * HOUR, 0).faults, [])
  w.harness.crash()
  await w.until(T0 + 46 * HOUR)
  assert.deepEqual(instants('warned').at(-1), 45)
})

test('a regulation that changes the clocks of many cases is followed a tick after the other, not a minute', async () => {
  const body = registry.constituent('vn-province')
  assert.ok(body)
  let limits: Record<string, string> = { handlingResultEvery: 'PT6H' }
  const w = world(T0, { ...registry, constituent: () => ({ ...body, limits }) })
  for (let n = 0; n < 400; n++)
    await w.detect({
      constituent: 'vn-province',
      level: 'high',
      detectionId: `many-${n}`,
      techniques: [`T${2_000 + n}`],
    })
  const opened = new Set(w.harness.written('incidents').map(({ caseId }) => caseId)).size
  limits = { handlingResultEvery: 'PT8H' }
  const followed = () =>
    w.harness.written('incident-changes').filter(({ action }) => action === 'regulation-changed').length
  await w.until(T0 + 60_000)
  const inOneTick = followed()
  assert.ok(inOneTick > 0 && inOneTick < opened, `${inOneTick} of ${opened}`)
  for (let tick = 1; tick <= 10; tick++) await w.until(T0 + 60_000 + tick * 250)
  assert.equal(followed(), opened)
})

test('a case that ended long ago leaves the memory; later revisions do not open it anew', async () => {
  const w = world()
  await w.detect()
  const { caseId } = w.latest()
  for (const notice of w.harness.written('notices')) await w.deliver(notice, T0 + MINUTE)
  await w.command('answer', T0 + 2 * MINUTE, {
    actorRoles: ['constituent'],
    fields: { kind: 'event-analysis', text: 'Nothing.' },
  })
  await w.command('close', T0 + HOUR)
  const written = w.harness.written('incidents').length
  const day = 24 * HOUR
  await w.until(T0 + 399 * day)
  assert.equal((await w.command('reopen', T0 + 399 * day, { caseId, reason: 'again' })).code, 'accepted')
  await w.command('close', T0 + 399 * day + HOUR, { caseId })
  await w.until(T0 + 801 * day)
  assert.equal((await w.command('reopen', T0 + 801 * day, { caseId, reason: 'again' })).code, 'unknown-case')
  assert.equal(w.harness.written('incidents').length, written + 2)
})

test('AMB-KZ6 the first committed T0 stays when the engine replays a detection with another one', async () => {
  const w = world()
  await w.detect()
  const clocks = w.latest().clocks.map((clock) => [clock.clockId, clock.startAt, clock.dueAt])
  const later = T0 + 40 * MINUTE
  assert.equal(await w.detect({ detectedAt: later }), 'repeated-detection')
  await w.detect({ detectedAt: later, revision: 3, eventCount: 90 })
  const record = w.latest()
  assert.equal(record.detectedAt, T0)
  assert.equal(record.eventCount, 90)
  assert.deepEqual(
    record.clocks.map((clock) => [clock.clockId, clock.startAt, clock.dueAt]),
    clocks,
  )
})

test('XC-11 an exercise has its own case, and its notices go to test contacts alone, marked', async () => {
  const w = world()
  await w.detect({ detectionId: 'real' })
  const before = w.harness.written('notices').length
  await w.detect({ detectionId: 'drill', exercise: true })
  const drill = w.harness.written('notices').slice(before)
  assert.ok(drill.length > 0)
  assert.ok(drill.every((notice) => notice.exercise && notice.contactId?.endsWith('-test')))
  assert.equal(new Set(w.harness.written('incidents').map((record) => record.caseId)).size, 2)
})

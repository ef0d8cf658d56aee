// What is formally asked of somebody: by people, and by the law in each period. Real packs, the stage's own contract, a clock by hand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IncidentCommand, Notice, RegistryConstituent, Request } from '@tocsin/events'
import type { Contact } from '@tocsin/obligations'
import { verifyClocks } from '../src/verify-clocks.ts'
import { contacts, DAY, delivery, HOUR, MINUTE, registry, T0, world } from './world.ts'

const VN = { constituent: 'vn-province', caseId: '' }
const HASH = `sha256:${'ab'.repeat(32)}`
const unit: Contact = {
  contactId: 'vn-unit',
  constituent: 'vn-province',
  role: 'unit-in-charge',
  name: 'Đơn vị chuyên trách',
  language: 'vi',
  channels: ['mail'],
  test: false,
}
const withUnit = { ...registry, contacts: () => [...contacts, unit] }
const body = (id: string): RegistryConstituent => {
  const found = registry.constituent(id)
  assert.ok(found)
  return found
}
/** The registry of a whole stack: what the law asks of each body by itself is asked. */
const watched = (...ids: string[]) => ({ ...withUnit, constituents: () => ids.map(body) })
const byText = (one: string | null, other: string | null): number => ((one ?? '') < (other ?? '') ? -1 : 1)
type World = ReturnType<typeof world>
const last = (w: World): Request => {
  const found = w.harness.written('requests').at(-1)
  assert.ok(found)
  return found
}
const asked = (
  w: World,
  kind: string,
  at: number,
  more: Partial<IncidentCommand> = {},
  fields: Record<string, string> = {},
) => w.command('request-open', at, { ...VN, ...more, fields: { kind, subject: 'S', body: 'B', days: '5', ...fields } })
const manager = { actor: 'lan', actorRoles: ['manager'] }

test('VN-3.4a a request of the centre and its reply have times on both sides, and a proof that it was sent', async () => {
  const w = world(T0, withUnit)
  const opened = await asked(w, 'coordination', T0, {}, { files: `plan.pdf 20480 ${HASH}` })
  assert.deepEqual([opened.accepted, opened.caseId], [true, last(w).requestId])
  assert.match(last(w).number, /^R-VN-2026-0-000001$/)
  const told = w.harness.written('notices').filter(({ purpose }) => purpose === 'request')
  assert.deepEqual(told.map(({ contactId }) => contactId).toSorted(byText), ['vn-province-manager', 'vn-unit'])
  assert.match(told[0]?.body ?? '', /R-VN-2026-0-000001[\s\S]*plan\.pdf 20480/)
  await w.deliver(told[0] as Notice, T0 + MINUTE)
  assert.match(last(w).proof ?? '', /delivered, mail, 2026-11-20T17:31:00.000Z, 250 2\.0\.0 queued/)
  const caseId = last(w).requestId
  const answer = { ...VN, ...manager, caseId, fields: { text: 'Done.', files: `reply.pdf 1024 ${HASH}` } }
  assert.equal((await w.command('request-answer', T0 + HOUR, answer)).accepted, true)
  const { from, to, createdAt, answeredAt, answeredBy, state, files, answerFiles } = last(w)
  assert.deepEqual([from, to, state, answeredBy], ['centre', 'vn-province', 'answered', 'lan'])
  assert.deepEqual([createdAt, answeredAt], [T0, T0 + HOUR])
  assert.deepEqual([files, answerFiles], [[`plan.pdf 20480 ${HASH}`], [`reply.pdf 1024 ${HASH}`]])
})

test('a request keeps the law under which it was made when it is answered under a newer one', async () => {
  const law: typeof registry.law = (packId, edition) => {
    const found = registry.law(packId, edition)
    const isNew = 'at' in edition && edition.at >= T0 + DAY
    return found === undefined || !isNew ? found : { ...found, pack: { ...found.pack, clocks: [] } }
  }
  const w = world(T0, { ...withUnit, law })
  await asked(w, 'coordination', T0)
  const answer = { ...VN, ...manager, caseId: last(w).requestId, fields: { text: 'Done.' } }
  assert.equal((await w.command('request-answer', T0 + 2 * DAY, answer)).accepted, true)
  const whats = w.harness.written('clock-events').map(({ what }) => what)
  assert.deepEqual([whats[0], whats.at(-1)], ['started', 'met'])
})

test('VN-4.1b VN-15.2 a manager asks the centre for help and reports a problem; the centre alone answers', async () => {
  const w = world(T0, withUnit)
  for (const kind of ['help', 'problem']) {
    assert.equal((await asked(w, kind, T0, manager)).accepted, true)
    const { requestId: caseId, from, to, openedBy } = last(w)
    assert.deepEqual([from, to, openedBy], ['vn-province', 'centre', 'lan'])
    const told = w.harness.written('notices').filter(({ fields }) => fields['requestId'] === caseId)
    assert.deepEqual(
      told.map(({ recipientRole }) => recipientRole),
      ['shift'],
    )
    const fields = { text: 'x' }
    assert.equal(
      (await w.command('request-answer', T0 + 1, { ...VN, ...manager, caseId, fields })).code,
      'not-permitted',
    )
    assert.equal((await w.command('request-answer', T0 + 2, { ...VN, caseId, fields })).accepted, true)
    assert.equal(last(w).ground, kind === 'help' ? 'VN-4.1b' : 'VN-15.2')
  }
})

test('VN-5.3c-2 an instruction is reminded, is overdue at its date with an alarm, and the answer that comes then is late', async () => {
  const w = world(T0, withUnit)
  await asked(w, 'instruction', T0, {}, { days: '10' })
  const caseId = last(w).requestId
  await w.until(T0 + 8 * DAY)
  await w.until(T0 + 10 * DAY - 1)
  assert.equal(last(w).state, 'open')
  assert.deepEqual(w.whats('VN-request/request'), ['started', 'warned'])
  await w.until(T0 + 10 * DAY)
  assert.equal(last(w).state, 'overdue')
  assert.deepEqual(w.whats('VN-request/request'), ['started', 'warned', 'breached'])
  const alarms = () => w.harness.written('health-events').filter(({ code }) => code === 'request_overdue')
  assert.deepEqual(
    alarms().map(({ state }) => state),
    ['raised'],
  )
  const late = await w.command('request-answer', T0 + 12 * DAY, { ...VN, ...manager, caseId, fields: { text: 'x' } })
  assert.match(late.reason, /answered, 2 days late/)
  assert.deepEqual(
    alarms().map(({ state }) => state),
    ['raised', 'cleared'],
  )
  const topics = {
    changes: [],
    deliveries: [],
    clockEvents: w.harness.written('clock-events'),
    requests: w.harness.written('requests').slice(-1),
  }
  assert.deepEqual(verifyClocks(topics, registry, T0 + 13 * DAY, 0).faults, [])
  const { faults } = verifyClocks({ ...topics, clockEvents: topics.clockEvents.slice(1) }, registry, T0 + 13 * DAY, 0)
  assert.deepEqual(
    faults.map(({ fault }) => fault),
    ['missing'],
  )
})

test('KZ-10.2c a request of a body on its sources has number, times and answer', async () => {
  const w = world(T0)
  const kz = { constituent: 'kz-ministry', caseId: '' }
  await asked(w, 'source-request', T0, { ...kz, actor: 'dana', actorRoles: ['constituent'] })
  const { number, requestId, ground } = last(w)
  assert.deepEqual([number, ground], ['R-KZ-2026-0-000001', 'KZ-10.2c'])
  await w.command('request-answer', T0 + HOUR, { ...kz, caseId: requestId, fields: { text: 'replaced' } })
  assert.deepEqual([last(w).answer, last(w).answeredAt, last(w).createdAt], ['replaced', T0 + HOUR, T0])
})

test('what is no request, or not this side’s to do, gets a reason and changes nothing', async () => {
  const w = world(T0, withUnit)
  const bad: [Record<string, string>, RegExp][] = [
    [{ kind: 'gossip' }, /one of coordination, help/],
    [{ subject: ' ' }, /needs a subject/],
    [{ days: '0' }, /whole number from 1/],
    [{ dueAt: '2020-01-01T00:00:00Z' }, /lies ahead/],
    [{ files: 'plan.pdf' }, /its size in octets and its hash/],
    [{ files: `../plan.pdf 1 ${HASH}` }, /its size in octets/],
    [{ body: 'x'.repeat(20_000) }, /longer than 16000/],
  ]
  for (const [fields, reason] of bad) {
    const { code, reason: said } = await asked(w, 'help', T0, {}, fields)
    assert.equal(code, 'invalid')
    assert.match(said, reason)
  }
  assert.equal((await asked(w, 'help', T0, { actorRoles: ['inspector'] })).code, 'not-permitted')
  assert.equal(w.harness.written('requests').length, 0)
  await asked(w, 'instruction', T0)
  const caseId = last(w).requestId
  const other = { constituent: 'kz-ministry', caseId, fields: { text: 'x' } }
  assert.equal((await w.command('request-answer', T0, other)).code, 'unknown-case')
  assert.equal((await w.command('request-close', T0, { ...VN, ...manager, caseId, reason: 'x' })).code, 'not-permitted')
  assert.equal((await w.command('request-close', T0, { ...VN, caseId })).code, 'invalid')
  assert.equal((await w.command('request-close', T0, { ...VN, caseId, reason: 'x' })).accepted, true)
  assert.equal(
    (await w.command('request-answer', T0, { ...VN, caseId, fields: { text: 'x' } })).code,
    'illegal-transition',
  )
  assert.match(w.harness.written('audit-entries').at(-1)?.action ?? '', /incident\.request-answer/)
})

test('KZ-12c the task of the quarter opens on its first day, is reminded, is overdue at its end, and keeps the difference', async () => {
  const start = Date.UTC(2026, 8, 30, 18, 59) // 30 September, 23:59 in Almaty
  const w = world(start, watched('kz-ministry', 'vn-province'))
  await w.begin()
  const tasks = () =>
    [...new Map(w.harness.written('requests').map((one) => [one.requestId, one])).values()].filter(
      ({ scheduleId }) => scheduleId === 'C5',
    )
  await w.until(start)
  assert.deepEqual(
    tasks().map(({ period }) => period),
    ['2026-07-01'],
  )
  await w.until(start + MINUTE)
  const task = tasks().find(({ period }) => period === '2026-10-01')
  assert.deepEqual([task?.state, task?.createdAt, task?.to], ['open', Date.UTC(2026, 8, 30, 19), 'kz-ministry'])
  const told = w.harness.written('notices').filter(({ caseId }) => caseId === task?.requestId)
  assert.deepEqual(told.map(({ recipientRole, language }) => `${recipientRole} ${language}`).toSorted(byText), [
    'authorised-person ru',
    'constituent kk',
    'coordinator ru',
  ])
  assert.match(
    told.find(({ language }) => language === 'ru')?.body ?? '',
    /Квартал с: 2026-10-01[\s\S]*2027-01-01 00:00:00 \+05:00/,
  )
  assert.equal(tasks().find(({ period }) => period === '2026-07-01')?.state, 'overdue')
  w.harness.crash()
  const end = Date.UTC(2026, 11, 31, 19)
  await w.until(end - 3 * DAY)
  const reminders = w.events('C5/period').filter(({ caseId, what }) => caseId === task?.requestId && what === 'warned')
  assert.equal(reminders.length, 2)
  const caseId = task?.requestId ?? ''
  const difference = '~ assets kz-ws-5\n    os: Windows 10 → Windows 11'
  const fields = { text: 'XLSX', files: `q4.xlsx 900 ${HASH}`, difference }
  await w.command('request-answer', end - DAY, {
    constituent: 'kz-ministry',
    caseId,
    actorRoles: ['constituent'],
    fields,
  })
  await w.until(end)
  const answered = tasks().find(({ requestId }) => requestId === caseId)
  assert.deepEqual([answered?.state, answered?.difference], ['answered', difference])
  assert.equal(
    w
      .events('C5/period')
      .filter((event) => event.caseId === caseId)
      .at(-1)?.what,
    'met',
  )
  // The next one is there, and no older one was asked again.
  assert.deepEqual(
    tasks()
      .map(({ period }) => period)
      .toSorted(byText),
    ['2026-07-01', '2026-10-01', '2027-01-01'],
  )
})

test('C5 after an outage over the turn of a quarter its task is still asked for, once, at its legal start', async () => {
  const before = Date.UTC(2026, 5, 1)
  const w = world(before, watched('kz-ministry'))
  await w.begin()
  await w.until(before)
  w.harness.crash()
  await w.until(Date.UTC(2026, 9, 20))
  await w.until(Date.UTC(2026, 9, 20) + HOUR)
  const tasks = [...new Map(w.harness.written('requests').map((one) => [one.requestId, one])).values()]
  assert.deepEqual(tasks.map(({ period, state }) => `${period} ${state}`).toSorted(byText), [
    '2026-04-01 overdue',
    '2026-07-01 overdue',
    '2026-10-01 open',
  ])
  assert.equal(
    new Set(w.harness.written('notices').map(({ noticeId }) => noticeId)).size,
    w.harness.written('notices').length,
  )
})

test('a body that came while nobody looked is asked for the open quarter and for none before', async () => {
  const bodies = [body('kz-ministry')]
  const w = world(Date.UTC(2026, 5, 1), { ...withUnit, constituents: () => bodies })
  await w.begin()
  await w.until(Date.UTC(2026, 5, 1))
  w.harness.crash()
  bodies.push(body('kz-agency'))
  await w.until(Date.UTC(2026, 9, 20))
  const periods = (id: string) => [
    ...new Set(
      w.harness
        .written('requests')
        .filter(({ constituent }) => constituent === id)
        .map(({ period }) => period),
    ),
  ]
  assert.deepEqual(periods('kz-agency'), ['2026-10-01'])
  assert.deepEqual(periods('kz-ministry'), ['2026-04-01', '2026-07-01', '2026-10-01'])
})

test('VN-7.2 each month every contact gets a test message; the test is met when all have acknowledged, and overdue after three days', async () => {
  const start = Date.UTC(2026, 10, 30, 17) // 1 December in Hanoi
  const w = world(start, watched('vn-province'))
  await w.begin()
  await w.until(start)
  const test = last(w)
  assert.deepEqual([test.scheduleId, test.period, test.state], ['channel-test', '2026-12-01', 'open'])
  const notices = w.harness.written('notices').filter(({ purpose }) => purpose === 'test')
  assert.deepEqual(notices.map(({ contactId }) => contactId).toSorted(byText), ['vn-province-manager', 'vn-unit'])
  const [one, two] = notices as [Notice, Notice]
  await w.harness.give('deliveries', one.constituent, delivery(one, start + HOUR, 'acknowledged', 1))
  await w.deliver(two, start + HOUR)
  assert.equal(last(w).state, 'open', 'delivered is not acknowledged')
  await w.until(start + 3 * DAY)
  assert.equal(last(w).state, 'overdue')
  const fields = { noticeId: two.noticeId }
  const acknowledged = await w.command('acknowledge-notice', start + 4 * DAY, {
    ...VN,
    ...manager,
    caseId: test.requestId,
    fields,
  })
  assert.equal(acknowledged.accepted, true)
  assert.deepEqual([last(w).state, last(w).answeredAt], ['answered', start + 4 * DAY])
  assert.equal(
    (await w.command('acknowledge-notice', start + 4 * DAY, { ...VN, ...manager, caseId: test.requestId, fields }))
      .code,
    'invalid',
  )
  assert.deepEqual(w.whats('channel-test/period'), ['started', 'breached', 'met'])
})

test('only the task that a body’s records come to asks it, and a body outside the law is asked nothing', async () => {
  const ministry = watched('kz-ministry')
  const outside = { ...ministry, constituents: () => [{ ...body('vn-province'), legalScope: ['mnd'] }] }
  for (const [bodies, partition, count] of [
    [ministry, 0, 1],
    [ministry, 1, 0],
    [outside, 0, 0],
  ] as const) {
    const w = world(T0, bodies, { partitionOf: () => partition })
    await w.begin()
    await w.until(T0)
    assert.equal(w.harness.written('requests').length, count)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contactOf, MINUTE, noticeOf, OK, REFUSED, SECOND, T0, world } from './world.ts'

const many = (count: number, over = {}) =>
  Array.from({ length: count }, (_, n) =>
    noticeOf({ noticeId: `storm-${n}`, subject: `Fault ${n}`, groupable: true, dueAt: null, clockId: null, ...over }),
  )

test('a storm of 500 that may be told together is a handful of messages, each notice listed and each with its own delivery', async () => {
  const { stage, mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  const notices = many(500)
  for (const notice of notices) await owe(notice)
  await pass(3 * MINUTE, SECOND)
  assert.ok(mail.sent.length <= 20 + 10, `${mail.sent.length} messages`)
  const told = mail.sent.map(({ notice }) => `${notice.subject}\n${notice.body}`).join('\n')
  for (const { noticeId, subject } of notices) {
    assert.ok(told.includes(subject), subject)
    const of = stage.written('deliveries').filter((one) => one.noticeId === noticeId)
    assert.deepEqual(
      of.map(({ state }) => state),
      ['delivered'],
      noticeId,
    )
  }
  const grouped = stage.written('deliveries').filter(({ digestId }) => digestId !== null)
  assert.equal(grouped.length, 480)
})

test('what the law wants told on its own is told on its own, however many there are', async () => {
  const { mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  for (const notice of many(40, { groupable: false })) await owe(notice)
  await pass(MINUTE, SECOND)
  assert.equal(mail.sent.length, 40)
})

test('those of another language, marking or body are never in one message', async () => {
  const contacts = ['a', 'b'].map((constituent) =>
    contactOf({ contactId: constituent, constituent, channels: ['mail'] }),
  )
  const { mail, owe, pass } = world(contacts)
  for (const constituent of ['a', 'b'])
    for (const tlp of ['amber', 'red'])
      for (const notice of many(30, { constituent, tlp, contactId: constituent }))
        await owe({ ...notice, noticeId: `${constituent}-${tlp}-${notice.noticeId}` })
  await pass(3 * MINUTE, SECOND)
  for (const { notice } of mail.sent)
    for (const member of (notice.fields['noticeIds'] ?? '').split(' ').filter((id) => id !== ''))
      assert.ok(member.startsWith(`${notice.constituent}-${notice.tlp}-`), member)
  const told = mail.sent.map(({ notice }) => Number(notice.fields['notices'] ?? 1)).reduce((a, b) => a + b, 0)
  assert.equal(told, 120)
})

test('a notice with little time left waits a quarter of it at most; a crash while some wait loses none', async () => {
  const { stage, mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  for (const notice of many(40, { dueAt: T0 + MINUTE })) await owe(notice)
  await pass(2 * SECOND, SECOND)
  assert.equal(mail.sent.length, 20)
  stage.crash()
  await pass(20 * SECOND, SECOND)
  const delivered = new Set(stage.written('deliveries').map(({ noticeId }) => noticeId))
  assert.equal(delivered.size, 40)
  assert.ok(stage.written('deliveries').every(({ at }) => at < T0 + MINUTE))
})

test('a message of many that nobody takes is tried on as one, alarms at the first due time, and is recorded for each', async () => {
  const { stage, mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  for (const notice of many(20)) await owe(notice)
  await pass(SECOND)
  mail.answer = () => REFUSED
  for (const notice of many(4, { dueAt: T0 + 10 * MINUTE }))
    await owe({ ...notice, noticeId: `late-${notice.noticeId}` })
  await pass(12 * MINUTE, SECOND)
  assert.equal(stage.written('health-events')[0]?.code, 'notice_not_delivered')
  mail.answer = () => OK
  await pass(10 * MINUTE, SECOND)
  const delivered = stage.written('deliveries').filter(({ state }) => state === 'delivered')
  assert.equal(delivered.length, 24)
})

test('what went out on its own and waits for its proof is not put into a message of several', async () => {
  const { mail, owe, pass } = world([contactOf({ channels: ['mail', 'webhook'] })])
  mail.answer = () => ({ ...OK, state: 'sent' })
  for (const notice of many(20)) await owe(notice)
  await pass(SECOND)
  const clocked = { clockId: 'C1', dueAt: T0 + 60 * MINUTE }
  await owe(noticeOf({ noticeId: 'alone', subject: 'Alone', groupable: true, ...clocked }))
  await pass(40 * SECOND, SECOND)
  await owe(noticeOf({ noticeId: 'second', subject: 'Second', groupable: true, ...clocked }))
  await pass(40 * SECOND, SECOND)
  const told = mail.sent.filter(({ notice }) => `${notice.subject}\n${notice.body}`.includes('Alone'))
  assert.equal(told.length, 1)
  assert.ok(mail.sent.some(({ notice }) => notice.noticeId === 'second'))
})

test('a message of several is not longer than it can tell in full', async () => {
  const { mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  for (const notice of many(60, { body: `${'длинно '.repeat(3_000)}\n` })) await owe(notice)
  await pass(2 * MINUTE, SECOND)
  const together = mail.sent.filter(({ notice }) => notice.fields['notices'] !== undefined)
  assert.ok(together.length >= 10)
  for (const { notice } of together) assert.ok(!notice.body.includes('…'), `${notice.body.length} characters`)
})

test('after an outage a tick begins a thousand things at most, and the next ticks the rest', async () => {
  const { mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  for (const notice of many(2_500, { groupable: false })) await owe(notice)
  await pass(0)
  assert.equal(mail.sent.length, 1_000)
  await pass(SECOND)
  assert.equal(mail.sent.length, 2_500)
})

test('a message of several that has lost its receiver is recorded for each of its notices', async () => {
  const { stage, mail, contacts, owe, pass } = world([contactOf({ channels: ['mail'] })])
  for (const notice of many(20)) await owe(notice)
  await pass(SECOND)
  mail.answer = () => REFUSED
  for (const notice of many(3)) await owe({ ...notice, noticeId: `late-${notice.noticeId}` })
  await pass(MINUTE, SECOND)
  contacts.clear()
  await pass(MINUTE, SECOND)
  const refused = stage.written('deliveries').filter(({ errorCode }) => errorCode === 'no_receiver')
  assert.deepEqual(
    new Set(refused.map(({ noticeId }) => noticeId)),
    new Set(['late-storm-0', 'late-storm-1', 'late-storm-2']),
  )
})

test('an attempt has its record though the receiver has said meanwhile that the notice was read', async () => {
  const { stage, mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  let answer: (result: typeof OK) => void = () => {}
  mail.answer = () => new Promise((resolve) => (answer = resolve))
  await owe(noticeOf())
  await pass(SECOND)
  await stage.give('incident-commands', 'kz-ministry', {
    commandId: 'read-1',
    constituent: 'kz-ministry',
    caseId: 'case-1',
    action: 'notice-outcome',
    expectedRevision: null,
    actor: 'officer',
    actorRoles: ['contact'],
    channel: 'form',
    issuedAt: T0 + SECOND,
    reason: null,
    fields: { noticeId: 'n1', contactId: 'officer', outcome: 'read' },
  })
  answer(OK)
  await pass(SECOND)
  const states = stage.written('deliveries').map(({ channel, state }) => `${channel} ${state}`)
  assert.deepEqual(states, ['form acknowledged', 'mail delivered'])
})

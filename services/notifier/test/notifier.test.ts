import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type HealthEvent } from '@tocsin/events'
import { Dispatcher } from '../src/dispatcher.ts'
import { contactOf, MINUTE, noticeOf, OK, REFUSED, SECOND, T0, world } from './world.ts'

const codes = (events: readonly HealthEvent[]): string[] => events.map(({ code, state }) => `${code} ${state}`)

test('H-SINK a sink that refuses for ten minutes leaves the notice retrying, not sent, and gets it when it takes again', async () => {
  const { stage, mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  mail.answer = () => REFUSED
  await owe(noticeOf())
  await pass(10 * MINUTE, SECOND)
  const states = stage.written('deliveries').map(({ state }) => state)
  assert.ok(states.length >= 5, `${states.length} attempts`)
  assert.deepEqual([...new Set(states)], ['retrying'])
  assert.deepEqual([...new Set(stage.written('deliveries').map(({ errorCode }) => errorCode))], ['mail_deferred'])
  mail.answer = () => OK
  await pass(5 * MINUTE, SECOND)
  assert.equal(stage.written('deliveries').at(-1)?.state, 'delivered')
})

test('back-off between rounds is 1 s, 5 s, 30 s, 2 min, then every 5 min', async () => {
  const { stage, mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  mail.answer = () => REFUSED
  await owe(noticeOf())
  await pass(20 * MINUTE)
  const begun = stage.written('deliveries').map(({ startedAt }) => startedAt)
  const waits = begun.slice(1).map((at, index) => Math.round((at - (begun[index] ?? 0)) / SECOND))
  assert.deepEqual(waits, [1, 5, 30, 120, 300, 300, 300])
})

test('KZ-10.3g when the first channel refuses the second is used at once, long before T0+30 min', async () => {
  const { stage, mail, webhook, owe, pass } = world([contactOf()])
  mail.answer = () => REFUSED
  await owe(noticeOf())
  await pass(SECOND)
  assert.equal(webhook.sent.length, 1)
  const deliveries = stage.written('deliveries')
  assert.deepEqual(
    deliveries.map(({ channel, state, attempt }) => [channel, state, attempt]),
    [
      ['mail', 'retrying', 1],
      ['webhook', 'delivered', 2],
    ],
  )
  assert.ok((deliveries[1]?.at ?? Infinity) <= T0 + 30 * MINUTE)
  assert.equal(deliveries[1]?.clockId, 'C1')
})

test('KZ-10.3g a thousand simultaneous notices all go out in time, though another server hangs', async () => {
  const dispatcher = new Dispatcher({ maxInFlight: 64, maxPerTarget: 8, timeoutMs: 60_000 })
  const hanging = contactOf({ contactId: 'hanging', constituent: 'kz-hanging', channels: ['webhook'] })
  const { stage, mail, webhook, owe, pass } = world([contactOf({ channels: ['mail'] }), hanging], dispatcher)
  webhook.answer = () => new Promise(() => {})
  mail.answer = () => turn().then(() => OK)
  for (let n = 0; n < 1_000; n++) {
    await owe(noticeOf({ noticeId: `n${n}` }))
    if (n % 20 === 0) await owe(noticeOf({ noticeId: `h${n}`, constituent: 'kz-hanging' }))
  }
  await pass(MINUTE)
  const delivered = stage.written('deliveries').filter(({ state }) => state === 'delivered')
  assert.equal(new Set(delivered.map(({ noticeId }) => noticeId)).size, 1_000)
  assert.equal(delivered.length, 1_000)
  assert.ok(delivered.every(({ at }) => at <= T0 + 30 * MINUTE))
  assert.equal(webhook.sent.length, 8, 'the hanging server holds its own places only')
})

test('VN-11.4dd three addressed warnings each have their own delivery state', async () => {
  const roles = ['unit-in-charge', 'operator', 'manager']
  const contacts = roles.map((role) =>
    contactOf({ contactId: role, role, constituent: 'vn-body', email: `${role}@body.example`, channels: ['mail'] }),
  )
  const { stage, mail, owe, pass } = world(contacts)
  mail.answer = ({ address }) => (address.startsWith('operator') ? REFUSED : OK)
  for (const role of roles)
    await owe(noticeOf({ noticeId: `w-${role}`, constituent: 'vn-body', recipientRole: role, contactId: role }))
  await pass(SECOND)
  const last = new Map(stage.written('deliveries').map((delivery) => [delivery.recipientRole, delivery]))
  assert.equal(last.get('unit-in-charge')?.state, 'delivered')
  assert.equal(last.get('manager')?.state, 'delivered')
  assert.equal(last.get('operator')?.state, 'retrying')
  assert.deepEqual(
    new Set([...last.values()].map(({ noticeId }) => noticeId)),
    new Set(roles.map((role) => `w-${role}`)),
  )
})

test('VN-14.6c a notice with no contact is refused and alarmed at once, and goes out when one is registered', async () => {
  const { stage, mail, contacts, owe, pass } = world([])
  await owe(noticeOf())
  assert.deepEqual(
    stage.written('deliveries').map(({ state, errorCode }) => [state, errorCode]),
    [['refused', 'no_receiver']],
  )
  assert.deepEqual(codes(stage.written('health-events')), ['no_receiver raised'])
  assert.equal(stage.written('health-events')[0]?.level, 'critical')
  contacts.set('officer', contactOf())
  await pass(10 * SECOND)
  assert.equal(mail.sent.length, 1)
  assert.equal(stage.written('deliveries').at(-1)?.state, 'delivered')
  assert.deepEqual(codes(stage.written('health-events')), ['no_receiver raised', 'no_receiver cleared'])
})

test('a contact whose every address is unusable counts as no receiver', async () => {
  const { stage, owe, pass } = world([contactOf({ email: null, webhook: null })])
  await owe(noticeOf())
  await pass(SECOND)
  assert.deepEqual(codes(stage.written('health-events')), ['no_receiver raised'])
})

test('XC-11 an exercise goes to test contacts only, and they get nothing else', async () => {
  const live = contactOf()
  const drill = contactOf({ contactId: 'drill', email: 'drill@ministry.example', test: true })
  const { mail, owe, pass } = world([live, drill])
  await owe(noticeOf({ noticeId: 'drill-1', exercise: true }))
  await owe(noticeOf({ noticeId: 'drill-2', exercise: true, contactId: 'officer' }))
  await owe(noticeOf({ noticeId: 'live-1' }))
  await owe(noticeOf({ noticeId: 'live-2', contactId: 'drill' }))
  await pass(SECOND)
  assert.deepEqual(
    mail.sent.map(({ notice, address }) => `${notice.noticeId} ${address}`),
    [
      'drill-1 drill@ministry.example',
      'drill-2 drill@ministry.example',
      'live-1 officer@ministry.example',
      'live-2 officer@ministry.example',
    ],
  )
})

test('XC-11 an exercise without a test contact is refused rather than sent to a live one', async () => {
  const { stage, mail, owe, pass } = world([contactOf()])
  await owe(noticeOf({ exercise: true, contactId: 'officer' }))
  await pass(MINUTE, SECOND)
  assert.equal(mail.sent.length, 0)
  assert.equal(stage.written('deliveries')[0]?.errorCode, 'no_receiver')
})

test('a contact that is withdrawn, not yet valid or no longer valid gets nothing', async () => {
  const { mail, owe, pass } = world([
    contactOf({ contactId: 'gone', deleted: true }),
    contactOf({ contactId: 'later', validFrom: T0 + MINUTE }),
    contactOf({ contactId: 'former', validTo: T0 }),
    contactOf({ contactId: 'present', email: 'present@ministry.example' }),
  ])
  await owe(noticeOf())
  await pass(SECOND)
  assert.deepEqual(
    mail.sent.map(({ address }) => address),
    ['present@ministry.example'],
  )
})

test('of several contacts those who read the language of the notice get it', async () => {
  const { mail, owe, pass } = world([
    contactOf({ contactId: 'kk', language: 'kk', email: 'kk@ministry.example' }),
    contactOf({ contactId: 'ru', language: 'ru', email: 'ru@ministry.example' }),
  ])
  await owe(noticeOf({ language: 'kk' }))
  await pass(SECOND)
  assert.deepEqual(
    mail.sent.map(({ address }) => address),
    ['kk@ministry.example'],
  )
})

test('an undelivered notice alarms the shift at its due time once, is tried on, and the alarm is cleared', async () => {
  const { stage, mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  mail.answer = () => REFUSED
  await owe(noticeOf())
  await owe(noticeOf({ noticeId: 'n2' }))
  await pass(29 * MINUTE, SECOND)
  assert.deepEqual(stage.written('health-events'), [])
  await pass(60 * MINUTE, SECOND)
  assert.deepEqual(codes(stage.written('health-events')), ['notice_not_delivered raised'])
  const before = mail.sent.length
  mail.answer = () => OK
  await pass(6 * MINUTE, SECOND)
  assert.ok(mail.sent.length > before)
  assert.deepEqual(codes(stage.written('health-events')), [
    'notice_not_delivered raised',
    'notice_not_delivered cleared',
  ])
})

test('a notice about an alarm of the notifier itself raises no further alarm', async () => {
  const { stage, owe, pass } = world([])
  await owe(noticeOf({ caseId: null, fields: { service: 'notifier', code: 'notice_not_delivered' } }))
  await pass(60 * MINUTE, 10 * SECOND)
  assert.deepEqual(stage.written('health-events'), [])
  assert.equal(stage.written('deliveries')[0]?.state, 'refused')
})

test('a notice is given up after seven days only, and loudly', async () => {
  const { stage, mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  mail.answer = () => REFUSED
  await owe(noticeOf())
  await pass(7 * 24 * 60 * MINUTE + 10 * MINUTE, 5 * MINUTE)
  assert.equal(stage.written('deliveries').at(-1)?.state, 'expired')
  assert.ok(codes(stage.written('health-events')).includes('notice_expired raised'))
  const attempts = mail.sent.length
  await pass(60 * MINUTE, 5 * MINUTE)
  assert.equal(mail.sent.length, attempts)
})

test('the same notice again is recognised, also after a crash', async () => {
  const { stage, mail, owe, pass } = world([contactOf()])
  await owe(noticeOf())
  await pass(SECOND)
  await owe(noticeOf())
  stage.crash()
  await owe(noticeOf())
  await pass(10 * SECOND)
  assert.equal(mail.sent.length, 1)
})

test('a crash between the effect and its record repeats the attempt under the same delivery id', async () => {
  const { stage, mail, owe, pass } = world([contactOf({ channels: ['mail'] })])
  let answerFirst = (): void => {}
  mail.answer = () =>
    new Promise((resolve) => {
      answerFirst = () => resolve(OK)
    })
  await owe(noticeOf())
  await pass(SECOND)
  stage.crash()
  answerFirst()
  mail.answer = () => OK
  await pass(SECOND)
  assert.equal(mail.sent.length, 2)
  assert.equal(stage.written('deliveries').length, 1)
  assert.equal(stage.written('deliveries')[0]?.attempt, 1)
})

test('a corrected address is used at the next attempt', async () => {
  const { mail, contacts, owe, pass } = world([contactOf({ channels: ['mail'] })])
  mail.answer = ({ address }) => (address.startsWith('officer') ? REFUSED : OK)
  await owe(noticeOf())
  await pass(SECOND)
  contacts.set('officer', contactOf({ channels: ['mail'], email: 'new@ministry.example' }))
  await pass(6 * SECOND)
  assert.equal(mail.sent.at(-1)?.address, 'new@ministry.example')
})

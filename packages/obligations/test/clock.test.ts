import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CaseFacts, clocksOf, due, loadPack, nextDue } from '../src/index.ts'
import { at, pack, packFiles } from './packs.ts'

const kz = pack('kz-order-199')
const T0 = at('2026-11-20T16:00:00Z')
const MINUTE = 60_000

const event = (more: CaseFacts['facts'] = []): CaseFacts => ({
  caseId: 'kz-1',
  constituent: 'mof',
  kind: 'event',
  attributes: {},
  facts: [{ name: 'detectedAt', at: T0 }, ...more],
})

test('C1 an outage over the whole half hour fires the alarm and the breach at once and says how late', () => {
  const { owed } = due(kz, event(), new Set(), T0 + 45 * MINUTE)
  const late = owed.filter((each) => each.clockKey === 'C1/event').map((each) => [each.what, each.lateMs / MINUTE])
  assert.deepEqual(late, [
    ['started', 45],
    ['warned', 25],
    ['breached', 15],
  ])
})

test('C1 a proof that becomes known late but lies in time takes the breach back', () => {
  const first = due(kz, event(), new Set(), T0 + 31 * MINUTE)
  const breach = first.owed.find((each) => each.what === 'breached')
  const recorded = new Set(first.owed.map((each) => each.eventId))
  const proof = {
    name: 'delivery',
    at: T0 + 29 * MINUTE,
    role: 'constituent',
    proof: 'delivered',
    clocks: ['C1/event'],
  } as const
  const second = due(kz, event([proof]), recorded, T0 + 32 * MINUTE)
  assert.deepEqual(second.withdrawn, [breach?.eventId])
  assert.deepEqual(
    second.owed.map((each) => each.what),
    ['met', 'started'],
  )
})

test('C4 a closure that is reopened makes the clock run on from its first start', () => {
  const closed = at('2026-11-21T16:00:00Z')
  const incident: CaseFacts = {
    ...event([
      { name: 'promotedAt', at: T0 },
      { name: 'consequencesEliminatedAt', at: closed },
      { name: 'causesEliminatedAt', at: closed, withdrawnAt: closed + 60 * MINUTE },
    ]),
    kind: 'incident',
  }
  const c4 = (now: number) => clocksOf(kz, incident, now).find((clock) => clock.clockId === 'C4')
  assert.equal(c4(closed + MINUTE)?.state, 'met')
  assert.equal(c4(closed + 61 * MINUTE)?.state, 'running')
  assert.equal(c4(closed + 61 * MINUTE)?.startAt, T0)
  assert.equal(c4(T0 + 48 * 60 * MINUTE)?.state, 'breached')
})

test('C3 the clock names the fact and the record that started and met it', () => {
  const clocks = clocksOf(
    kz,
    event([
      { name: 'delivery', at: T0 + MINUTE, role: 'constituent', proof: 'delivered', clocks: ['C1/event'], ref: 'd-1' },
      { name: 'analysisReceivedAt', at: T0 + 2 * MINUTE, ref: 'cmd-7' },
    ]),
    T0 + 3 * MINUTE,
  )
  const c3 = clocks.find((clock) => clock.clockId === 'C3')
  assert.deepEqual(
    [c3?.startMoment, c3?.startAt, c3?.dueAt, c3?.state, c3?.metBy, c3?.metProof],
    [
      'delivery to constituent (delivered)',
      T0 + MINUTE,
      T0 + MINUTE + 48 * 60 * MINUTE,
      'met',
      'analysisReceivedAt',
      'cmd-7',
    ],
  )
})

test('no clock pauses unless the pack declares it, and a declared pause moves the due instant by its length', () => {
  const text = packFiles('kz-order-199').get('pack.yaml') ?? ''
  const anchor = '    met: { allOf: [causesEliminatedAt, consequencesEliminatedAt] }\n'
  assert.ok(text.includes(anchor))
  const loaded = loadPack(
    text.replace(anchor, `${anchor}    pauses: [{ from: handledAt, to: closedAt, reason: test }]\n`),
    'pack.yaml',
  )
  assert.ok(loaded.ok)
  const incident: CaseFacts = {
    ...event([
      { name: 'handledAt', at: T0 + 10 * MINUTE },
      { name: 'closedAt', at: T0 + 70 * MINUTE },
    ]),
    kind: 'incident',
  }
  const dueOf = (law: typeof kz) =>
    clocksOf(law, incident, T0 + 80 * MINUTE).find((clock) => clock.clockId === 'C4')?.dueAt
  assert.equal(dueOf(kz), T0 + 48 * 60 * MINUTE)
  assert.equal(dueOf(loaded.pack), T0 + 49 * 60 * MINUTE)
})

test('the next wake-up over many cases is the earliest alarm', () => {
  const cases = [
    { pack: kz, subject: event() },
    { pack: kz, subject: { ...event(), facts: [{ name: 'detectedAt', at: T0 - 5 * MINUTE }] } },
  ]
  assert.equal(nextDue(cases, T0), T0 + 15 * MINUTE)
  assert.equal(nextDue([], T0), null)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Report } from '@tocsin/events'
import { harnessOf } from '@tocsin/stage/testing'
import { type ReportOrder, reportIdOf } from '../src/produce.ts'
import { reporter } from '../src/reporter.ts'
import { sourcesOf, vietnam } from './report-world.ts'
import { body, countOf, DAY, DAY0, detectionOf, HOUR, MINUTE, pack, world } from './world.ts'

function recordOf(order: ReportOrder): Report {
  const { template, from, to, languages, revision, createdAt, dueAt, missedAt } = order
  return {
    reportId: reportIdOf(order),
    kind: template.id,
    pack: pack.id,
    constituent: order.constituent?.constituentId ?? '*',
    from,
    to,
    revision,
    exercise: false,
    language: languages[0] ?? 'en',
    createdAt,
    dueAt,
    files: [{ path: 'vn-daily/a.pdf', mime: 'application/pdf', bytes: 1, sha256: 'ab' }],
    totals: {},
    template: '',
    packVersion: '',
    dataSha256: '',
    missedAt,
  }
}

function open(make: (order: ReportOrder) => Promise<Report> = async (order) => recordOf(order)) {
  const orders: ReportOrder[] = []
  const desk = {
    ...sourcesOf(),
    packs: [vietnam],
    settleAfterMs: 10 * MINUTE,
    constituents: () => [body, { ...body, constituentId: 'centre', roles: ['centre'] }],
    make: (order: ReportOrder) => {
      orders.push(order)
      return make(order)
    },
    draftAfterMs: 10 * MINUTE,
  }
  const stage = harnessOf(reporter(world, desk), DAY0 + HOUR)
  /** Ticks every minute, so that what runs beside the loop ends. */
  const pass = async (fromMs: number, toMs: number, stepMs = MINUTE) => {
    for (let at = fromMs; at <= toMs; at += stepMs) {
      await stage.tick(at)
      for (let turns = 0; turns < 5; turns++) await turn()
    }
  }
  return { stage, orders, pass }
}

const started = async () => {
  const opened = open()
  await opened.stage.give('source-counts', 'vn-web', countOf({ minute: DAY0, received: 1, accepted: 1 }))
  return opened
}

test('VN-5.3a-2 the report of a local day is made after its end, once, and owed to the unit in charge and the operator by 08:00', async () => {
  const { stage, orders: all, pass } = await started()
  const daily = () => all.filter(({ template }) => template.id === 'vn-daily')
  await pass(DAY0 + HOUR, DAY0 + DAY + 9 * MINUTE, 10 * MINUTE)
  assert.equal(daily().length, 0, 'not before the wait is over')
  await pass(DAY0 + DAY + 10 * MINUTE, DAY0 + DAY + 8 * HOUR)
  assert.deepEqual(
    daily().map(({ template, from, to, languages, missedAt }) => [template.id, from, to, languages[0], missedAt]),
    [['vn-daily', DAY0, DAY0 + DAY, 'vi', null]],
  )
  assert.equal(stage.written('reports').filter(({ kind }) => kind === 'vn-daily').length, 1)
  const notices = stage.written('notices').filter(({ fields }) => fields['kind'] === 'vn-daily')
  assert.deepEqual(new Set(notices.map(({ recipientRole }) => recipientRole)), new Set(['unit-in-charge', 'operator']))
  for (const notice of notices) {
    assert.equal(notice.dueAt, DAY0 + DAY + 8 * HOUR)
    assert.deepEqual(notice.attachments, ['vn-daily/a.pdf'])
  }
})

test('a reporter that was away makes up for the days it missed', async () => {
  const { orders, pass, stage } = await started()
  await pass(DAY0 + HOUR, DAY0 + 2 * HOUR)
  stage.crash()
  await pass(DAY0 + 3 * DAY + HOUR, DAY0 + 3 * DAY + HOUR + 20 * MINUTE)
  assert.deepEqual(
    orders.filter(({ template }) => template.id === 'vn-daily').map(({ from }) => (from - DAY0) / DAY),
    [0, 1, 2],
  )
  const missed = orders.filter(({ template }) => template.id === 'vn-daily').map(({ missedAt }) => missedAt)
  assert.deepEqual(missed, [DAY0 + DAY, DAY0 + 2 * DAY, null], 'and says so of those that are late')
})

test('a report that cannot be written is alarmed once, tried again, and made when it can be', async () => {
  let isFull = true
  const { stage, pass } = open(async (order) => {
    if (isFull) throw new Error('ENOSPC')
    return recordOf(order)
  })
  await stage.give('source-counts', 'vn-web', countOf({ minute: DAY0, received: 0 }))
  await pass(DAY0 + HOUR, DAY0 + HOUR)
  await pass(DAY0 + DAY + 10 * MINUTE, DAY0 + DAY + 30 * MINUTE)
  const alarms = () => stage.written('health-events').filter(({ code }) => code === 'report_failed')
  assert.deepEqual(
    alarms().map(({ state }) => state),
    ['raised'],
  )
  isFull = false
  await pass(DAY0 + DAY + 31 * MINUTE, DAY0 + DAY + 40 * MINUTE)
  assert.deepEqual(
    alarms().map(({ state }) => state),
    ['raised', 'cleared'],
  )
  assert.equal(stage.written('reports').length, 1)
})

test('facts go out with the batch that changed them and go on after a crash', async () => {
  const { stage } = open()
  await stage.give('detections', 'vn-portal', detectionOf())
  stage.crash()
  await stage.give('detections', 'vn-portal', detectionOf({ detectionId: 'd2' }))
  await stage.give('detections', 'vn-portal', detectionOf({ detectionId: 'd2', revision: 1 }))
  const facts = stage.written('daily-facts').filter(({ name }) => name === 'detections')
  assert.deepEqual(
    facts.map(({ value }) => value),
    [1, 2],
  )
  assert.equal(new Set(facts.map(({ factId }) => factId)).size, 1)
})

test('an imbalance of the counts goes out as a health event of its constituent', async () => {
  const { stage, pass } = open()
  await stage.give('source-counts', 'vn-web', countOf({ received: 5, accepted: 5 }))
  await pass(DAY0 + HOUR, DAY0 + HOUR + 5 * MINUTE, 10_000)
  const [event] = stage.written('health-events')
  assert.deepEqual([event?.code, event?.constituent, event?.sourceId], ['counts_disagree', 'vn-portal', 'vn-web'])
})

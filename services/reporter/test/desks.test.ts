import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { DailyFact, Delivery, RegistrySystem, Report } from '@tocsin/events'
import { dayOf, inForce } from '@tocsin/obligations'
import { harnessOf } from '@tocsin/stage/testing'
import { type ReportOrder, reportIdOf } from '../src/produce.ts'
import { releasedNotices } from '../src/release-command.ts'
import { reporter } from '../src/reporter.ts'
import type { ReportPack } from '../src/schedule.ts'
import { contactOf, kazakhstan, sourcesOf, vietnam } from './report-world.ts'
import { fullSystem, kzBodies, QUARTER, reportOf } from './rich-world.ts'
import { body, countOf, DAY, DAY0, HOUR, MINUTE, world } from './world.ts'

function recordOf(order: ReportOrder): Report {
  const { template, pack, constituent, from, to, revision, createdAt, dueAt, missedAt } = order
  return reportOf({
    reportId: reportIdOf(order),
    kind: template.id,
    pack: pack.id,
    constituent: constituent?.constituentId ?? '*',
    from,
    to,
    revision,
    createdAt,
    dueAt,
    missedAt,
    template: `${template.id}@${template.version}`,
    packVersion: pack.version,
    files: [{ path: `${template.id}.pdf`, mime: 'application/pdf', bytes: 1, sha256: 'ab' }],
  })
}

interface Opened {
  packs: readonly ReportPack[]
  bodies?: readonly (typeof body)[]
  systems?: () => Iterable<RegistrySystem>
  contacts?: ReturnType<typeof contactOf>[]
}

/** The stage with its desks at an instant; facts that it wrote are there for it to read, as the topic is. */
async function open({ packs, bodies = [body], systems = () => [], contacts = [] }: Opened, startMs: number) {
  const orders: ReportOrder[] = []
  const parts = {
    ...sourcesOf({ contacts }),
    facts: (): Iterable<DailyFact> => new Map(stage.written('daily-facts').map((fact) => [fact.factId, fact])).values(),
    packs,
    systems,
    constituents: () => bodies,
    make: (order: ReportOrder) => {
      orders.push(order)
      return Promise.resolve(recordOf(order))
    },
    draftAfterMs: 10 * MINUTE,
    settleAfterMs: 10 * MINUTE,
  }
  const stage = harnessOf(reporter(world, parts), startMs)
  await stage.give('source-counts', 'vn-web', countOf({ minute: startMs, received: 0 }))
  const pass = async (fromMs: number, toMs: number, stepMs: number) => {
    for (let at = fromMs; at <= toMs; at += stepMs)
      for (let ticks = 0; ticks < 4; ticks++) {
        await stage.tick(at + ticks * 31_000)
        for (let turns = 0; turns < 3; turns++) await turn()
      }
  }
  return { stage, orders, pass }
}

const nsc = [
  contactOf({ contactId: 'nsc', constituent: 'centre', role: 'nsc', language: 'ru', channels: [] }),
  contactOf({ contactId: 'auth', constituent: 'centre', role: 'authorized-body', language: 'ru', channels: [] }),
  contactOf({ contactId: 'shift', constituent: 'centre', role: 'shift', language: 'ru', channels: [] }),
]

function deliveryOf(over: Partial<Delivery>): Delivery {
  const fields: Partial<Delivery> = {
    deliveryId: 'd',
    caseId: null,
    constituent: 'centre',
    exercise: false,
    channel: 'mail',
    state: 'delivered',
    clockId: 'C6/period',
    ...over,
  }
  return fields as Delivery
}

describe('the quarter of Kazakhstan', () => {
  test('C6 when the quarter has ended one national summary is made in both languages and owed to the NSC by day 10', async () => {
    const { stage, orders, pass } = await open(
      { packs: [kazakhstan], bodies: kzBodies, contacts: nsc },
      QUARTER.to - 2 * DAY,
    )
    await pass(QUARTER.to - DAY, QUARTER.to + HOUR, HOUR)
    const made = orders.filter(({ template }) => template.id === 'kz-quarterly-nsc')
    assert.deepEqual(
      made.map(({ constituent, languages, from, to, missedAt }) => [constituent, languages, from, to, missedAt]),
      [[null, ['kk', 'ru'], QUARTER.from, QUARTER.to, null]],
    )
    const notices = stage.written('notices').filter(({ fields }) => fields['kind'] === 'kz-quarterly-nsc')
    assert.deepEqual(
      notices.map(({ recipientRole, constituent, dueAt, attachments }) => [
        recipientRole,
        constituent,
        dueAt,
        attachments,
      ]),
      [['nsc', 'centre', QUARTER.to + 10 * DAY, ['kz-quarterly-nsc.pdf']]],
    )
  })

  test('C6 the shift is reminded three days before, and the NSC’s proven delivery ends it; without one it is overdue when day 10 ends', async () => {
    for (const isDelivered of [true, false]) {
      const { stage, pass } = await open({ packs: [kazakhstan], bodies: kzBodies, contacts: nsc }, QUARTER.to - 2 * DAY)
      await pass(QUARTER.to - DAY, QUARTER.to + HOUR, HOUR)
      const own = stage.written('notices').find(({ fields }) => fields['kind'] === 'kz-quarterly-nsc')
      await pass(QUARTER.to + 6 * DAY, QUARTER.to + 8 * DAY, 6 * HOUR)
      const reminders = () => stage.written('notices').filter(({ fields }) => fields['clock'] === 'C6/period')
      assert.deepEqual(
        reminders().map(({ recipientRole, purpose }) => [recipientRole, purpose]),
        [['shift', 'warn']],
      )
      if (isDelivered)
        await stage.give(
          'deliveries',
          'centre',
          deliveryOf({ noticeId: own?.noticeId ?? '', recipientRole: 'nsc', at: QUARTER.to + 8 * DAY }),
        )
      stage.crash()
      await pass(QUARTER.to + 9 * DAY, QUARTER.to + 11 * DAY, 6 * HOUR)
      const overdue = stage.written('health-events').filter(({ code }) => code === 'report_overdue')
      assert.equal(reminders().length, isDelivered ? 1 : 2)
      assert.deepEqual(
        overdue.filter(({ message }) => message.includes('kz-quarterly-nsc')).map(({ state }) => state),
        isDelivered ? [] : ['raised'],
      )
    }
  })

  test('C7 is drafted for the NSC, who sends it in its own name; the authorized body gets nothing from us; overdue when day 20 ends', async () => {
    const { stage, pass } = await open({ packs: [kazakhstan], bodies: kzBodies, contacts: nsc }, QUARTER.to - 2 * DAY)
    await pass(QUARTER.to - DAY, QUARTER.to + HOUR, HOUR)
    const drafts = stage.written('notices').filter(({ fields }) => fields['kind'] === 'kz-quarterly-authorized-body')
    assert.deepEqual(
      drafts.map(({ recipientRole, dueAt }) => [recipientRole, dueAt]),
      [['nsc', QUARTER.to + 20 * DAY]],
    )
    const sent = releasedNotices(
      [kazakhstan],
      stage.written('reports'),
      'kz-quarterly-authorized-body',
      dayOf('2026-07-01') ?? 0,
      'A. A.',
      QUARTER.to + DAY,
    )
    assert.deepEqual(
      sent.map(({ value }) => [value.recipientRole, value.fields['releasedBy'], value.clockId]),
      [['authorized-body', 'A. A.', 'C7/period']],
    )
    assert.throws(() => releasedNotices([kazakhstan], [], 'kz-quarterly-authorized-body', 0, 'A. A.', 0), {
      code: 'no_draft',
    })
    await pass(QUARTER.to + 16 * DAY, QUARTER.to + 21 * DAY, 6 * HOUR)
    const told = stage.written('notices').filter(({ fields }) => fields['clock'] === 'C7/period')
    assert.deepEqual(
      told.map(({ recipientRole, purpose }) => [recipientRole, purpose]),
      [
        ['nsc', 'remind'],
        ['nsc', 'remind'],
      ],
    )
    assert.ok(
      stage
        .written('health-events')
        .some(({ code, message }) => code === 'report_overdue' && message.includes('kz-quarterly-authorized-body')),
    )
  })
})

test('VN-5.3i-1 the monthly provision leaves on schedule to the Ministry; one that nobody proves delivered raises an alarm', async () => {
  const start = Date.UTC(2026, 1, 27, 17)
  const { stage, orders, pass } = await open({ packs: [vietnam] }, start)
  await pass(start + HOUR, DAY0 + HOUR, 6 * HOUR)
  await pass(DAY0 + HOUR, DAY0 + 6 * DAY, 6 * HOUR)
  const made = orders.filter(({ template }) => template.id === 'vn-provision')
  assert.equal(made.length, 1)
  const owed = stage.written('notices').filter(({ fields }) => fields['kind'] === 'vn-provision')
  assert.deepEqual(
    owed.map(({ recipientRole, dueAt }) => [recipientRole, dueAt]),
    [['ministry', DAY0 + 5 * DAY]],
  )
  const alarms = stage.written('health-events').filter(({ code }) => code === 'report_overdue')
  assert.ok(alarms.some(({ message }) => message.includes('vn-provision')))
})

test('VN-5.3k, VN-14.4 the half-year is drafted on the first day after it and owed to the Ministry in ten working days, holidays left out', async () => {
  const vn = (date: string): number => Date.parse(`${date}T00:00:00+07:00`)
  for (const [from, to, dueAt] of [
    ['2026-01-01', '2026-07-01', '2026-07-15'],
    // 1 January 2027 is a Friday, and a holiday.
    ['2026-07-01', '2027-01-01', '2027-01-16'],
  ] as const) {
    const { stage, orders, pass } = await open({ packs: [vietnam] }, vn(to) - 2 * DAY)
    await pass(vn(to) - DAY, vn(to) + HOUR, HOUR)
    const made = orders.filter(({ template }) => template.id === 'vn-six-month')
    assert.deepEqual(
      made.map((order) => [order.from, order.to]),
      [[vn(from), vn(to)]],
    )
    const owed = stage.written('notices').filter(({ fields }) => fields['kind'] === 'vn-six-month')
    assert.deepEqual(
      owed.map((notice) => [notice.recipientRole, notice.dueAt]),
      [['ministry', vn(dueAt)]],
    )
  }
})

test('XC-2 two versions of a pack stand beside each other: a period has the template and the law in force when it began', async () => {
  const change = DAY0 + 2 * DAY
  const older: ReportPack = { ...vietnam, pack: { ...vietnam.pack, inForceTo: change } }
  const newer: ReportPack = {
    pack: { ...vietnam.pack, version: '2.0.0', inForceFrom: change },
    templates: vietnam.templates.map((template) => ({ ...template, version: '2.0.0' })),
  }
  assert.ok(inForce(older.pack, DAY0) && !inForce(newer.pack, DAY0))
  const { stage, pass } = await open({ packs: [older, newer] }, DAY0 + HOUR)
  await pass(DAY0 + 2 * HOUR, DAY0 + 4 * DAY + 3 * HOUR, 6 * HOUR)
  const daily = stage.written('reports').filter(({ kind }) => kind === 'vn-daily')
  assert.deepEqual(
    daily.map(({ from, template, packVersion }) => [(from - DAY0) / DAY, template, packVersion]),
    [
      [0, 'vn-daily@1.0.0', vietnam.pack.version],
      [1, 'vn-daily@1.0.0', vietnam.pack.version],
      [2, 'vn-daily@2.0.0', '2.0.0'],
      [3, 'vn-daily@2.0.0', '2.0.0'],
    ],
  )
})

test('VN-5.3g an edited address makes a new version of Appendix 1 with what it was before, owed to the Ministry; a blank field keeps it back', async () => {
  let system = fullSystem()
  const { stage, orders, pass } = await open(
    { packs: [vietnam], systems: () => [system], contacts: [contactOf()] },
    DAY0 + HOUR,
  )
  const forms = () => orders.filter(({ template }) => template.id === 'vn-appendix-1')
  await pass(DAY0 + HOUR, DAY0 + 2 * HOUR, 5 * MINUTE)
  assert.deepEqual(
    forms().map(({ revision }) => revision),
    [1],
  )
  system = fullSystem({ ips: ['192.0.2.77'] })
  await pass(DAY0 + 3 * HOUR, DAY0 + 3 * HOUR, MINUTE)
  assert.equal(forms().length, 1, 'not before the registry is quiet')
  stage.crash()
  await pass(DAY0 + 3 * HOUR + 5 * MINUTE, DAY0 + 4 * HOUR, 5 * MINUTE)
  assert.deepEqual(
    forms().map(({ revision, former }) => [revision, former?.version, former?.values['vn-system.ips']]),
    [
      [1, undefined, undefined],
      [2, 1, '192.0.2.1, 2001:db8::1'],
    ],
  )
  const owed = stage.written('notices').filter(({ fields }) => fields['kind'] === 'vn-appendix-1')
  assert.deepEqual(
    owed.map(({ recipientRole, requirementIds }) => [recipientRole, requirementIds]),
    [
      ['ministry', ['VN-5.3g']],
      ['ministry', ['VN-5.3g']],
    ],
  )
  system = fullSystem({ os: [] })
  await pass(DAY0 + 5 * HOUR, DAY0 + 6 * HOUR, 5 * MINUTE)
  assert.equal(forms().length, 2)
  const blank = stage.written('health-events').filter(({ code }) => code === 'form_incomplete')
  assert.deepEqual(
    blank.map(({ state }) => state),
    ['raised'],
  )
  assert.match(blank[0]?.message ?? '', /A1-5 vn-system\.os/)
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { outputOf } from '../src/outputs/index.ts'
import { missingIn, type Required, textOf } from './documents.ts'
import { kazakhstan, made, orderOf, taiwan } from './report-world.ts'
import { assetOf, kzBodies, kzQuarter, QUARTER } from './rich-world.ts'
import { HOUR } from './world.ts'

const FORMS = ['html', 'docx', 'xlsx', 'csv'] as const
const summary = (language: 'kk' | 'ru', given = kzQuarter()) =>
  made(orderOf(kazakhstan, 'kz-quarterly-nsc', QUARTER.from, QUARTER.to), given, language)
const onlyIncidents = (language: 'kk' | 'ru', given = kzQuarter()) =>
  made(orderOf(kazakhstan, 'kz-quarterly-authorized-body', QUARTER.from, QUARTER.to), given, language)

describe('the quarterly summaries of Kazakhstan', () => {
  test('KZ-13 four blocks and a table by state body, in Kazakh and Russian, in every form; the totals are those of the cases', async () => {
    for (const [language, title, body] of [
      ['kk', 'Анықталған АҚ қатерлері', 'Үлгі министрлігі'],
      ['ru', 'Выявленные угрозы ИБ', 'Министерство образца'],
    ] as const) {
      const report = summary(language)
      assert.equal(report.document.sections[1]?.title, `1. ${title}`)
      const wanted: Required[] = [
        { item: 'threats', section: 1, texts: ['3'] },
        { item: 'events', section: 2, texts: ['3'] },
        { item: 'incidents', section: 3, texts: ['3'] },
        { item: 'measures', section: 4, texts: ['Учётная запись заблокирована', 'МЕРА-УГРОЗЫ', 'МЕРА-СОБЫТИЯ'] },
        { item: 'bodies', section: 5, texts: [body] },
        { item: 'overdue', section: 6, texts: ['KZ-2026-000005', 'C3'] },
      ]
      const titles = report.document.sections.map((section) => section.title)
      for (const form of FORMS)
        assert.deepEqual(missingIn(form, await outputOf(form, report), titles, wanted), [], form)
      assert.deepEqual(report.totals, {
        threats: 3,
        events: 3,
        incidents: 3,
        incidentsOpen: 3,
        measures: 9,
        clocksBreached: 0,
      })
    }
  })

  test('KZ-13, XC-9 both languages have one hash of the data, and the parts add up', () => {
    assert.equal(summary('kk').dataSha256, summary('ru').dataSha256)
    const table = summary('ru').document.sections[5]?.parts[0]
    assert.ok(table?.part === 'table' && table.total !== undefined)
    const value = (cell: unknown): number =>
      typeof cell === 'object' && cell !== null && 'figure' in cell ? (cell.figure as number) : 0
    for (const [column, total] of table.total.entries())
      assert.equal(
        table.rows.reduce((sum, row) => sum + value(row[column]), 0),
        value(total),
      )
  })

  test('KZ-14 the summary for the authorized body holds incidents and measures alone: nothing of an event or a threat is in any form', async () => {
    for (const language of ['kk', 'ru'] as const) {
      const report = onlyIncidents(language)
      assert.deepEqual(report.totals, { incidents: 3, incidentsOpen: 3, measures: 3 })
      for (const form of FORMS) {
        const text = textOf(form, await outputOf(form, report))
        assert.ok(text.includes('Учётная запись заблокирована'), form)
        for (const foreign of [
          'ТОЛЬКО-УГРОЗА',
          'ТОЛЬКО-СОБЫТИЕ',
          'МЕРА-УГРОЗЫ',
          'МЕРА-СОБЫТИЯ',
          'KZ-2026-000000',
          'KZ-2026-000001',
        ])
          assert.ok(!text.includes(foreign), `${form}: ${foreign}`)
      }
      const proof = (await outputOf('json', report)).toString()
      assert.ok(!proof.includes('threat') && !proof.includes('"event"'))
    }
  })

  test('KZ-14 it is the same whether or not there were events and threats', () => {
    const given = kzQuarter()
    const alone = { ...given, incidents: (given.incidents ?? []).filter(({ kind }) => kind === 'incident') }
    assert.equal(onlyIncidents('ru', alone).dataSha256, onlyIncidents('ru').dataSha256)
  })

  test('a body that has not given what is asked each quarter is listed', () => {
    const request = {
      requestId: 'r1',
      kind: 'object-information',
      constituent: 'kz-b',
      scheduleId: 'C5',
      subject: 'Сведения об объекте за III квартал',
      createdAt: QUARTER.from + HOUR,
      dueAt: QUARTER.to,
      answeredAt: null,
      state: 'overdue',
      exercise: false,
    }
    const given = {
      ...kzQuarter(),
      requests: [
        request as never,
        { ...request, requestId: 'r2', constituent: 'kz-a', answeredAt: QUARTER.from + 2 * HOUR } as never,
      ],
    }
    const table = summary('ru', given).document.sections[6]?.parts[1]
    assert.ok(table?.part === 'table')
    assert.deepEqual(
      table.rows.map(([body]) => body),
      ['Агентство образца'],
    )
  })
})

test('KZ-A the appendix has two sections of eight columns, rows numbered from one, without other bodies', async () => {
  const order = orderOf(kazakhstan, 'kz-asset-appendix', QUARTER.to, QUARTER.to, { constituent: kzBodies[0] ?? null })
  const assets = [
    assetOf({}),
    assetOf({ assetId: 'a2', ip: '10.0.0.6', hostname: 'ws-18' }),
    assetOf({ assetId: 'a3', circuit: 'outer', ip: '192.0.2.8', hostname: 'srv-1' }),
    assetOf({ assetId: 'a4', constituent: 'kz-b', hostname: 'foreign' }),
    assetOf({ assetId: 'a5', ip: '10.0.0.9', hostname: 'gone', validTo: QUARTER.from }),
  ]
  const { document } = made(order, { constituents: kzBodies, assets }, 'ru')
  const tables = document.sections.flatMap(({ parts }) => parts.filter((part) => part.part === 'table')).slice(-2)
  assert.deepEqual(
    tables.map((table) => table.rows.map((row) => [row[0], row[5]])),
    [
      [
        ['1', 'ws-17'],
        ['2', 'ws-18'],
      ],
      [['1', 'srv-1']],
    ],
  )
  assert.deepEqual(tables[0]?.rows[0], [
    '1',
    'Министерство образца',
    'Бухгалтерия',
    '3, 314',
    'Ахметов А. Б.',
    'ws-17',
    '10.0.0.5',
    'Windows 11 24H2',
  ])
})

test('TW-3.3 the half-year shows tickets by agency and state, those after an hour apart, and says that device status is a stub', async () => {
  const from = Date.UTC(2025, 11, 31, 16)
  const to = Date.UTC(2026, 5, 30, 16)
  const agency = {
    ...(kzBodies[0] as NonNullable<(typeof kzBodies)[0]>),
    pack: 'tw-soc-1.3',
    names: { 'zh-Hant': '範例機關' },
  }
  const ticket = (n: number, state: string, afterMs: number, exercise = false) => ({
    ticketId: `T${n}`,
    caseId: `c${n}`,
    constituent: agency.constituentId,
    profile: 'tw-nccst-1.3',
    exercise,
    issuedAt: from + n * HOUR,
    firstRecordAt: from + n * HOUR,
    state,
    stateAt: from + n * HOUR + afterMs,
  })
  const tickets = [
    ticket(1, 'uploaded', 60_000),
    ticket(2, 'uploaded', 2 * HOUR),
    ticket(3, 'quarantined', 0),
    ticket(4, 'uploaded', 0, true),
  ]
  const report = made(orderOf(taiwan, 'tw-half-year', from, to), { constituents: [agency], tickets })
  const [table, delays] = [report.document.sections[1]?.parts[0], report.document.sections[2]?.parts[0]]
  assert.ok(table?.part === 'table' && delays?.part === 'fields')
  assert.deepEqual(
    table.total?.slice(1).map((cell) => typeof cell === 'object' && 'figure' in cell && cell.figure),
    [3, 2, 1, 0],
  )
  assert.deepEqual(
    delays.rows.map(([, cell]) => (typeof cell === 'string' ? cell : 'text' in cell && cell.text)),
    ['2', '1', '1'],
  )
  assert.match(textOf('html', await outputOf('html', report)), /非本作業程序要求/)
})

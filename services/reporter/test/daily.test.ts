import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Incident, LANGUAGES, type Language, type RegistrySource } from '@tocsin/events'
import { printPdf } from '@tocsin/print'
import fc from 'fast-check'
import { reportOutput } from '../src/adapters/report-output.ts'
import { labels } from '../src/labels/index.ts'
import { produce, type ReportOrder } from '../src/produce.ts'
import { type FactRecord, recount } from '../src/recount.ts'
import { missingIn, type Required } from './documents.ts'
import { type Given, kazakhstan, made, orderOf as orderFor, pageOf, sourcesOf, vietnam } from './report-world.ts'
import { kzQuarter, MONDAY, QUARTER, WEEK, week } from './rich-world.ts'
import {
  body,
  changeOf,
  clockEventOf,
  countOf,
  DAY,
  DAY0,
  detectionOf,
  HOUR,
  healthOf,
  incidentOf,
  MINUTE,
  sourceOf,
  world,
} from './world.ts'

const CHROMIUM = '/usr/bin/chromium'
const sources: RegistrySource[] = [
  sourceOf(),
  sourceOf({
    sourceId: 'vn-waf',
    name: 'Tường lửa ứng dụng web',
    kind: 'monitoring',
    deviceName: 'waf1 (ModSecurity)',
  }),
]

/** A lively day: every number of the report is something else. */
function story(): { records: FactRecord[]; incidents: Incident[] } {
  const records: FactRecord[] = []
  const incidents: Incident[] = []
  for (let n = 0; n < 9; n++) {
    const detection = detectionOf({
      detectionId: `d${n}`,
      severity: [20, 45, 65, 90][n % 4] ?? 0,
      detectedAt: DAY0 + n * HOUR,
    })
    records.push({
      topic: 'detections',
      value: { ...detection, rsitClass: n % 3 === 0 ? 'malicious-code' : 'intrusion-attempts' },
    })
  }
  for (let n = 0; n < 5; n++)
    records.push({
      topic: 'detections',
      value: detectionOf({ detectionId: `old${n}`, detectedAt: DAY0 - (n + 1) * 20 * HOUR }),
    })
  for (let n = 0; n < 4; n++) {
    const incident = incidentOf({
      caseId: `case-${n}`,
      number: `VN-2026-00000${n}`,
      detectionIds: [`d${n}`],
      kind: n === 3 ? 'event' : 'incident',
      closedAt: n === 0 ? DAY0 + 5 * HOUR : null,
      status: n === 0 ? 'closed' : n === 2 ? 'false-positive' : 'confirmed',
      clocks: [
        {
          clockId: 'VN-5.3e',
          requirementIds: ['VN-5.3e'],
          title: 'result of handling collected',
          startMoment: 'kindSince',
          startAt: DAY0 + HOUR,
          dueAt: DAY0 + (n === 1 ? DAY + HOUR : 2 * HOUR),
          state: 'running',
          metAt: null,
          proof: null,
          recipients: [],
        },
      ],
    })
    incidents.push(incident)
    records.push({ topic: 'incident-changes', value: changeOf(incident, DAY0 + HOUR) })
  }
  for (let minute = 0; minute < 600; minute++)
    records.push({
      topic: 'source-counts',
      value: countOf({ minute: DAY0 + minute * MINUTE, received: 11, accepted: 10, refused: 1 }),
    })
  records.push({ topic: 'clock-events', value: clockEventOf() })
  records.push({ topic: 'clock-events', value: clockEventOf({ clockEventId: 'x', what: 'breached' }) })
  records.push({ topic: 'health-events', value: healthOf() })
  records.push({
    topic: 'health-events',
    value: healthOf({ state: 'cleared', level: 'info', at: DAY0 + 2 * HOUR + 17 * MINUTE }),
  })
  return { records, incidents }
}

function orderOf(language: Language = 'vi'): ReportOrder {
  return orderFor(vietnam, 'vn-daily', DAY0, DAY0 + DAY, { languages: [language] })
}

function stateOf({ records, incidents }: ReturnType<typeof story>) {
  return { facts: recount(world, records, DAY0), incidents, sources }
}

async function report(language: Language = 'vi', from = story(), order = orderOf(language)) {
  const rendered = made(order, stateOf(from), language)
  return { ...rendered, html: await pageOf(rendered) }
}
const textOf = (html: string): string => html.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]+>/g, ' ')

test('VN-D the totals of the daily report equal an independent recount of the records', async () => {
  const { records, incidents } = story()
  const { totals, html } = await report()
  const real = new Set(
    incidents.filter(({ status }) => status === 'false-positive').flatMap(({ detectionIds }) => detectionIds),
  )
  const detected = records.flatMap((record) =>
    record.topic === 'detections' && record.value.detectedAt >= DAY0 && record.value.detectedAt < DAY0 + DAY
      ? [record.value]
      : [],
  )
  assert.equal(totals['detections'], detected.filter(({ detectionId }) => !real.has(detectionId)).length)
  assert.equal(totals['incidents'], 2)
  assert.equal(totals['events'], 1)
  assert.equal(totals['incidentsOpen'], 1)
  assert.equal(totals['linesAccepted'], 6_000)
  assert.equal(totals['clocksMet'], 1)
  assert.equal(totals['clocksBreached'], 1)
  for (const printed of ['VN-2026-000001', '6.000', '600', ' 17 ', 'source_silent', 'QUÁ HẠN', 'Dò mật khẩu SSH'])
    assert.ok(textOf(html).includes(printed), printed)
})

test('VN-D the daily report has period, the three inputs, outages, detections, open incidents and actions due', async () => {
  const text = textOf((await report()).html)
  for (const item of [
    'Thời gian giám sát',
    '01/03/2026 00:00 – 02/03/2026 00:00',
    'Máy chủ web có ứng dụng web',
    'Thiết bị giám sát cơ sở',
    'Tường lửa bảo vệ kết nối Internet',
    'Gián đoạn',
    'Phát hiện theo loại và mức độ',
    'Sự cố đang mở',
    'Việc đến hạn',
  ])
    assert.ok(text.includes(item), item)
  assert.ok(text.includes('KHÔNG CÓ NGUỒN'), 'the firewall input is missing and the report says so')
})

test('VN-5.3a-2 a day without any detection still yields a report', async () => {
  const { html, totals } = await report('vi', { records: [], incidents: [] })
  assert.equal(totals['detections'], 0)
  assert.ok(html.includes('Trong kỳ không có phát hiện nào.'))
})

test('the same data gives the same page, and other data another hash', async () => {
  assert.equal((await report()).html, (await report()).html)
  const more = story()
  more.records.push({ topic: 'detections', value: detectionOf({ detectionId: 'one more' }) })
  assert.notEqual((await report('vi', more)).dataSha256, (await report()).dataSha256)
})

test('nothing of another constituent gets into a report', async () => {
  const foreign = story()
  foreign.incidents.push(incidentOf({ caseId: 'foreign', constituent: 'other', number: 'XX-1' }))
  foreign.records.push({ topic: 'detections', value: detectionOf({ detectionId: 'foreign', constituent: 'other' }) })
  const { html, totals } = await report('vi', foreign)
  assert.ok(!html.includes('XX-1'))
  assert.equal(totals['detections'], (await report()).totals['detections'])
})

test('XC-10 every label is there in all five languages, and the page says its language', async () => {
  for (const [label, texts] of Object.entries(labels))
    for (const language of LANGUAGES) assert.ok((texts[language] ?? '') !== '', `${label} ${language}`)
  for (const language of LANGUAGES) assert.ok((await report(language)).html.includes(`<html lang="${language}">`))
})

test('whatever names and titles hold, the page names no outside resource and runs no script', async () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=http://evil.example/x>',
      "' onload='x",
      '</style><link href=//evil.example>',
    ),
  )
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const from = story()
      from.incidents.push(incidentOf({ caseId: 'h', number: text, titles: { vi: text } }))
      from.records.push({ topic: 'health-events', value: healthOf({ healthId: text, sourceId: text, code: text }) })
      const order = { ...orderOf(), constituent: { ...body, name: text, names: {} } }
      const page = (await report('vi', from, order)).html
      const tags = new Set([...page.matchAll(/<\/?([a-z0-9!]+)/gi)].map((match) => match[1]?.toLowerCase()))
      for (const tag of ['script', 'img', 'link', 'iframe', 'object']) assert.ok(!tags.has(tag), tag)
      assert.doesNotMatch(page.replace(/&[a-z#0-9]+;/g, ''), /<[^>]+\son\w+=/)
      assert.equal([...page.matchAll(/<style>/g)].length, 1)
    }),
    { numRuns: 20 },
  )
})

test('XC-10 letters come out of the printed PDF unbroken, in every language, and the named fields are there', {
  skip: !existsSync(CHROMIUM),
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reporter-test-'))
  const printed = async (order: ReportOrder, given: Given) => {
    const output = reportOutput(folder, CHROMIUM, assert.fail)
    const report = await produce({ ...order, formats: ['pdf'] }, sourcesOf(given), output)
    return join(folder, report.files[0]?.path ?? '')
  }
  const quarter = orderFor(kazakhstan, 'kz-quarterly-nsc', QUARTER.from, QUARTER.to, { languages: ['kk'] })
  const wanted: [ReportOrder, Given, Required[]][] = [
    [
      orderFor(vietnam, 'vn-weekly', MONDAY, MONDAY + WEEK),
      week(),
      [
        { item: 'W-1', section: 1, texts: ['source_silent', '17'] },
        { item: 'W-2', section: 2, texts: ['192.0.2.10', 'Tiếp nhận hồ sơ'] },
        { item: 'W-4', section: 4, texts: ['AS64496', 'tan-cong.example'] },
        { item: 'W-6', section: 6, texts: ['Cảm biến mạng'] },
      ],
    ],
    [
      quarter,
      kzQuarter(),
      [
        { item: 'KZ-13 threats', section: 1, texts: ['Осалдық'] },
        { item: 'KZ-13 bodies', section: 5, texts: ['Үлгі министрлігі'] },
      ],
    ],
    [
      orderFor(vietnam, 'vn-daily', DAY0, DAY0 + DAY, { languages: ['zh-Hant'] }),
      stateOf(story()),
      [{ item: 'VN-D', section: 1, texts: ['網站伺服器與應用', '完整率'] }],
    ],
  ]
  try {
    for (const [order, given, required] of wanted) {
      const pdf = await printed(order, given)
      const { sections } = made(order, given).document
      const titles = sections.map(({ title }) => title).filter((title) => title !== '')
      assert.deepEqual(missingIn('pdf', readFileSync(pdf), titles, required), [])
      const blank = [{ item: 'not there', section: 1, texts: ['a text that is not there'] }]
      assert.deepEqual(missingIn('pdf', readFileSync(pdf), titles, blank), ['not there'])
      const fonts = execFileSync('pdffonts', [pdf], { encoding: 'utf8' }).trim().split('\n').slice(2)
      assert.ok(
        fonts.length > 0 && fonts.every((line) => / yes (yes|no) +(yes|no) +\d+ +\d+$/.test(line)),
        'every font is embedded',
      )
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('where there is no browser the PDF is left out, the record and the log say so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reporter-test-'))
  const warned: string[] = []
  const report = await produce(
    orderOf(),
    sourcesOf(stateOf(story())),
    reportOutput(folder, '/nowhere/chromium', (code) => warned.push(code)),
  )
  assert.deepEqual(
    report.files.map(({ path }) => path.split('.').at(-1)),
    ['html', 'docx', 'xlsx', 'csv', 'json'],
  )
  assert.deepEqual(warned, ['pdf_left_out'])
  assert.equal(await printPdf('/nowhere/chromium', ''), null)
  rmSync(folder, { recursive: true })
})

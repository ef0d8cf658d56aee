import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { outputOf } from '../src/outputs/index.ts'
import { blanksOf, valuesOf } from '../src/versions.ts'
import { blanked, missingIn, type Required } from './documents.ts'
import { bodyOf, contactOf, made, orderOf, registryChangeOf, vietnam } from './report-world.ts'
import { fullSystem, MONDAY, reportOf, WEEK, week, weekOfAttacks } from './rich-world.ts'
import { DAY, DAY0, HOUR, incidentOf, systemOf } from './world.ts'

const FORMS = ['html', 'docx', 'xlsx', 'csv'] as const
const weekly = () =>
  made(orderOf(vietnam, 'vn-weekly', MONDAY, MONDAY + WEEK), week(), 'vi', {
    texts: { annex: 'Kiểm tra định kỳ thiết bị đã hoàn thành.' },
    cells: {},
  })
const hashOf = (n: number): string => createHash('sha256').update(`<86>line ${n}`).digest('hex')

const WEEKLY: readonly Required[] = [
  { item: 'W-1', section: 1, texts: ['02/03/2026 00:00 – 09/03/2026 00:00', 'source_silent', '17'] },
  {
    item: 'W-2',
    section: 2,
    texts: ['192.0.2.10', 'Cổng dịch vụ công: Tiếp nhận hồ sơ; Thanh toán', '01/03/2026 23:55'],
  },
  { item: 'W-3', section: 3, texts: ['Tấn công thử nghiệm số 0', 'T1110', `block-0#0 ${hashOf(0)}`] },
  { item: 'W-4', section: 4, texts: ['198.51.100.0', 'AS64496', 'XA', 'tan-cong.example', 'root'] },
  { item: 'W-5', section: 5, texts: ['ips: 192.0.2.1 → 192.0.2.2', 'operator: new line'] },
  { item: 'W-6', section: 6, texts: ['Cảm biến mạng', 'thêm mới'] },
  { item: 'W-7', section: 7, texts: ['Kiểm tra định kỳ thiết bị đã hoàn thành.'] },
]

describe('the weekly report of Viet Nam', () => {
  for (const wanted of WEEKLY)
    test(`${wanted.item} stands in the weekly report in every form, and is missed where it is blanked by hand`, async () => {
      const report = weekly()
      const titles = report.document.sections.map(({ title }) => title)
      for (const form of FORMS) {
        const octets = await outputOf(form, report)
        assert.deepEqual(missingIn(form, octets, titles, [wanted]), [], form)
        const [first = ''] = wanted.texts[0]?.split(' – ') ?? []
        const without = blanked(
          form,
          octets,
          form === 'docx' || form === 'xlsx' ? first.replaceAll('&', '&amp;') : first,
        )
        assert.deepEqual(missingIn(form, without, titles, [wanted]), [wanted.item], `${form} blanked`)
      }
    })

  test('VN-5.3d its numbers are those of the records: false positives and exercises stand apart', () => {
    const { totals, document } = weekly()
    const counted = weekOfAttacks().filter(({ status, exercise }) => status !== 'false-positive' && !exercise)
    assert.equal(totals['incidents'], counted.filter(({ kind }) => kind === 'incident').length)
    assert.equal(totals['events'], counted.filter(({ kind }) => kind === 'event').length)
    assert.equal(totals['intrusions'], counted.filter(({ vnKind }) => vnKind === 'intrusion').length)
    const apart = document.sections.at(-1)?.parts.at(-1)
    assert.ok(apart?.part === 'fields')
    assert.deepEqual(
      apart.rows.map(([, cell]) => typeof cell === 'object' && 'figure' in cell && cell.figure),
      [2, 1],
    )
  })

  test('a week with nothing still reports every item', () => {
    const { document, totals } = made(orderOf(vietnam, 'vn-weekly', MONDAY, MONDAY + WEEK), {})
    assert.equal(document.sections.length, 8)
    assert.deepEqual([totals['incidents'], totals['detections']], [0, 0])
    for (const { parts } of document.sections) assert.ok(parts.length > 0)
  })
})

const A1: readonly (Required & { blank: Parameters<typeof fullSystem>[0] | 'contacts' })[] = [
  { item: 'A1-1', section: 2, texts: ['Cổng tiếp nhận hồ sơ trực tuyến'], blank: { description: ' ' } },
  { item: 'A1-2', section: 2, texts: ['192.0.2.1', '2001:db8::1'], blank: { ips: [] } },
  { item: 'A1-3', section: 2, texts: ['dichvucong.example.vn'], blank: { domains: [''] } },
  { item: 'A1-4', section: 2, texts: ['Tiếp nhận hồ sơ', 'Thanh toán'], blank: { services: [] } },
  { item: 'A1-5', section: 2, texts: ['Ubuntu Server 24.04'], blank: { os: ['Ubuntu'] } },
  { item: 'A1-6', section: 2, texts: ['nginx 1.28'], blank: { webApps: ['nginx'] } },
  { item: 'A1-7', section: 3, texts: ['Sau tường lửa biên, sơ đồ mạng SD-01'], blank: { monitoringPosition: null } },
  { item: 'A1-8', section: 3, texts: ['200'], blank: { linkCapacityMbps: [] } },
  {
    item: 'A1-9',
    section: 3,
    texts: ['IDS warning', 'firewall logs', 'web server logs'],
    blank: { expectedInputs: [] },
  },
  { item: 'A1-10', section: 3, texts: ['syslog-tls', 'relp'], blank: { expectedInputs: ['firewall logs:'] } },
  { item: 'A1-11', section: 1, texts: ['Cổng dịch vụ công tỉnh Mẫu', 'Nguyễn Thị Mẫu'], blank: 'contacts' },
]
const appendix = (former: Parameters<typeof orderOf>[4] = {}) => orderOf(vietnam, 'vn-appendix-1', DAY0, DAY0, former)

describe('Appendix 1 of Viet Nam', () => {
  for (const { blank, ...wanted } of A1)
    test(`${wanted.item} stands in Appendix 1 in every form; blank, the form is refused with its name`, async () => {
      const report = made(appendix(), { systems: [fullSystem()], contacts: [contactOf()] })
      const titles = report.document.sections.map(({ title }) => title)
      for (const form of FORMS) {
        const octets = await outputOf(form, report)
        assert.deepEqual(missingIn(form, octets, titles, [wanted]), [], form)
        const without = blanked(form, octets, wanted.texts[0] ?? '')
        assert.deepEqual(missingIn(form, without, titles, [wanted]), [wanted.item], `${form} blanked`)
      }
      const given =
        blank === 'contacts'
          ? { systems: [fullSystem()], contacts: [] }
          : { systems: [fullSystem(blank)], contacts: [contactOf()] }
      assert.ok(blanksOf(given).some(({ item }) => item === wanted.item))
      assert.deepEqual(blanksOf({ systems: [fullSystem()], contacts: [contactOf()] }), [])
    })

  test('VN-5.3g one address edited gives a version whose list of differences names the field, before and after', () => {
    const before = { systems: [fullSystem()], contacts: [contactOf()] }
    const former = { version: 1, values: valuesOf(before) }
    const now = { ...before, systems: [fullSystem({ ips: ['192.0.2.77', '2001:db8::1'] })] }
    const { document } = made(appendix({ revision: 2, former }), now)
    const table = document.sections.at(-1)?.parts[0]
    assert.ok(table?.part === 'table')
    assert.deepEqual(table.rows, [['vn-system.ips', '192.0.2.1, 2001:db8::1', '192.0.2.77, 2001:db8::1']])
  })
})

const HALF = { from: Date.UTC(2025, 11, 31, 17), to: Date.UTC(2026, 5, 30, 17) }
const sixMonth = (given = week()) =>
  made(orderOf(vietnam, 'vn-six-month', HALF.from, HALF.to), given, 'vi', {
    texts: { difficulties: 'Thiếu nhân sự trực đêm.' },
    cells: { 'malware.damage': '12 triệu đồng', 'dos.foreign': '1' },
  })

test('VN-5.3k, VN-A2 the six-month report has its eight blocks with their content', async () => {
  const report = sixMonth()
  const titles = report.document.sections.map(({ title }) => title)
  const wanted: Required[] = [
    { item: '1', section: 1, texts: ['Cổng dịch vụ công tỉnh Mẫu', 'Nguyễn Thị Mẫu'] },
    { item: '2', section: 2, texts: ['Cổng dịch vụ công', '3'] },
    { item: '3', section: 3, texts: ['trực tiếp', 'tự thực hiện', 'KHÔNG CÓ NGUỒN', 'source_silent'] },
    { item: '4', section: 4, texts: ['Tấn công sử dụng mã độc', '12 triệu đồng', 'Tự xử lý'] },
    { item: '5', section: 5, texts: ['Cảnh báo đã gửi', 'Cảnh báo đã nhận'] },
    { item: '6', section: 6, texts: ['ips: 192.0.2.1 → 192.0.2.2', 'Cảm biến mạng'] },
    { item: '7', section: 7, texts: ['Thiếu nhân sự trực đêm.'] },
  ]
  for (const form of FORMS) assert.deepEqual(missingIn(form, await outputOf(form, report), titles, wanted), [], form)
  assert.equal(report.document.signature.length, 2, 'block 8')
  const table = report.document.sections[4]?.parts[0]
  assert.ok(table?.part === 'table')
  const numbers = (row: readonly unknown[] | undefined) =>
    (row ?? []).map(
      (cell) => (typeof cell === 'object' && cell !== null && 'figure' in cell ? cell.figure : 0) as number,
    )
  const sums = numbers(table.rows[0]).map((_, column) =>
    table.rows.reduce((sum, row) => sum + (numbers(row)[column] ?? 0), 0),
  )
  assert.deepEqual(sums, numbers(table.total), 'the table adds up to its last row')
  assert.equal(numbers(table.total)[1], 10)
})

test('VN-A2 another template file gives another layout without a change of code', () => {
  const order = orderOf(vietnam, 'vn-six-month', HALF.from, HALF.to)
  const [first, ...rest] = order.template.sections
  const other = { ...order.template, version: '2.0.0', sections: [...rest, ...(first === undefined ? [] : [first])] }
  const report = made({ ...order, template: other }, week())
  assert.equal(report.document.template, 'vn-six-month@2.0.0')
  assert.match(report.document.sections.at(-1)?.title ?? '', /^7\. Chủ quản/)
})

const nationalBodies = [
  bodyOf('vn-a', 'vn-circular-31', { sector: 'Bắc' }),
  bodyOf('vn-b', 'vn-circular-31', { sector: 'Bắc' }),
  bodyOf('vn-c', 'vn-circular-31', { sector: 'Nam' }),
]
const nationwide = () =>
  Array.from({ length: 30 }, (_, n) =>
    incidentOf({
      caseId: `n-${n}`,
      constituent: `vn-${'abc'[n % 3] ?? 'a'}`,
      detectedAt: HALF.from + n * 6 * DAY,
      vnKind: (['intrusion', 'risk', 'incident'] as const)[n % 3] ?? null,
      rsitClass: n % 2 === 0 ? 'intrusions' : 'malicious-code',
      occurredFirst: HALF.from + n * 6 * DAY,
    }),
  )
const national = (reports: ReturnType<typeof reportOf>[] = []) =>
  made(orderOf(vietnam, 'vn-national', HALF.from, HALF.to), {
    constituents: nationalBodies,
    incidents: nationwide(),
    reports,
  })

test('VN-12.2, VN-13.2 by manager, class, region and month the parts of the roll-up equal its totals', () => {
  const { document } = national()
  let tables = 0
  for (const { parts } of document.sections.slice(2, 6))
    for (const part of parts) {
      if (part.part !== 'table' || part.total === undefined) continue
      tables++
      const value = (cell: unknown): number =>
        typeof cell === 'object' && cell !== null && 'figure' in cell ? (cell.figure as number) : 0
      for (const [column, total] of part.total.entries())
        assert.equal(
          part.rows.reduce((sum, row) => sum + value(row[column]), 0),
          value(total),
        )
      for (const row of [...part.rows, part.total])
        assert.equal(
          row.slice(1, -1).reduce((sum: number, cell) => sum + value(cell), 0),
          value(row.at(-1)),
        )
      assert.equal(value(part.total.at(-1)), 30)
    }
  assert.equal(tables, 4)
})

test('VN-13.6 the three totals equal the sum of the bodies’ six-month reports; a difference and a missing report are listed', () => {
  const own = (id: string, over: Record<string, number> = {}) => {
    const cases = nationwide().filter(({ constituent }) => constituent === id)
    const count = (kind: string) => cases.filter(({ vnKind }) => vnKind === kind).length
    const totals = { intrusions: count('intrusion'), risks: count('risk'), vnIncidents: count('incident'), ...over }
    return reportOf({ reportId: id, constituent: id, ...HALF, totals })
  }
  const cellsOf = (report: ReturnType<typeof national>) => {
    const [three, listed] = report.document.sections[1]?.parts ?? []
    assert.ok(three?.part === 'table' && listed?.part === 'table')
    return { gaps: three.rows.map((row) => row[3]), listed: listed.rows.map(([name]) => name) }
  }
  const equal = cellsOf(national([own('vn-a'), own('vn-b'), own('vn-c')]))
  assert.deepEqual(equal, { gaps: ['0', '0', '0'], listed: [] })
  const differing = cellsOf(national([own('vn-a', { intrusions: 9 }), own('vn-b')]))
  assert.equal(differing.gaps.filter((gap) => gap !== '0').length, 2)
  assert.deepEqual(differing.listed, ['Body vn-a: Xâm nhập', 'Body vn-c'])
})

test('VN-11.4g answers that are missing or late are listed over all bodies, with the hours', () => {
  const clock = {
    clockId: 'VN-5.3e/incident',
    requirementIds: ['VN-5.3e'],
    title: 'result',
    startMoment: 'kindSince',
    startAt: HALF.from,
    dueAt: HALF.from + DAY,
    state: 'breached',
    metAt: null,
    proof: null,
    recipients: [],
  }
  const incidents = [
    incidentOf({ caseId: 'a', number: 'A', constituent: 'vn-a', detectedAt: HALF.from, clocks: [clock] }),
    incidentOf({
      caseId: 'b',
      number: 'B',
      constituent: 'vn-b',
      detectedAt: HALF.from,
      clocks: [{ ...clock, metAt: HALF.from + DAY + 3 * HOUR }],
    }),
    incidentOf({
      caseId: 'c',
      number: 'C',
      constituent: 'vn-c',
      detectedAt: HALF.from,
      clocks: [{ ...clock, metAt: HALF.from + HOUR, state: 'met' }],
    }),
  ]
  const { document } = made(orderOf(vietnam, 'vn-national', HALF.from, HALF.to), {
    constituents: nationalBodies,
    incidents,
  })
  const table = document.sections[6]?.parts[0]
  assert.ok(table?.part === 'table')
  assert.deepEqual(
    table.rows.map(([body, number, , , , hours]) => [body, number, hours]),
    [
      ['Body vn-a', 'A', '4.320'],
      ['Body vn-b', 'B', '3'],
    ],
  )
})

test('VN-11.4b an analysis of a saved query counts its cases alone, with charts, in Vietnamese', async () => {
  const order = orderOf(vietnam, 'vn-analysis', MONDAY, MONDAY + WEEK)
  const { document, totals } = made(
    { ...order, cases: ({ rsitClass }) => rsitClass === 'malicious-code' },
    week(),
    'vi',
  )
  const counted = weekOfAttacks().filter(
    ({ rsitClass, status, exercise }) => rsitClass === 'malicious-code' && status !== 'false-positive' && !exercise,
  )
  assert.equal((totals['events'] ?? 0) + (totals['incidents'] ?? 0), counted.length)
  const charts = document.sections.flatMap(({ parts }) => parts.filter(({ part }) => part === 'chart'))
  assert.ok(charts.length >= 3)
  assert.equal(document.title, 'BÁO CÁO PHÂN TÍCH')
})

test('VN-8.2 a regular provision states all four contents, an empty one as empty', () => {
  const order = orderOf(vietnam, 'vn-provision', MONDAY, MONDAY + WEEK)
  const full = made(order, week()).document.sections
  const empty = made(order, {}).document.sections
  assert.equal(full.length, 5)
  for (const { parts } of empty.slice(1))
    for (const part of parts) assert.ok(part.part === 'table' && part.rows.length === 0 && part.empty !== '')
})

test('changes of other bodies and of other days are not listed', () => {
  const changes = [
    registryChangeOf({ changeId: 'x', constituent: 'other', changedAt: MONDAY + DAY }),
    registryChangeOf({ changeId: 'y', changedAt: MONDAY - 1 }),
  ]
  const { document } = made(orderOf(vietnam, 'vn-weekly', MONDAY, MONDAY + WEEK), { changes, systems: [systemOf()] })
  const table = document.sections[5]?.parts[0]
  assert.ok(table?.part === 'table' && table.rows.length === 0)
})

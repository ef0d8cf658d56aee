import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readXlsx, writeXlsx } from '../src/xlsx.ts'
import { openZip, writeZip } from '../src/zip.ts'

const cellsOf = (octets: Buffer) => readXlsx(octets).map(({ table }) => table.rows.map(({ cells }) => cells))

describe('workbooks', () => {
  test('what another program wrote is read: texts with runs, numbers, truth values, formulas as their values, empty cells', () => {
    const octets = readFileSync(join(import.meta.dirname, 'workbook-of-another-program.xlsx'))
    const [first, second] = readXlsx(octets)
    assert.deepEqual([first?.name, second?.name], ['assets', 'notes & more'])
    assert.deepEqual(first?.table.rows, [
      { number: 1, cells: ['constituent', 'ip', 'criticality', 'unit'] },
      { number: 2, cells: ['kz-ministry', '10.0.0.5', '40', 'Бухгалтерия\n<отдел> & "№2"'] },
      { number: 4, cells: ['', '10.0.0.6', '1.5', '資訊室'] },
      { number: 5, cells: ['1', '', '42', '_x000D_'] },
    ])
  })

  test('what is written is read back, whatever the cells', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('=1+1', '_x000D_', '_x0041_', '&amp;', ' a\r\nb\t '),
    )
    const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(rows, (table) => {
        const trimmed = table.map((row) => row.slice(0, row.findLastIndex((one) => one !== '') + 1))
        assert.deepEqual(cellsOf(writeXlsx([{ name: 'a<b', rows: table }])), [trimmed.filter((row) => row.length > 0)])
      }),
      { numRuns: 200 },
    )
  })

  test('no octets do more than be refused', () => {
    const octets = writeXlsx([{ name: 'assets', rows: [['id', 'ip']] }])
    fc.assert(
      fc.property(fc.nat(octets.length - 1), fc.nat(255), fc.boolean(), (at, octet, isCut) => {
        const damaged = Buffer.from(octets)
        damaged[at] = octet
        try {
          readXlsx(isCut ? damaged.subarray(0, at) : damaged)
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error))
        }
      }),
      { numRuns: 500 },
    )
    assert.throws(() => readXlsx(Buffer.from('id;ip\n')), /it is no workbook/)
  })

  test('a workbook that names its sheet without end, or unpacks without end, is refused; readings above a text are left out', () => {
    const book = (sheets: string, sheet: string): Buffer =>
      writeZip([
        ['xl/_rels/workbook.xml.rels', '<Relationship Id="a" Target="s.xml"/>'],
        ['xl/workbook.xml', sheets],
        ['xl/s.xml', sheet],
      ])
    const one = '<sheet name="n" r:id="a"/>'
    const row = (text: string): string => `<row r="1"><c t="inlineStr"><is>${text}</is></c></row>`
    assert.throws(() => readXlsx(book(one.repeat(101), row('<t>x</t>'))), /more than 100 sheets/)
    assert.throws(() => readXlsx(book(one.repeat(30), ' '.repeat(9 * 1_024 * 1_024))), /unpacks to more than/)
    const read = '<t>東</t><rPh sb="0"><t>ひがし</t></rPh><t>京</t><rPh sb="1"><t>きょう</t></rPh>'
    assert.deepEqual(cellsOf(book(one, row(read))), [[['東京']]])
    const many = '<rPh><t></t></rPh>'.repeat(200_000)
    assert.deepEqual(cellsOf(book(one, row(`<t>x</t>${many}`))), [[['x']]])
  })

  test('numbers stay numbers, what is no number is a text', () => {
    const octets = writeXlsx([{ name: 'n', rows: [['total'], [12.5], [-3], [Number.NaN], ['007']] }])
    assert.deepEqual(cellsOf(octets), [[['total'], ['12.5'], ['-3'], ['NaN'], ['007']]])
    assert.match(openZip(octets)('xl/worksheets/sheet1.xml')?.toString() ?? '', /<c r="A2"><v>12\.5<\/v><\/c>/)
  })
})

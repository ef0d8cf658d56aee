import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readCsv, writeCsv } from '../src/csv.ts'

const cellsOf = (text: string) => readCsv(text).rows.map(({ cells }) => cells)

describe('tables as spreadsheets write them', () => {
  test('comma, semicolon and tab are found in the first row, or named by sep=', () => {
    for (const delimiter of [',', ';', '\t'])
      assert.deepEqual(cellsOf(`a${delimiter}b\n1${delimiter}2\n`), [
        ['a', 'b'],
        ['1', '2'],
      ])
    assert.deepEqual(readCsv('sep=;\r\na;b,c\r\n').rows, [{ number: 2, cells: ['a', 'b,c'] }])
  })

  test('a byte order mark, any line ending, quoted delimiters, quotation marks and newlines', () => {
    assert.deepEqual(cellsOf('\uFEFFa,b\r\n"x\r\ny","he said ""no"""\n"1,5",\rz'), [
      ['a', 'b'],
      ['x\r\ny', 'he said "no"'],
      ['1,5', ''],
      ['z'],
    ])
  })

  test('rows are numbered as a spreadsheet shows them: a quoted newline starts none, an empty row counts', () => {
    const { rows } = readCsv('a,b\n"1\n1",2\n,\n3,4')
    assert.deepEqual(
      rows.map(({ number }) => number),
      [1, 2, 4],
    )
  })

  test('a quotation mark that never closes, and text after one that does, are named by row', () => {
    assert.deepEqual(readCsv('a\n"x\ny').faults, [
      { row: 2, reason: 'a quotation mark is opened and never closed; from here on nothing is read' },
    ])
    const { rows, faults } = readCsv('a,b\n"x"y,1\nz,2')
    assert.deepEqual(faults, [{ row: 2, reason: 'column 1 has text after its closing quotation mark' }])
    assert.deepEqual(
      rows.map(({ number }) => number),
      [1, 3],
    )
  })

  test('a cell that a spreadsheet would run is written with an apostrophe, wide forms too, and read back without', () => {
    const cells = ['=1+1', '+7 700', '-5', '@x', '＝1', "'=x", "'plain", '\t=1']
    const text = writeCsv([cells])
    for (const cell of readCsv(text.replaceAll("'", '_')).rows[0]?.cells ?? [])
      assert.doesNotMatch(cell, /^[=+\-@\t\r＝＋－＠]/)
    assert.deepEqual(cellsOf(text), [cells])
  })

  test('what is written is read back, whatever the cells and the delimiter', () => {
    const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^['=+@,;"\r\n\t a-]{0,9}$/))
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1 }), (rows) => {
        const header = ['first', 'second', 'third', 'fourth', 'fifth']
        for (const delimiter of [',', ';', '\t'] as const) {
          const read = readCsv(writeCsv([header, ...rows], delimiter))
          assert.deepEqual(
            read.rows.map(({ cells }) => cells),
            [header, ...rows.filter((row) => row.some((one) => one !== ''))],
          )
          assert.deepEqual(read.faults, [])
        }
      }),
      { numRuns: 300 },
    )
  })

  test('any text ends, with rows or faults', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[",;\r\n a'=]{0,60}$/), (text) => {
        const { rows, faults } = readCsv(text)
        assert.ok(rows.length + faults.length <= text.length + 1)
      }),
      { numRuns: 500 },
    )
  })
})

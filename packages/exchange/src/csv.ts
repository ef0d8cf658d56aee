import { readCsv, writeCsv } from '@tocsin/sheets'
import { CASE_COLUMNS, caseOfTexts, textOfField } from './field-text.ts'
import type { ExchangeFormat } from './format.ts'

/** One case a row, one field a column; lists and maps are JSON in their cell. Formulas are neutralised by packages/sheets (S-11). */
export const csv: ExchangeFormat = {
  name: 'csv',
  mediaType: 'text/csv; charset=utf-8',
  ending: '.csv',
  notHeld: {},
  write: (cases) =>
    writeCsv([CASE_COLUMNS, ...cases.map((shared) => CASE_COLUMNS.map((column) => textOfField(shared, column)))]),
  read(text) {
    const table = readCsv(text)
    const [fault] = table.faults
    if (fault !== undefined) throw new RangeError(`Row ${fault.row}: ${fault.reason}.`)
    const [header, ...rows] = table.rows
    if (header === undefined || !CASE_COLUMNS.every((column) => header.cells.includes(column)))
      throw new RangeError('The first row does not name the columns of a case.')
    return rows.map(({ cells }) => caseOfTexts(new Map(header.cells.map((name, index) => [name, cells[index] ?? '']))))
  },
}

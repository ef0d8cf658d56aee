/** Most that a table may hold; a spreadsheet of a ministry stays far below. */
export const MAX_ROWS = 200_000
export const MAX_COLUMNS = 200
export const MAX_CELL_CHARACTERS = 32_767

export type Delimiter = ',' | ';' | '\t'

/** One row with its number as a spreadsheet shows it: the header is row 1, a quoted newline starts no row. */
export interface CsvRow {
  number: number
  cells: readonly string[]
}

export interface CsvTable {
  delimiter: Delimiter
  rows: readonly CsvRow[]
  /** What is wrong with the table itself; the rows before it are good. */
  faults: readonly { row: number; reason: string }[]
}

/**
 * Reads CSV as spreadsheets write it (RFC 4180 and its relatives): comma, semicolon or tab, found in the first row or named by
 * `sep=`; byte order mark; quoted newlines; any line ending. Empty rows are left out and counted. Formulas that `writeCsv`
 * neutralised come back as they were.
 */
export function readCsv(text: string): CsvTable {
  const [start, named] = /^\uFEFF?sep=([,;\t])\r?\n/.exec(text) ?? [/^\uFEFF?/.exec(text)?.[0] ?? '']
  const delimiter = (named as Delimiter | undefined) ?? delimiterOf(text, start.length)
  const rows: CsvRow[] = []
  const faults: { row: number; reason: string }[] = []
  let at = start.length
  let number = named === undefined ? 0 : 1
  while (at < text.length) {
    number++
    const row = readRow(text, at, delimiter)
    if (row.fault !== null) faults.push({ row: number, reason: row.fault })
    if (row.next === null) break
    if (number > MAX_ROWS) {
      faults.push({ row: number, reason: `the table has more than ${MAX_ROWS} rows; the rest is not read` })
      break
    }
    if (row.fault === null && row.cells.some((cell) => cell !== ''))
      rows.push({ number, cells: row.cells.map(withFormula) })
    at = row.next
  }
  return { delimiter, rows, faults }
}

interface ReadRow {
  cells: string[]
  fault: string | null
  /** Where the next row begins; null where nothing after this row can be trusted. */
  next: number | null
}

function readRow(text: string, from: number, delimiter: Delimiter): ReadRow {
  const cells: string[] = []
  let fault: string | null = null
  let at = from
  for (;;) {
    let cell: string
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1)
      if (end === -1)
        return { cells, fault: 'a quotation mark is opened and never closed; from here on nothing is read', next: null }
      cell = text.slice(at + 1, end).replaceAll('""', '"')
      const rest = endOfCell(text, end + 1, delimiter)
      if (rest > end + 1) fault ??= `column ${cells.length + 1} has text after its closing quotation mark`
      at = rest
    } else {
      const end = endOfCell(text, at, delimiter)
      cell = text.slice(at, end)
      at = end
    }
    if (cell.length > MAX_CELL_CHARACTERS)
      fault ??= `column ${cells.length + 1} has more than ${MAX_CELL_CHARACTERS} characters`
    if (cells.length >= MAX_COLUMNS) fault ??= `there are more than ${MAX_COLUMNS} columns`
    else cells.push(cell)
    if (text[at] !== delimiter) break
    at++
  }
  if (text[at] === '\r') at++
  if (text[at] === '\n') at++
  return { cells, fault, next: at }
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at
  return -1
}

function endOfCell(text: string, from: number, delimiter: Delimiter): number {
  let at = from
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++
  return at
}

/** The delimiter that splits the first row into the most cells; a comma where none does. */
function delimiterOf(text: string, from: number): Delimiter {
  const counts = ([',', ';', '\t'] as const).map((delimiter) => ({
    delimiter,
    cells: readRow(text, from, delimiter).cells.length,
  }))
  return counts.reduce((best, next) => (next.cells > best.cells ? next : best)).delimiter
}

/** What a spreadsheet would run as a formula (OWASP, CSV injection), wide forms of Chinese input methods too. */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/

/** Writes CSV: byte order mark, so that spreadsheets read UTF-8; CRLF; a formula gets an apostrophe, which `readCsv` takes off. */
export function writeCsv(rows: readonly (readonly string[])[], delimiter: Delimiter = ','): string {
  return `\uFEFF${rows.map((row) => `${row.map(cellText).join(delimiter)}\r\n`).join('')}`
}

function cellText(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function withFormula(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell
}

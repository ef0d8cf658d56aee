/**
 * A cell that a spreadsheet would take for a formula, full-width forms included, gets an apostrophe in front (operations.md
 * S-11); so does one that begins with an apostrophe, so that reading back is exact.
 */
const FORMULA = /^[=+\-@\t\r'＝＋－＠]/

/** Takes rows; gives CSV as RFC 4180: CRLF, quoted where needed, formulas neutralised. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('')
}

function cellOf(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Reads what `toCsv` wrote (and a byte order mark, if any); gives the rows, formulas as they were. */
export function fromCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|$)/gy
  cell.lastIndex = text.startsWith('\uFEFF') ? 1 : 0
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text)
    if (found === null) throw new RangeError(`Row ${rows.length + 1} is no CSV.`)
    const value = found[1] === undefined ? (found[2] ?? '') : found[1].replaceAll('""', '"')
    row.push(/^'[=+\-@\t\r'＝＋－＠]/.test(value) ? value.slice(1) : value)
    if (found[3] === ',' && cell.lastIndex < text.length) continue
    if (found[3] === ',') row.push('')
    rows.push(row)
    row = []
  }
  return rows
}

/** Splits one CSV line (RFC 4180: quotes doubled inside quoted columns) into at most `maxColumns` columns. */
export function readCsv(line: string, maxColumns: number): string[] {
  const columns: string[] = []
  let at = 0
  while (at <= line.length && columns.length < maxColumns) {
    if (line.charCodeAt(at) === 34) {
      const end = closing(line, at + 1)
      columns.push(line.slice(at + 1, end).replaceAll('""', '"'))
      const comma = line.indexOf(',', end)
      at = comma < 0 ? line.length + 1 : comma + 1
    } else {
      const comma = line.indexOf(',', at)
      columns.push(line.slice(at, comma < 0 ? line.length : comma))
      at = comma < 0 ? line.length + 1 : comma + 1
    }
  }
  return columns
}

function closing(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    if (line.charCodeAt(at) !== 34) continue
    if (line.charCodeAt(at + 1) === 34) at++
    else return at
  }
  return line.length
}

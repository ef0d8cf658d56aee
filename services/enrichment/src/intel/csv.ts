import { type IndicatorList, instantOf, kindOfValue, ListBuilder, type ListSettings } from './indicator-list.ts'

const columnsByDefault = ['type', 'value', 'confidence', 'description'] as const
const columnNames: Readonly<Record<string, string>> = {
  type: 'type',
  kind: 'type',
  value: 'value',
  indicator: 'value',
  ioc: 'value',
  confidence: 'confidence',
  description: 'description',
  comment: 'description',
  valid_from: 'valid_from',
  first_seen: 'valid_from',
  valid_until: 'valid_until',
  expires: 'valid_until',
  tlp: 'tlp',
}

/**
 * Reads a list in CSV: `type,value[,confidence[,description]]`, or the columns that a first line names, or one value a line, whose type is
 * then told by its look. `#` begins a comment. A faulty line never stops the others (VN-4.3a).
 */
export function readIndicatorCsv(text: string, settings: ListSettings): IndicatorList {
  const builder = new ListBuilder(settings)
  let columns: readonly string[] = columnsByDefault
  let isFirst = true
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const cells = cellsOf(line)
    if (isFirst && cells.some((cell) => columnNames[cell.toLowerCase()] === 'value')) {
      columns = cells.map((cell) => columnNames[cell.toLowerCase()] ?? '')
      isFirst = false
      continue
    }
    isFirst = false
    addLine(cells, columns, `line ${index + 1}`, builder)
  }
  return builder.list()
}

function addLine(cells: readonly string[], columns: readonly string[], place: string, builder: ListBuilder): void {
  const [only] = cells
  const cell = (name: string): string => cells[columns.indexOf(name)] ?? ''
  const isBare = cells.length === 1 && only !== undefined
  const value = isBare ? only : cell('value')
  const kind = isBare || cell('type') === '' ? kindOfValue(value) : cell('type')
  if (kind === null) return builder.fault(place, `"${value.slice(0, 80)}" looks like no address, name, URL or hash.`)
  const confidence = cell('confidence')
  if (confidence !== '' && !/^\d{1,3}$/.test(confidence))
    return builder.fault(place, `The confidence "${confidence}" is not between 0 and 100.`)
  builder.add(
    {
      kind,
      value,
      confidence: confidence === '' ? null : Number(confidence),
      description: cell('description') === '' ? null : cell('description'),
      tlp: cell('tlp') === '' ? null : cell('tlp').toUpperCase().replace(/^TLP:/, ''),
      validFrom: instantOf(cell('valid_from')),
      validUntil: instantOf(cell('valid_until')),
    },
    place,
  )
}

/** Cells of a line (RFC 4180): a quoted one may hold commas and doubled quotes. */
function cellsOf(line: string): string[] {
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at)
    if (quoted && char === '"' && line.charAt(at + 1) === '"') {
      cell += '"'
      at++
    } else if (char === '"' && (quoted || cell.trim() === '')) {
      quoted = !quoted
      if (quoted) cell = ''
    } else if (char === ',' && !quoted) {
      cells.push(cell.trim())
      cell = ''
    } else cell += char
  }
  cells.push(cell.trim())
  return cells
}

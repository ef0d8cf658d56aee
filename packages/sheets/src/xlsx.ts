import { type CsvRow, type CsvTable, MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS } from './csv.ts'
import { openZip, writeZip } from './zip.ts'

/** One sheet of a workbook, as a table. */
export interface WorkbookSheet {
  name: string
  table: CsvTable
}

/** Most sheets of a workbook: each is read whole, and a workbook may name one of them any number of times. */
const MAX_SHEETS = 100
/** Most that is unpacked of one workbook, the same file each time that it is named. */
const MAX_UNPACKED_OCTETS = 256 * 1_024 * 1_024
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/**
 * Reads the sheets of a workbook (ECMA-376, transitional): texts, numbers and truth values as text, a formula as the value that
 * was kept for it. Throws RangeError where it is no workbook. Bounded: rows, columns, characters of a cell, octets unpacked.
 */
export function readXlsx(octets: Buffer): WorkbookSheet[] {
  let unpack: (name: string) => Buffer | null
  try {
    unpack = openZip(octets)
    let unpacked = 0
    const textOf = (name: string): string => {
      const file = unpack(name)
      unpacked += file?.length ?? 0
      if (unpacked > MAX_UNPACKED_OCTETS) throw new RangeError(`it unpacks to more than ${MAX_UNPACKED_OCTETS} octets`)
      return file?.toString('utf8') ?? ''
    }
    const targets = new Map<string, string>()
    for (const { attributes } of tagsOf(textOf('xl/_rels/workbook.xml.rels'), 'Relationship'))
      targets.set(attributes.get('Id') ?? '', attributes.get('Target') ?? '')
    const strings = stringsOf(textOf('xl/sharedStrings.xml'))
    const sheets: WorkbookSheet[] = []
    for (const { attributes } of tagsOf(textOf('xl/workbook.xml'), 'sheet')) {
      if (sheets.length === MAX_SHEETS) throw new RangeError(`it has more than ${MAX_SHEETS} sheets`)
      const target = targets.get(attributes.get('r:id') ?? '') ?? ''
      const path = target.startsWith('/') ? target.slice(1) : `xl/${target}`
      sheets.push({ name: attributes.get('name') ?? '', table: tableOf(textOf(path), strings) })
    }
    if (sheets.length === 0) throw new RangeError('it has no sheet')
    return sheets
  } catch (error) {
    // Offsets and packed octets of a damaged archive lead anywhere.
    if (error instanceof RangeError && !('code' in error)) throw error
    throw new RangeError('it is damaged, or holds more than is read', { cause: error })
  }
}

/** One sheet to be written: texts stay texts, numbers can be added up. */
export interface SheetToWrite {
  name: string
  rows: readonly (readonly (string | number)[])[]
}

/** Writes sheets, the first row of each frozen; no cell is ever a formula. The same sheets give the same octets. */
export function writeXlsx(sheets: readonly SheetToWrite[]): Buffer {
  const each = (text: (name: string, number: number) => string) =>
    sheets.map(({ name }, index) => text(escaped(name), index + 1)).join('')
  const parts = each(
    (_, n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${TYPE}.worksheet+xml"/>`,
  )
  const relations = each(
    (_, n) => `<Relationship Id="rId${n}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${n}.xml"/>`,
  )
  return writeZip([
    [
      '[Content_Types].xml',
      `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/>${parts}</Types>`,
    ],
    [
      '_rels/.rels',
      `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    [
      'xl/workbook.xml',
      `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${each((name, n) => `<sheet name="${name}" sheetId="${n}" r:id="rId${n}"/>`)}</sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${relations}<Relationship Id="rIdStyles" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
    ],
    // Texts have the style "text" (49), so that a spreadsheet leaves 001 and +7 alone, with lines as they are.
    [
      'xl/styles.xml',
      `${HEAD}<styleSheet xmlns="${MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf numFmtId="49" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs></styleSheet>`,
    ],
    ...sheets.map(({ rows }, index) => [`xl/worksheets/sheet${index + 1}.xml`, sheetText(rows)] as const),
  ])
}

function sheetText(rows: SheetToWrite['rows']): string {
  const width = Math.max(1, ...rows.map((row) => row.length))
  const written = rows.map((row, index) => {
    const cells = row.map((cell, column) => cellXml(cell, `${lettersOf(column)}${index + 1}`))
    return `<row r="${index + 1}">${cells.join('')}</row>`
  })
  return `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="${width}" width="22" style="1" customWidth="1"/></cols><sheetData>${written.join('')}</sheetData></worksheet>`
}

function cellXml(cell: string | number, place: string): string {
  if (cell === '') return ''
  if (typeof cell === 'number' && Number.isFinite(cell)) return `<c r="${place}"><v>${cell}</v></c>`
  return `<c r="${place}" s="1" t="inlineStr"><is><t xml:space="preserve">${escaped(String(cell))}</t></is></c>`
}

function tableOf(xml: string, strings: readonly string[]): CsvTable {
  const rows: CsvRow[] = []
  const faults: { row: number; reason: string }[] = []
  let number = 0
  for (const row of tagsOf(xml, 'row')) {
    number = Number(row.attributes.get('r') ?? number + 1)
    if (number > MAX_ROWS || rows.length === MAX_ROWS) {
      faults.push({ row: number, reason: `the table has more than ${MAX_ROWS} rows; the rest is not read` })
      break
    }
    const cells: string[] = []
    let column = -1
    let fault: string | null = null
    for (const cell of tagsOf(row.content, 'c')) {
      const letters = /^[A-Z]+/.exec(cell.attributes.get('r') ?? '')?.[0]
      column = letters === undefined ? column + 1 : columnOf(letters)
      const text = cellText(cell.attributes.get('t') ?? 'n', cell.content, strings)
      if (column >= MAX_COLUMNS) fault = text === '' ? fault : `there are more than ${MAX_COLUMNS} columns`
      else {
        if (text.length > MAX_CELL_CHARACTERS)
          fault = `column ${column + 1} has more than ${MAX_CELL_CHARACTERS} characters`
        while (cells.length < column) cells.push('')
        cells[column] = text
      }
    }
    if (fault !== null) faults.push({ row: number, reason: fault })
    else if (cells.some((cell) => cell !== '')) rows.push({ number, cells })
  }
  return { delimiter: ',', rows, faults }
}

function cellText(type: string, content: string, strings: readonly string[]): string {
  if (type === 'inlineStr') return richText(content)
  const [value] = tagsOf(content, 'v')
  const text = value === undefined ? '' : unescaped(value.content)
  if (type === 's') return strings[Number(text)] ?? ''
  // 1000.0 and 1E3 are one number.
  return type === 'n' && text !== '' && Number.isFinite(Number(text)) ? String(Number(text)) : text
}

function stringsOf(xml: string): string[] {
  return [...tagsOf(xml, 'si')].map(({ content }) => richText(content))
}

/** The runs of a text put together, without the readings that stand over it. */
function richText(content: string): string {
  let plain = ''
  let at = 0
  for (const { from, to } of tagsOf(content, 'rPh')) {
    plain += content.slice(at, from)
    at = to
  }
  plain += content.slice(at)
  return [...tagsOf(plain, 't')].map((run) => unescaped(run.content)).join('')
}

interface Tag {
  attributes: ReadonlyMap<string, string>
  content: string
  /** Where the element begins and what follows it begins. */
  from: number
  to: number
}

/** Elements of a name, whatever their prefix, that do not stand in each other. Throws where one is never closed. */
function* tagsOf(xml: string, name: string): Generator<Tag> {
  const open = new RegExp(`<((?:[A-Za-z]\\w{0,20}:)?)${name}(\\s[^<>]*)?>`, 'g')
  for (let found = open.exec(xml); found !== null; found = open.exec(xml)) {
    const [, prefix = '', inside = ''] = found
    const attributes = new Map<string, string>()
    for (const [, key = '', value = ''] of inside.matchAll(/([\w:]+)\s*=\s*"([^"]*)"/g))
      attributes.set(key, unescaped(value))
    if (inside.endsWith('/')) {
      yield { attributes, content: '', from: found.index, to: open.lastIndex }
      continue
    }
    const close = `</${prefix}${name}>`
    const end = xml.indexOf(close, open.lastIndex)
    if (end === -1) throw new RangeError(`an element ${name} is not closed`)
    const to = end + close.length
    yield { attributes, content: xml.slice(open.lastIndex, end), from: found.index, to }
    open.lastIndex = to
  }
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** XML's five entities and numbered ones, then what spreadsheets write for characters that XML cannot hold: `_x000D_`. */
function unescaped(text: string): string {
  return text
    .replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g, (whole, decimal, hex, name) => {
      if (name !== undefined) return NAMED[String(name)] ?? String(whole)
      const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal)
      return code > 0x10ffff ? String(whole) : String.fromCodePoint(code)
    })
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex) => String.fromCharCode(Number.parseInt(String(hex), 16)))
}

function escaped(text: string): string {
  return text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/[&<>"]/g, (mark) => `&${Object.keys(NAMED).find((name) => NAMED[name] === mark)};`)
    .replace(
      /[^\P{Cc}\n\t]|\p{Cs}|[\uFFFE\uFFFF]/gu,
      (mark) => `_x${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
}

function lettersOf(column: number): string {
  const last = String.fromCharCode(65 + (column % 26))
  return column < 26 ? last : lettersOf(Math.floor(column / 26) - 1) + last
}

function columnOf(letters: string): number {
  let column = 0
  for (let at = 0; at < Math.min(letters.length, 4); at++) column = column * 26 + letters.charCodeAt(at) - 64
  return column - 1
}

import { type CsvRow, type CsvTable, writeCsv } from '@tocsin/sheets'
import { type Entry, fieldsOf, type RegistryFault, readEntry, SECTIONS, type Section } from './entries.ts'
import type { Located, ReadFile } from './registry-file.ts'

/** What a cell of a field holds. Lists have one item a line, maps one `name=value` a line. */
type Kind = 'text' | 'number' | 'boolean' | 'list' | 'numbers' | 'map'

const LISTS = new Set(
  'roles legalScope languages ips domains services webApps expectedInputs internetConnections addresses certificateSubjects '
    .concat('listeners systemIds connections contactIds channels')
    .split(' '),
)
const MAPS = ['names', 'nationalIds', 'limits']
const NUMBERS = ['systemClass', 'criticality', 'expectedIntervalSeconds']
const BOOLEANS = ['integratedWithEgov', 'servesEGovernment', 'usesHttps', 'exercise', 'test']
const YES = ['true', 'yes', '1', 'có', 'иә', 'да', 'истина', '是']
const NO = ['false', 'no', '0', 'không', 'жоқ', 'нет', 'ложь', '否']

/** A column that people may leave in a file of faults: what was wrong there; never read. */
export const FAULT_COLUMN = 'fault'

/** A row that was not taken, as it stood in the file, and why. */
export interface FaultyRow {
  row: CsvRow
  reasons: string[]
}

/** A table with its header understood. */
export interface Sheet extends ReadFile {
  header: readonly string[]
  table: CsvTable
  /** Number of the row that an entry came from. */
  rowOf: ReadonlyMap<Located, CsvRow>
  /** Rows that are not well formed, by their numbers. */
  faulty: Map<number, FaultyRow>
}

function kindOf(section: Section, field: string): Kind {
  if (LISTS.has(field) || (field === 'os' && section === 'systems')) return 'list'
  if (MAPS.includes(field)) return 'map'
  if (NUMBERS.includes(field)) return 'number'
  if (field === 'linkCapacityMbps') return 'numbers'
  return BOOLEANS.includes(field) ? 'boolean' : 'text'
}

/**
 * Reads one section from a table: a header with the names of fields in any order and any case, one entry a row. An asset without an
 * id gets the one that `assetIdOf` gives for its body, circuit and address, which are its key (KZ-A).
 */
export function readSheet(table: CsvTable, section: Section, assetIdOf: (asset: AssetKey) => string): Sheet {
  const [first, ...rows] = table.rows
  const header = (first?.cells ?? []).map((name) => name.trim().replace(/^\uFEFF/, ''))
  const sheet = { header, table, entries: [] as Located[], faults: [] as RegistryFault[] }
  const rowOf = new Map<Located, CsvRow>()
  const faulty = new Map<number, FaultyRow>()
  for (const { row, reason } of table.faults) sheet.faults.push({ place: `row ${row}`, reason })
  const columns = header.map((name) => columnOf(section, name))
  for (const [index, column] of columns.entries()) {
    const name = header[index] ?? ''
    if (column === null && name !== '' && name.toLowerCase() !== FAULT_COLUMN)
      sheet.faults.push({ place: `row 1, column ${name}`, reason: `is no field of ${section}; it is not read` })
    if (column !== null && columns.indexOf(column) !== index)
      sheet.faults.push({ place: `row 1, column ${name}`, reason: 'stands there twice; the first is read' })
  }
  for (const row of rows) {
    const placeOf = (field: string | null) =>
      field === null ? `row ${row.number}` : `row ${row.number}, column ${field.split('.')[0]}`
    const reasons: string[] = []
    const complain = (field: string | null, reason: string) => {
      sheet.faults.push({ place: placeOf(field), reason })
      reasons.push(field === null ? reason : `${field.split('.')[0]} ${reason}`)
    }
    const raw: Record<string, unknown> = {}
    for (const [index, field] of columns.entries()) {
      const cell = (row.cells[index] ?? '').trim()
      if (field === null || columns.indexOf(field) !== index || cell === '') continue
      const value = valueOf(kindOf(section, field), cell)
      if (value === undefined) complain(field, `has "${short(cell)}", which is no ${kindOf(section, field)}`)
      else raw[field] = value
    }
    if (row.cells.length > header.length && row.cells.slice(header.length).some((cell) => cell.trim() !== ''))
      complain(null, `has ${row.cells.length} cells where the header has ${header.length}`)
    if (section === 'assets' && raw['id'] === undefined) raw['id'] = assetIdOf(raw as AssetKey)
    const read = readEntry(section, raw)
    // What a cell that could not be read at all leaves behind is no second fault.
    const unread = new Set(reasons.map((reason) => reason.split(' ')[0]))
    if ('faults' in read)
      for (const { path, reason } of read.faults) {
        const field = String(path[0] ?? '')
        if (!unread.has(field)) complain(field === '' ? null : path.map(String).join('.'), withCell(reason, raw[field]))
      }
    if (reasons.length > 0) faulty.set(row.number, { row, reasons })
    else if ('entry' in read) {
      const located: Located = { section, entry: read.entry, placeOf }
      sheet.entries.push(located)
      rowOf.set(located, row)
    }
  }
  return { ...sheet, rowOf, faulty }
}

/** What makes an asset the same asset, as far as a row gives it. */
export interface AssetKey {
  constituent?: string
  circuit?: string
  ip?: string
}

/** One section as a table, header first; `readSheet` reads the same entries back. */
export function sheetRows(section: Section, entries: Iterable<Entry>): string[][] {
  const fields = fieldsOf(section)
  return [fields, ...[...entries].map((entry) => fields.map((field) => cellOf(entry[field])))]
}

/** Writes one section as CSV. */
export function writeSheet(section: Section, entries: Iterable<Entry>): string {
  return writeCsv(sheetRows(section, entries))
}

/** Writes the rows that were not taken, as they stood, each with its reasons in a last column: the file to mend and import again. */
export function writeFaultyRows({ header, table, faulty }: Sheet): string {
  const kept = header.map((name, index) => ({ name, index })).filter(({ name }) => name.toLowerCase() !== FAULT_COLUMN)
  const rows = [...faulty.values()].sort((a, b) => a.row.number - b.row.number)
  return writeCsv(
    [
      [...kept.map(({ name }) => name), FAULT_COLUMN],
      ...rows.map(({ row, reasons }) => [...kept.map(({ index }) => row.cells[index] ?? ''), reasons.join('\n')]),
    ],
    table.delimiter,
  )
}

/** The section that a name of a file or an option means; null where it means none. */
export function sectionNamed(name: string): Section | null {
  return SECTIONS.find((section) => section === name) ?? null
}

function columnOf(section: Section, name: string): string | null {
  return fieldsOf(section).find((field) => field.toLowerCase() === name.toLowerCase()) ?? null
}

/** Takes a cell that is not empty; gives what it holds, undefined where it is none of its kind. */
function valueOf(kind: Kind, cell: string): unknown {
  switch (kind) {
    case 'text':
      return cell
    case 'number':
      return numberOf(cell)
    case 'boolean': {
      const word = cell.toLowerCase()
      return YES.includes(word) ? true : NO.includes(word) ? false : undefined
    }
    case 'list':
      return linesOf(cell)
    case 'numbers': {
      const numbers = linesOf(cell).map(numberOf)
      return numbers.includes(undefined) ? undefined : numbers
    }
    case 'map': {
      const pairs = linesOf(cell).map((line) => /^([^=]+)=(.*)$/.exec(line))
      if (pairs.includes(null)) return undefined
      return Object.fromEntries(pairs.map((pair) => [pair?.[1]?.trim() ?? '', pair?.[2]?.trim() ?? '']))
    }
    default:
      return kind satisfies never
  }
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(String).join('\n')
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, held]) => `${name}=${String(held)}`)
      .join('\n')
  return String(value as string | number | boolean)
}

/** A number as people write it, with a decimal comma too. */
function numberOf(cell: string): number | undefined {
  return /^-?\d{1,15}([.,]\d{1,9})?$/.test(cell) ? Number(cell.replace(',', '.')) : undefined
}

function linesOf(cell: string): string[] {
  return cell
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function withCell(reason: string, value: unknown): string {
  return typeof value === 'string' || typeof value === 'number'
    ? `has "${short(String(value))}", which ${reason}`
    : reason
}

function short(cell: string): string {
  return cell.length > 80 ? `${cell.slice(0, 80)}…` : cell
}

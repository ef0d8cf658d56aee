import { type SheetToWrite, writeCsv, writeXlsx } from '@tocsin/sheets'
import { drawingRows } from '../charts/draw.ts'
import type { Cell, Part, ReportDocument } from '../document/document.ts'
import { queryText, searchPath } from '../document/query.ts'

const MAX_SHEET_NAME = 31

/** Gives a report as a workbook: one sheet for each section, every row of its tables, numbers as numbers, and the queries. */
export function xlsxOf(document: ReportDocument): Buffer {
  const { title, subtitle, basis, letterhead, head, signature, colophon } = document
  const names = new Set<string>()
  const sheets: SheetToWrite[] = [
    {
      name: nameOf('0', names),
      rows: [
        [title],
        [subtitle],
        [basis],
        [letterhead.body],
        ...head.map(([label, value]) => [label, valueOf(value)]),
        ...signature.map(({ title: side, lines }) => [side, ...lines]),
        [colophon],
      ],
    },
    ...document.sections.map(({ title: heading, parts }) => ({
      name: nameOf(heading === '' ? document.kind : heading, names),
      rows: parts.flatMap((part, index) => [...(index === 0 ? [] : [[]]), ...rowsOf(part)]),
    })),
    {
      name: nameOf(document.queriesTitle, names),
      rows: [
        document.queryHeads,
        ...document.queries.map(({ id, query, value }) => [id, queryText(query), value, searchPath(query) ?? '']),
      ],
    },
  ]
  return writeXlsx(sheets)
}

/** Gives a report as one table: section, part, row, column, value and the query that proves it. */
export function csvOf(document: ReportDocument): string {
  const rows: string[][] = [['section', 'part', 'row', 'column', 'value', 'query']]
  const put = (section: string, part: number, row: number, column: string, cell: Cell): void => {
    rows.push([section, String(part), String(row), column, String(valueOf(cell)), proofOf(cell)])
  }
  const { title, subtitle, basis, letterhead, head, colophon } = document
  for (const text of [title, subtitle, basis, letterhead.body, colophon]) put('', 0, rows.length, '', text)
  head.forEach(([label, value], index) => put('', 1, index + 1, label, value))
  for (const { title: section, parts } of document.sections)
    parts.forEach((part, index) => {
      for (const [row, column, cell] of cellsOf(part)) put(section, index + 1, row, column, cell)
    })
  for (const { id, query, value } of document.queries)
    rows.push([document.queriesTitle, id, '', queryText(query), String(value), id])
  return writeCsv(rows)
}

function rowsOf(part: Part): (string | number)[][] {
  switch (part.part) {
    case 'text':
      return [[part.text]]
    case 'fields':
    case 'figures':
      return part.rows.map(([label, value]) => [label, valueOf(value)])
    case 'table':
      return [
        part.columns.map(({ title }) => title),
        ...part.rows.map((row) => row.map(valueOf)),
        ...(part.rows.length === 0 ? [[part.empty]] : []),
        ...(part.total === undefined ? [] : [part.total.map(valueOf)]),
      ]
    case 'chart':
      return [[part.title], ...drawingRows(part.drawing)]
    default:
      return part satisfies never
  }
}

function* cellsOf(part: Part): Generator<[row: number, column: string, cell: Cell]> {
  if (part.part === 'text') yield [1, '', part.text]
  else if (part.part === 'fields' || part.part === 'figures')
    for (const [index, [label, value]] of part.rows.entries()) yield [index + 1, label, value]
  else if (part.part === 'table') {
    const all = part.total === undefined ? part.rows : [...part.rows, part.total]
    if (part.rows.length === 0) yield [1, '', part.empty]
    for (const [index, row] of all.entries())
      for (const [column, cell] of row.entries()) yield [index + 1, part.columns[column]?.title ?? '', cell]
  } else {
    const [heads = [], ...rows] = drawingRows(part.drawing)
    for (const [index, row] of rows.entries())
      for (const [column, value] of row.entries()) yield [index + 1, String(heads[column] ?? ''), String(value)]
  }
}

function valueOf(cell: Cell): string | number {
  if (typeof cell === 'string') return cell
  return 'figure' in cell ? cell.figure : cell.text
}

const proofOf = (cell: Cell): string => (typeof cell === 'object' && 'figure' in cell ? cell.query : '')

/** Names of sheets are short, without some signs, and each another. */
function nameOf(wanted: string, taken: Set<string>): string {
  const plain =
    wanted
      .replace(/[[\]:*?/\\']/g, ' ')
      .toWellFormed()
      .trim() || '–'
  const short = (length: number): string => plain.slice(0, length).toWellFormed().trim()
  let name = short(MAX_SHEET_NAME)
  for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${short(MAX_SHEET_NAME - 4)} ${number}`
  taken.add(name.toLowerCase())
  return name
}

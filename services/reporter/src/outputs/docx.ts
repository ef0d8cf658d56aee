import {
  AlignmentType,
  Bookmark,
  Document,
  HeadingLevel,
  InternalHyperlink,
  Packer,
  Paragraph,
  type ParagraphChild,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
} from 'docx'
import { drawingRows } from '../charts/draw.ts'
import type { Cell, Column, Part, ReportDocument } from '../document/document.ts'
import { queryText } from '../document/query.ts'
import { MAX_PAPER_ROWS } from './html.ts'

const FONT = { ascii: 'Noto Sans', hAnsi: 'Noto Sans', cs: 'Noto Sans', eastAsia: 'Noto Sans CJK TC' }
/** Width of an A4 page inside its margins, twentieths of a point. */
const PAGE_WIDTH = 9_638
const SMALL = 16
const HEAD_FILL = 'E9EEF2'

/** Gives a report as a Word document: headings, tables whose heads repeat, numbers that lead to their queries. */
export function docxOf(document: ReportDocument, number: (value: number) => string, moreRows: string): Promise<Buffer> {
  const writer = new Writer(number, moreRows)
  const { title, subtitle, letterhead, basis, head, sections, signature, colophon } = document
  const children = [
    writer.table(
      [{ title: '' }, { title: '' }],
      [[letterhead.body, [letterhead.nation, letterhead.motto].filter((line) => line !== '').join('\n')]],
      { heads: false, bold: true, lines: false },
    ),
    writer.paragraph(title, { heading: HeadingLevel.HEADING_1, centre: true, bold: true, size: 26 }),
    writer.paragraph(subtitle, { centre: true, bold: true }),
    writer.paragraph(basis, { centre: true, italics: true }),
    ...(head.length > 0 ? [writer.fields(head)] : []),
    ...sections.flatMap(({ title: heading, parts }) => [
      ...(heading === '' ? [] : [writer.paragraph(heading, { heading: HeadingLevel.HEADING_2, bold: true, size: 23 })]),
      ...parts.flatMap((part) => writer.part(part)),
    ]),
    ...signature.flatMap(({ title: side, lines }) => [
      writer.paragraph(side, { bold: true }),
      ...lines.map((line) => writer.paragraph(line, { italics: true })),
    ]),
    writer.paragraph(colophon, { size: SMALL }),
    ...writer.queries(document),
  ]
  const whole = new Document({
    title: clean(title),
    creator: 'Tocsin',
    styles: { default: { document: { run: { font: FONT, size: 20 } } } },
    sections: [
      {
        properties: {
          page: {
            size: { width: 11_906, height: 16_838 },
            margin: { top: 1_020, bottom: 1_020, left: 1_134, right: 1_134 },
          },
        },
        children,
      },
    ],
  })
  return Packer.toBuffer(whole)
}

interface TextStyle {
  heading?: (typeof HeadingLevel)[keyof typeof HeadingLevel]
  centre?: boolean
  bold?: boolean
  italics?: boolean
  size?: number
}

class Writer {
  readonly #number: (value: number) => string
  readonly #moreRows: string

  constructor(number: (value: number) => string, moreRows: string) {
    this.#number = number
    this.#moreRows = moreRows
  }

  paragraph(text: string, { heading, centre, bold, italics, size }: TextStyle = {}): Paragraph {
    return new Paragraph({
      ...(heading === undefined ? {} : { heading, keepNext: true }),
      ...(centre === true ? { alignment: AlignmentType.CENTER } : {}),
      spacing: { before: heading === undefined ? 40 : 200, after: 60 },
      children: lines(text).map(
        (line, index) =>
          new TextRun({
            text: line,
            color: '111111',
            ...(bold === true ? { bold } : {}),
            ...(italics === true ? { italics } : {}),
            ...(size === undefined ? {} : { size }),
            ...(index === 0 ? {} : { break: 1 }),
          }),
      ),
    })
  }

  part(part: Part): (Paragraph | Table)[] {
    switch (part.part) {
      case 'text':
        return [this.paragraph(part.text, part.note === true ? { size: 17, italics: true } : {})]
      case 'fields':
      case 'figures':
        return [this.fields(part.rows)]
      case 'table': {
        if (part.rows.length === 0) return [this.paragraph(part.empty, { italics: true })]
        const total = part.total === undefined ? [] : [part.total]
        const left = part.rows.length - MAX_PAPER_ROWS
        return [
          this.table(part.columns, [...part.rows.slice(0, MAX_PAPER_ROWS), ...total]),
          ...(left > 0 ? [this.paragraph(`${this.#number(left)} ${this.#moreRows}`, { size: 17 })] : []),
        ]
      }
      case 'chart': {
        const [heads = [], ...rows] = drawingRows(part.drawing)
        const columns = heads.map((title, index) => ({
          title: String(title),
          number: index > 0,
          width: index === 0 ? 2 : 1,
        }))
        return [
          this.paragraph(part.title, { bold: true }),
          this.table(
            columns,
            rows.map((row) => row.map(String)),
            { size: SMALL },
          ),
        ]
      }
      default:
        return part satisfies never
    }
  }

  fields(rows: readonly (readonly [string, Cell])[]): Table {
    const columns = [
      { title: '', width: 1 },
      { title: '', width: 2.2 },
    ]
    return this.table(columns, rows, { heads: false })
  }

  table(
    columns: readonly Column[],
    rows: readonly (readonly Cell[])[],
    {
      heads = true,
      bold = false,
      size = 18,
      lines: drawn = true,
    }: { heads?: boolean; bold?: boolean; size?: number; lines?: boolean } = {},
  ): Table {
    const sum = columns.reduce((total, { width }) => total + (width ?? 1), 0)
    const widths = columns.map(({ width }) => Math.floor((PAGE_WIDTH * (width ?? 1)) / sum))
    const none = { style: 'none' as const, size: 0, color: 'auto' }
    return new Table({
      width: { size: PAGE_WIDTH, type: WidthType.DXA },
      columnWidths: widths,
      ...(drawn
        ? {}
        : {
            borders: { top: none, bottom: none, left: none, right: none, insideHorizontal: none, insideVertical: none },
          }),
      rows: [
        ...(heads
          ? [
              this.#row(
                columns.map(({ title }) => title),
                columns,
                widths,
                { head: true, bold: true, size },
              ),
            ]
          : []),
        ...rows.map((row) => this.#row(row, columns, widths, { head: false, bold, size })),
      ],
    })
  }

  #row(
    cells: readonly Cell[],
    columns: readonly Column[],
    widths: readonly number[],
    { head, bold, size }: { head: boolean; bold: boolean; size: number },
  ): TableRow {
    const left = columns.length - cells.length
    return new TableRow({
      tableHeader: head,
      cantSplit: true,
      children: cells.map((cell, index) => {
        const span = index === cells.length - 1 ? left + 1 : 1
        return new TableCell({
          ...(span > 1 ? { columnSpan: span } : { width: { size: widths[index] ?? 0, type: WidthType.DXA } }),
          margins: { top: 30, bottom: 30, left: 80, right: 80 },
          ...(head ? { shading: { fill: HEAD_FILL } } : {}),
          children: [
            new Paragraph({
              ...(columns[index]?.number === true ? { alignment: AlignmentType.RIGHT } : {}),
              children: this.#runs(cell, bold, size),
            }),
          ],
        })
      }),
    })
  }

  #runs(cell: Cell, bold: boolean, size: number): ParagraphChild[] {
    if (typeof cell === 'object' && 'figure' in cell)
      return [
        new InternalHyperlink({
          anchor: cell.query,
          children: [new TextRun({ text: this.#number(cell.figure), size, bold: bold || cell.bad === true })],
        }),
      ]
    const text = typeof cell === 'string' ? cell : cell.text
    const marked = typeof cell === 'object'
    return lines(text).map(
      (line, index) =>
        new TextRun({
          text: line,
          size,
          bold: bold || marked,
          ...(marked ? { color: '9B1B30' } : {}),
          ...(index === 0 ? {} : { break: 1 }),
        }),
    )
  }

  queries({ queriesTitle, queries }: ReportDocument): Paragraph[] {
    return [
      this.paragraph(queriesTitle, { heading: HeadingLevel.HEADING_2, bold: true, size: 23 }),
      ...queries.map(
        ({ id, query, value }) =>
          new Paragraph({
            children: [
              new Bookmark({ id, children: [new TextRun({ text: `${id} `, bold: true, size: SMALL })] }),
              new TextRun({ text: clean(`${queryText(query)} = ${value}`), size: SMALL }),
            ],
          }),
      ),
    ]
  }
}

const lines = (text: string): string[] => clean(text).split('\n')

/** Takes out what XML cannot hold, and marks that turn the direction of what follows. */
function clean(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\u{20}-\u{D7FF}\u{E000}-\u{FFFC}\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[\u202A-\u202E\u2066-\u2069]/g, '')
}

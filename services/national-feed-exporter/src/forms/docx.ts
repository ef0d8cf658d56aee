import {
  AlignmentType,
  Document,
  HeadingLevel,
  Packer,
  Paragraph,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
} from 'docx'
import { type Block, BOX, type Form, printable } from './form.ts'

const FONT = { ascii: 'Noto Sans', eastAsia: 'Noto Sans CJK TC', hAnsi: 'Noto Sans' }
/** Width of an A4 page inside its margins, twentieths of a point. */
const PAGE_WIDTH = 9_640

/** Takes a form; gives it as a Word document. */
export function docxOf(form: Form): Promise<Buffer> {
  const document = new Document({
    title: printable(form.title),
    creator: 'Tocsin',
    styles: { default: { document: { run: { font: FONT, size: 21 } } } },
    sections: [
      {
        properties: {
          page: {
            size: { width: 11_906, height: 16_838 },
            margin: { top: 1_000, bottom: 1_000, left: 1_133, right: 1_133 },
          },
        },
        children: [
          new Paragraph({
            heading: HeadingLevel.HEADING_1,
            alignment: AlignmentType.CENTER,
            children: [run(form.title, true)],
          }),
          ...form.blocks.flatMap(partsOf),
        ],
      },
    ],
  })
  return Packer.toBuffer(document)
}

function partsOf(block: Block): (Paragraph | Table)[] {
  const title = new Paragraph({
    heading: HeadingLevel.HEADING_2,
    spacing: { before: 200, after: 60 },
    children: [run(block.title, true)],
  })
  switch (block.kind) {
    case 'fields':
      return [title, tableOf(block.rows, [0.28, 0.72], 0)]
    case 'ticks':
      return [
        title,
        new Paragraph({
          children: [
            run(block.options.map(({ label, ticked }) => `${ticked ? BOX.ticked : BOX.empty} ${label}`).join('　')),
          ],
        }),
      ]
    case 'table': {
      const share = 1 / block.header.length
      return [
        title,
        tableOf(
          [block.header, ...block.rows],
          block.header.map(() => share),
          null,
        ),
      ]
    }
    case 'text':
      return [title, tableOf([[block.text]], [1], null, false)]
    default:
      return block satisfies never
  }
}

/** `labels`: the column that holds labels; null: the first row does, where `headed`. */
function tableOf(
  rows: readonly (readonly string[])[],
  shares: readonly number[],
  labels: number | null,
  headed = true,
): Table {
  const widths = shares.map((share) => Math.floor(PAGE_WIDTH * share))
  return new Table({
    width: { size: PAGE_WIDTH, type: WidthType.DXA },
    columnWidths: widths,
    rows: rows.map((row, at) => {
      const isHead = labels === null && headed && at === 0
      return new TableRow({
        tableHeader: isHead,
        cantSplit: true,
        children: row.map(
          (text, column) =>
            new TableCell({
              width: { size: widths[column] ?? 0, type: WidthType.DXA },
              margins: { top: 40, bottom: 40, left: 90, right: 90 },
              ...(isHead || column === labels ? { shading: { fill: 'EEEEEE' } } : {}),
              children: text
                .split('\n')
                .map((line) => new Paragraph({ children: [run(line, isHead || column === labels)] })),
            }),
        ),
      })
    }),
  })
}

const run = (text: string, bold = false): TextRun => new TextRun({ text: printable(text), bold })

import { labelsIn } from '../labels/index.ts'
import type { Rendered } from '../render.ts'
import { docxOf } from './docx.ts'
import { htmlOf } from './html.ts'
import { csvOf, xlsxOf } from './sheets.ts'

/** Every form that a report is given in; PDF is printed from the page. */
export const FORMATS = ['html', 'pdf', 'docx', 'xlsx', 'csv', 'json'] as const
export type Format = (typeof FORMATS)[number]

export const MIME: Readonly<Record<Format, string>> = {
  html: 'text/html; charset=utf-8',
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
}

/** Gives a report in one form; `json` is the record of its proof: template, hash of the data, totals and every query. */
export async function outputOf(format: Exclude<Format, 'pdf'>, rendered: Rendered): Promise<Buffer> {
  const { document, dataSha256, totals } = rendered
  const { language, template, queries } = document
  const numbers = new Intl.NumberFormat(language === 'kk' ? 'ru' : language)
  const number = (value: number): string => numbers.format(value)
  const moreRows = labelsIn(language)('moreRows')
  switch (format) {
    case 'html':
      return Buffer.from(htmlOf(document, number, moreRows))
    case 'docx':
      return docxOf(document, number, moreRows)
    case 'xlsx':
      return xlsxOf(document)
    case 'csv':
      return Buffer.from(csvOf(document))
    case 'json':
      return Buffer.from(`${JSON.stringify({ template, dataSha256, totals, queries }, null, 1)}\n`)
    default:
      return format satisfies never
  }
}

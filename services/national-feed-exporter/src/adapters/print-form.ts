import { printPdf } from '@tocsin/print'
import { TocsinError } from '@tocsin/runtime'

/** Prints a form to PDF with the browser at `executablePath`. Throws `TocsinError('pdf_failed')`, also where there is none. */
export async function printForm(executablePath: string, html: string): Promise<Buffer> {
  const pdf = await printPdf(executablePath, html, { pageNumbers: false })
  if (pdf !== null) return pdf
  throw new TocsinError(
    'pdf_failed',
    `There is no browser at ${executablePath} to print with; ask for docx or html, or name one with --browser.`,
  )
}

import { printPdf } from '@tocsin/print'
import { type Log, messageOf } from '@tocsin/runtime'
import type { ReportOutput } from '../produce.ts'
import { readEntered, readEnteredFile } from './entered.ts'
import { writeReportFile } from './report-folder.ts'

/** Files and what people entered below `root` (or in `enteredFile`), pages printed by `chromium`. A PDF that cannot be made is left out and said, the HTML stands. */
export function reportOutput(
  root: string,
  chromium: string,
  warn: (code: string, message: string) => void,
  enteredFile?: string,
): ReportOutput {
  return {
    entered: (kind, constituent, period) =>
      Promise.resolve().then(() =>
        enteredFile === undefined ? readEntered(root, kind, constituent, period) : readEnteredFile(enteredFile),
      ),
    write: (path, content, mime) => writeReportFile(root, path, content, mime),
    async print(html) {
      try {
        const pdf = await printPdf(chromium, html)
        if (pdf === null) warn('pdf_left_out', `There is no browser at ${chromium}: the report has no PDF.`)
        return pdf
      } catch (error) {
        warn('pdf_failed', messageOf(error))
        return null
      }
    },
  }
}

/** Warnings as lines of a log. */
export function warnTo(log: Log): (code: string, message: string) => void {
  return (code, message) => log.warn({ code }, message)
}

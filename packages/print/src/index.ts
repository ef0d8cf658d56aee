/** Pages to PDF: the one place that starts a browser to print. Nothing of the page runs, and nothing is fetched for it. */
export { fontFaces } from './fonts.ts'
export { type PrintOptions, printPdf } from './print-pdf.ts'

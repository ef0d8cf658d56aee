import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TocsinError } from '@tocsin/runtime'
import { type Browser, chromium } from 'playwright-core'
import { fontFaces } from './fonts.ts'

const TIMEOUT_MS = 60_000
/** No sandbox: the container is it, and the page has neither script nor network. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  // A container has 64 MB there, and a long page needs more.
  '--disable-dev-shm-usage',
]
const FOOTER =
  '<div style="width:100%;font-size:7pt;font-family:sans-serif;color:#555;text-align:center"><span class="pageNumber"></span> / <span class="totalPages"></span></div>'

/** How a page is printed. */
export interface PrintOptions {
  /** Page n of m below each page; on unless told. */
  pageNumbers?: boolean
}

/**
 * Prints a page to PDF (A4 unless its style says otherwise, tagged, fonts embedded) with the browser at `executablePath`.
 * Scripts are off and every request but for the page itself is cut; Noto Sans is put into the page's first style. Gives null
 * where there is no browser. Throws `TocsinError('pdf_failed')`.
 */
export async function printPdf(
  executablePath: string,
  html: string,
  { pageNumbers = true }: PrintOptions = {},
): Promise<Buffer | null> {
  if (!existsSync(executablePath)) return null
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-print-'))
  let browser: Browser | undefined
  try {
    const file = join(folder, 'page.html')
    await writeFile(
      file,
      html.replace('<style>', () => `<style>${fontFaces()}`),
      { mode: 0o600 },
    )
    const url = pathToFileURL(file).href
    browser = await chromium.launch({ executablePath, args: FLAGS, timeout: TIMEOUT_MS })
    const context = await browser.newContext({ javaScriptEnabled: false, offline: true, serviceWorkers: 'block' })
    await context.route('**/*', (route) => (route.request().url() === url ? route.continue() : route.abort()))
    const page = await context.newPage()
    await page.goto(url, { timeout: TIMEOUT_MS })
    return await page.pdf({
      format: 'A4',
      preferCSSPageSize: true,
      printBackground: true,
      tagged: true,
      outline: true,
      displayHeaderFooter: pageNumbers,
      headerTemplate: '<span></span>',
      footerTemplate: FOOTER,
    })
  } catch (error) {
    throw new TocsinError(
      'pdf_failed',
      `The browser ${executablePath} could not print the page; what it was printed from stands.`,
      error,
    )
  } finally {
    await browser?.close().catch(() => {})
    await rm(folder, { recursive: true, force: true })
  }
}

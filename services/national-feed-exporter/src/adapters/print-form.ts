import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TocsinError } from '@tocsin/runtime'
import { chromium } from 'playwright-core'

const TIMEOUT_MS = 60_000
/** No sandbox: the container is it, and the page has neither script nor network. */
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']

/** Prints a form to PDF (A4, tagged, fonts embedded) with the browser at `executablePath`. Throws `TocsinError('pdf_failed')`. */
export async function printForm(executablePath: string, html: string): Promise<Buffer> {
  if (!existsSync(executablePath)) {
    throw new TocsinError(
      'pdf_failed',
      `There is no browser at ${executablePath} to print with; ask for docx or html, or name one with --browser.`,
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-form-'))
  const file = join(folder, 'form.html')
  const browser = await chromium
    .launch({ executablePath, args: FLAGS, timeout: TIMEOUT_MS })
    .catch((error: unknown) => {
      throw new TocsinError('pdf_failed', `The browser ${executablePath} does not start.`, error)
    })
  try {
    writeFileSync(file, html, { mode: 0o600 })
    const url = pathToFileURL(file).href
    const context = await browser.newContext({ javaScriptEnabled: false, offline: true, serviceWorkers: 'block' })
    await context.route('**/*', (route) => (route.request().url() === url ? route.continue() : route.abort()))
    const page = await context.newPage()
    await page.goto(url, { timeout: TIMEOUT_MS })
    return await page.pdf({ format: 'A4', preferCSSPageSize: true, printBackground: true, tagged: true, outline: true })
  } catch (error) {
    throw new TocsinError(
      'pdf_failed',
      `The browser ${executablePath} could not print the form; docx and html do without it.`,
      error,
    )
  } finally {
    await browser.close().catch(() => undefined)
    rmSync(folder, { recursive: true, force: true })
  }
}

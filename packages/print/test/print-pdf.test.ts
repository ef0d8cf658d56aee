import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { printPdf } from '../src/print-pdf.ts'

const CHROMIUM = '/usr/bin/chromium'

test('where there is no browser there is no PDF', async () => {
  assert.equal(await printPdf('/nowhere/chromium', '<p>'), null)
})

test('a page is printed whole, tagged, without running its script', { skip: !existsSync(CHROMIUM) }, async () => {
  const page =
    '<!doctype html><html lang="vi"><head><title>t</title><style></style></head><body><h1>ữ ғ ү 聯</h1><script>document.body.textContent = ""</script></body></html>'
  const pdf = (await printPdf(CHROMIUM, page))?.toString('latin1') ?? ''
  assert.ok(pdf.startsWith('%PDF-'))
  assert.match(pdf, /\/MarkInfo <<\/Type \/MarkInfo\s*\/Marked true>>/)
  assert.match(pdf, /\/FontFile2/)
})

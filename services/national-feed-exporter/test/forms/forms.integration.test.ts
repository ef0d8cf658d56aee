// The forms as PDF, printed by the real browser and read back by poppler.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { EXPECTED, makeForms, missingIn, textOf } from './form-files.ts'

const CAN_PRINT = existsSync('/usr/bin/chromium') && spawnSync('pdftotext', ['-v']).status !== null

test('each form as PDF says what its appendix asks for, in Chinese that comes back as text, tagged and with its fonts', {
  skip: !CAN_PRINT && 'no chromium or pdftotext',
}, async () => {
  const { dir, errors } = await makeForms('pdf')
  assert.equal(errors, '')
  for (const [appendix, expected] of Object.entries(EXPECTED)) {
    const path = join(dir, `appendix-${appendix}.pdf`)
    assert.deepEqual(missingIn(textOf(path), expected), [], appendix)
    assert.match(execFileSync('pdfinfo', [path], { encoding: 'utf8' }), /Tagged:\s+yes/)
    const fonts = execFileSync('pdffonts', [path], { encoding: 'utf8' }).trim().split('\n').slice(2)
    assert.ok(fonts.length > 0 && fonts.every((line) => /\syes\s+(yes|no)\s+yes\s/.test(line)), fonts.join('\n'))
  }
})

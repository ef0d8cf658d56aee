import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { docxOf } from '../../src/forms/docx.ts'
import { type Form, printable } from '../../src/forms/form.ts'
import { htmlOf } from '../../src/forms/html.ts'
import { runCommand } from '../command-run.ts'
import { HOSTILE_TEXTS } from '../hostile-texts.ts'
import { base, EXPECTED, fullAccount, makeForms, missingIn, textOf } from './form-files.ts'

test('each form as DOCX says everything that its appendix asks for, and the check finds a field that was blanked', async () => {
  const { dir, errors } = await makeForms('docx')
  assert.equal(errors, '')
  for (const [appendix, expected] of Object.entries(EXPECTED)) {
    assert.deepEqual(missingIn(textOf(join(dir, `appendix-${appendix}.docx`)), expected), [], appendix)
  }
  const record = fullAccount()
  const blanked = await makeForms('docx', {
    ...record,
    issues: record.issues.map((issue) => ({ ...issue, name: '-' })),
  })
  assert.deepEqual(missingIn(textOf(join(blanked.dir, 'appendix-7.docx')), EXPECTED[7] ?? []), ['清單更新逾時'])
})

test('fifty hostile texts in a form give documents that open, with what XML can hold of each and nothing that acts', async () => {
  const rows = Object.entries(HOSTILE_TEXTS).map(([what, text]) => [what, text] as const)
  const hostile: Form = {
    appendix: 7,
    title: rows.map(([, text]) => text.slice(0, 3)).join(' '),
    blocks: [
      { kind: 'fields', title: ']]>', rows },
      { kind: 'table', title: '<b>', header: ['a', 'b'], rows },
      { kind: 'ticks', title: '&', options: rows.map(([, text]) => ({ label: text.slice(0, 40), ticked: true })) },
      ...rows.map(([, text]) => ({ kind: 'text', title: 't', text }) as const),
    ],
  }
  const path = join(base, 'hostile.docx')
  writeFileSync(path, await docxOf(hostile))
  const read = textOf(path)
  assert.deepEqual(
    missingIn(
      read,
      rows.map(([, text]) => printable(text)),
    ),
    [],
  )
  const html = htmlOf(hostile)
  for (const text of [read, html])
    assert.doesNotMatch(text, /[^\P{Cc}\t\n\r\u007F-\u009F]|[\u202A-\u202E\u2066-\u2069]/u)
  assert.ok(html.isWellFormed() && read.isWellFormed())
  const tags = new Set([...html.matchAll(/<\/?([a-zA-Z!?][^\s>]*)/g)].map(([, tag]) => tag))
  assert.deepEqual(
    [...tags].toSorted((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1)),
    [
      '!doctype',
      'body',
      'br',
      'div',
      'h1',
      'h2',
      'head',
      'html',
      'li',
      'meta',
      'style',
      'table',
      'tbody',
      'td',
      'th',
      'thead',
      'title',
      'tr',
      'ul',
    ],
  )
})

test('a form is refused in one sentence where its condition does not hold', async () => {
  const { dir } = await makeForms('html')
  const file = join(dir, 'account.json')
  const empty = join(base, 'empty.ndjson')
  writeFileSync(empty, '')
  const form = (...words: string[]) => runCommand('feed form', [...words, '--file', file, '--as', 'html', '--out', dir])
  await assert.rejects(form('5', '--ledger', empty), /Nothing was uploaded yet/)
  await assert.rejects(form('7', '--issue', 'none'), /no issue/)
  await assert.rejects(form('6'), /--check/)
  await assert.rejects(form('4', '--request', 'other-thing'), /--request is one of/)
  assert.equal((await form('8')).code, 2)
})

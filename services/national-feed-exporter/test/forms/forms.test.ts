import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { docxOf } from '../../src/forms/docx.ts'
import { type Form, printable } from '../../src/forms/form.ts'
import { htmlOf } from '../../src/forms/html.ts'
import { runCommand } from '../command-run.ts'
import { HOSTILE_TEXTS } from '../hostile-texts.ts'
import { base, EXPECTED, fullAccount, makeForms, missingIn, textOf } from './form-files.ts'

test('TW-2.2b each form as DOCX says everything that its appendix asks for, and the check finds a field that was blanked', async () => {
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

const feed = (verb: string, file: string, ...words: string[]) =>
  runCommand('feed account', [verb, '--file', file, '--by', '複測員', ...words])

test('TW-A7 an issue is entered, printed and taken in again as it was, and cannot be closed while its last round is not passed', async () => {
  const dir = join(base, 'issue')
  const file = join(base, 'issue.json')
  writeFileSync(file, JSON.stringify({ ...fullAccount(), issues: [] }))
  const words = [
    '--issue',
    'Q-9',
    '--name',
    '清單逾時',
    '--severity',
    '中',
    '--occurred',
    '2026-11-20',
    '--description',
    '內容',
    '--suggestion',
    '建議甲',
    '--due',
    '2099-12-31',
  ]
  await feed('open-issue', file, ...words)
  await feed('recheck', file, '--issue', 'Q-9', '--day', '2026-11-25')
  await assert.rejects(feed('close-issue', file, '--issue', 'Q-9'), /not 通過/)
  const print = () => runCommand('feed form', ['7', '--file', file, '--issue', 'Q-9', '--as', 'docx', '--out', dir])
  await print()
  const said = ['Q-9', '清單逾時', '中', '內容', '建議甲', '2026-11-25', '未通過', '複測員']
  assert.deepEqual(missingIn(textOf(join(dir, 'appendix-7.docx')), [...said, '是否結案否']), [])
  // Taken in again elsewhere: the same record, and it goes on there.
  const again = join(base, 'again.json')
  assert.equal((await feed('init', again, '--from', file)).code, 0)
  assert.deepEqual(JSON.parse(readFileSync(again, 'utf8')), JSON.parse(readFileSync(file, 'utf8')))
  await feed('recheck', again, '--issue', 'Q-9', '--day', '2026-11-28', '--passed')
  await feed('close-issue', again, '--issue', 'Q-9')
  await runCommand('feed form', ['7', '--file', again, '--issue', 'Q-9', '--as', 'docx', '--out', dir])
  assert.deepEqual(missingIn(textOf(join(dir, 'appendix-7.docx')), [...said, '2026-11-28', '是否結案是']), [])
})

test('TW-A4.3 contact data stand under a consent with purpose and end, and are gone after their deletion, whose proof stays', async () => {
  const dir = join(base, 'consent')
  const file = join(base, 'consent.json')
  writeFileSync(file, JSON.stringify(fullAccount()))
  const print = async () => {
    await runCommand('feed form', ['4', '--file', file, '--request', 'terminate', '--as', 'docx', '--out', dir])
    return textOf(join(dir, 'appendix-4.docx'))
  }
  assert.deepEqual(missingIn(await print(), ['聯防監控事件通報聯絡', '2027-12-31', '範例人員', 'soc@example.tw']), [])
  await feed('delete-contacts', file, '--day', '2027-11-30', '--proof', '銷毀紀錄 12')
  const after = await print()
  assert.deepEqual(missingIn(after, ['2027-11-30：銷毀紀錄 12', '（已刪除）']), [])
  assert.doesNotMatch(`${after}${readFileSync(file, 'utf8')}`, /soc@example|02-0000-0000|資安組/)
})

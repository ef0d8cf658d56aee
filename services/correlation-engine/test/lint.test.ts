import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ecsMapping, parseRules } from '@tocsin/sigma'
import { lintRules } from '../src/rules/lint.ts'
import { run } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-lint-'))
after(() => rmSync(folder, { recursive: true }))

/** A rule of web servers with this detection, indented by two. */
const rule = (detection: string, head = 'level: low'): string =>
  `title: x\n${head}\nlogsource:\n  category: webserver\ndetection:\n${detection}\n`

function lint(text: string): string[] {
  const { documents, refused } = parseRules([{ file: 'x.yml', text }])
  assert.deepEqual(refused, [])
  return lintRules(documents, ecsMapping).map(({ line, column, code, weight }) => `${line}:${column} ${code} ${weight}`)
}

const cases: readonly [name: string, detection: string, found: string[]][] = [
  ['a sound rule', '  s:\n    url.original|contains: passwd\n  condition: s', []],
  [
    'a search for nothing',
    "  s:\n    url.original|contains: ''\n  condition: s",
    ['7:5 lint_always_true error', '7:28 lint_costly_pattern warning'],
  ],
  [
    'a pattern that fits everything',
    "  s:\n    url.original|re: '.*'\n  condition: s",
    ['7:5 lint_always_true error', '7:22 lint_costly_pattern warning'],
  ],
  ['a port that is never negative', '  s:\n    source.port|gte: 0\n  condition: s', ['7:5 lint_always_true error']],
  ['that a field exists', "  s:\n    url.original: '*'\n  condition: s", []],
  ['a tautology', '  s:\n    url.original: a\n  condition: s or not s', ['6:3 lint_always_true error']],
  ['a contradiction', '  s:\n    url.original: a\n  condition: s and not s', ['6:3 lint_never_true error']],
  ['exclusions alone', '  s:\n    url.original: a\n  condition: not s', ['6:3 lint_negative_only warning']],
  [
    'a selection that nobody asks for',
    '  s:\n    url.original: a\n  t:\n    url.original: b\n  condition: s',
    ['8:3 lint_unused_selection warning'],
  ],
  ['a short search', '  s:\n    url.original|contains: ab\n  condition: s', ['7:28 lint_costly_pattern warning']],
  [
    'an unanchored pattern',
    "  s:\n    url.original|re: '[a-z]+[0-9]*'\n  condition: s",
    ['7:22 lint_costly_pattern warning'],
  ],
  ['an anchored pattern', "  s:\n    url.original|re: '^[a-z]+[0-9]$'\n  condition: s", []],
  ['an unknown field', '  s:\n    cs-nothing: a\n  condition: s', ['7:5 lint_unknown_field error']],
  ['a field of the taxonomy', '  s:\n    cs-uri-query|contains: abc\n  condition: s', []],
  [
    'a word for a number',
    '  s:\n    http.response.status_code: teapot\n  condition: s',
    ['7:32 lint_wrong_type error'],
  ],
  ['a network without its modifier', '  s:\n    source.ip: 10.0.0.0/8\n  condition: s', ['7:16 lint_wrong_type error']],
  ['a network of a name', '  s:\n    user.name|cidr: 10.0.0.0/8\n  condition: s', ['7:5 lint_wrong_type error']],
  ['a name compared by size', '  s:\n    user.name|gt: 5\n  condition: s', ['7:5 lint_wrong_type error']],
]
for (const [name, detection, found] of cases) {
  test(`lint: ${name}`, () => assert.deepEqual(lint(rule(detection)), found))
}

test('lint names a rule that asks for the same as another, a missing level and a tag that is no technique', () => {
  const detection = '  s:\n    url.original: abc\n  condition: s'
  const second = rule(detection, 'id: 7b6d7d0a-2222-4a52-8d0e-3f1f6a0e1001\ntags:\n  - attack.t11')
  assert.deepEqual(lint(`${rule(detection)}---\n${second}`), [
    '10:1 lint_no_level warning',
    '10:1 lint_bad_technique warning',
    '10:1 lint_same_detection warning',
  ])
})

test('the command prints file, line and column, ends with 1 on an error, and on a warning only where asked', async () => {
  const file = join(folder, 'a.yml')
  writeFileSync(file, rule('  s:\n    url.original|contains: ab\n  condition: s'))
  const soft = await run(['rules', 'lint', file])
  assert.equal(soft.code, 0)
  assert.match(soft.out[0] ?? '', /a\.yml:7:28: lint_costly_pattern: warning: /)
  assert.equal((await run(['rules', 'lint', '--strict', file])).code, 1)
  writeFileSync(file, rule('  s:\n    nowhere: abc\n  condition: s'))
  assert.equal((await run(['rules', 'lint', file])).code, 1)
  assert.equal((await run(['rules', 'lint', '--plain-names', file])).code, 0)
})

test('the command says of an id used twice where it stands first', async () => {
  const id = 'id: 7b6d7d0a-3333-4a52-8d0e-3f1f6a0e1001\nlevel: low'
  const [first, second] = [join(folder, 'b.yml'), join(folder, 'c.yml')]
  writeFileSync(first, `# a remark\n${rule('  s:\n    url.original: abc\n  condition: s', id)}`)
  writeFileSync(second, rule('  s:\n    url.original: def\n  condition: s', id))
  const { code, out } = await run(['rules', 'lint', first, second])
  assert.equal(code, 1)
  assert.match(out[0] ?? '', /c\.yml:1:1: rule_duplicate_id: .* It stands first in .*b\.yml:2:1\./)
})

test('our own rules give no finding at all', async () => {
  const { code, out } = await run(['rules', 'lint', '--strict', join(import.meta.dirname, '../../../rules')])
  assert.equal(code, 0, out.join('\n'))
})

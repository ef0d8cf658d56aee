import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { run } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-commands-'))
after(() => rmSync(folder, { recursive: true }))

const base = `title: Failure
id: 7b6d7d0a-1111-4a52-8d0e-3f1f6a0e1001
name: failure
logsource:
    product: linux
detection:
    selection:
        outcome: failure
    condition: selection
`
const burst = `---
title: Burst
id: 7b6d7d0a-2222-4a52-8d0e-3f1f6a0e1001
correlation:
    type: event_count
    rules: failure
    group-by: ip
    timespan: 1m
    condition:
        gte: 2
`
const rules = join(folder, 'rules.yml')
writeFileSync(rules, base + burst)

const line = (id: string, ts: number | string, outcome = 'failure'): string =>
  JSON.stringify({ id, ts, logsource: { product: 'linux' }, event: { outcome, ip: '192.0.2.1', note: 'a\u2028b' } })

test('detect prints one line for every event that matched, in input order', async () => {
  const { code, out } = await run(['detect', '--rules', rules], [line('2', 9), line('x', 9, 'success'), line('1', 1)])
  assert.equal(code, 0)
  const rule = '7b6d7d0a-1111-4a52-8d0e-3f1f6a0e1001'
  assert.deepEqual(out, [`{"id":"2","rules":["${rule}"]}`, `{"id":"1","rules":["${rule}"]}`])
})

test('detect names a line that is no event, goes on and ends with 1', async () => {
  const { code, out, err } = await run(['detect', '--rules', rules], ['{broken', line('1', 1), '{"id":"3"}'])
  assert.equal(code, 1)
  assert.equal(out.length, 1)
  assert.match(err[0] ?? '', /^line 1: event_bad_json/)
  assert.match(err[1] ?? '', /^line 3: event_bad_shape/)
})

test('correlate gives what holds in event time, and late ids on standard error', async () => {
  const input = [
    line('a', 1_000.5),
    line('b', 1_030),
    line('c', 1_000.25),
    line('d', 2_000, 'success'),
    line('late', 1_001),
  ]
  const { code, out, err } = await run(['correlate', '--rules', rules, '--lateness', '60'], input)
  assert.equal(code, 0)
  const found = out.map(
    (written) => JSON.parse(written) as { id: string; ts: number; value: number; edge: boolean; key: string[] },
  )
  assert.deepEqual(
    found.map(({ id, ts, value, edge }) => [id, ts, value, edge]),
    [
      ['a', 1_000.5, 2, true],
      ['b', 1_030, 3, false],
    ],
  )
  assert.deepEqual(found[0]?.key, ['192.0.2.1'])
  assert.deepEqual(err, ['late'])
})

test('a refused rule is named with its place and stops no other', async () => {
  const mixed = join(folder, 'mixed.yml')
  writeFileSync(
    mixed,
    `${base}---\ntitle: Broken\nlogsource:\n    product: linux\ndetection:\n    s:\n        a|nosuch: 1\n    condition: s\n`,
  )
  const detected = await run(['detect', '--rules', mixed], [line('1', 1)])
  assert.equal(detected.code, 0)
  assert.equal(detected.out.length, 1)
  assert.match(detected.err[0] ?? '', /mixed\.yml:16:9: rule_unknown_modifier: /)
  const linted = await run(['rules', 'lint', mixed])
  assert.equal(linted.code, 1)
  assert.match(linted.out[0] ?? '', /mixed\.yml:16:9: rule_unknown_modifier: /)
  assert.equal((await run(['rules', 'lint', '--plain-names', rules])).code, 0)
})

test('missing rules, unknown options and rule sets without a rule are failures with a code', async () => {
  await assert.rejects(run(['detect']), { code: 'bad_arguments' })
  await assert.rejects(run(['detect', '--rules', rules, '--fast']), { code: 'bad_arguments' })
  await assert.rejects(run(['correlate', '--rules', rules, '--lateness', 'soon']), { code: 'bad_arguments' })
  await assert.rejects(run(['detect', '--rules', join(folder, 'nowhere')]), { code: 'rule_files_unreadable' })
  const empty = join(folder, 'empty.yml')
  writeFileSync(empty, '# nothing\n')
  await assert.rejects(run(['detect', '--rules', empty]), { code: 'no_rules' })
})

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readCases } from '../src/rules/case-file.ts'
import { junitOf } from '../src/rules/junit.ts'
import { run } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-cases-'))
after(() => rmSync(folder, { recursive: true }))

const id = '7b6d7d0a-1111-4a52-8d0e-3f1f6a0e1001'
const rules = join(folder, 'a.yml')
writeFileSync(
  rules,
  `title: Failure <1>\nid: ${id}\nlogsource:\n  product: linux\ndetection:\n  s:\n    outcome: failure\n  condition: s\n`,
)
const write = (cases: unknown): void => writeFileSync(join(folder, 'a.cases.json'), JSON.stringify(cases))
const given = (name: string, outcome: string, fires: boolean, rule = id): unknown => ({
  name,
  rule,
  fires,
  events: [{ logsource: { product: 'linux' }, event: { outcome } }],
})

test('cases that hold pass', async () => {
  write([given('hit', 'failure', true), given('near miss', 'failures', false)])
  const { code, out } = await run(['rules', 'test', folder])
  assert.equal(code, 0, out.join('\n'))
  assert.match(out.at(-1) ?? '', /^2 cases passed, 0 failed, 0 rules lack a case/)
})

test('a case that does not hold fails by name, in the report too', async () => {
  write([
    given('hit & "run"', 'success', true),
    given('near miss', 'failure', false),
    given('gone', 'x', true, 'nobody'),
  ])
  const report = join(folder, 'report.xml')
  const { code, out } = await run(['rules', 'test', '--junit', report, folder])
  assert.equal(code, 1)
  assert.match(out[0] ?? '', /a\.yml: Failure <1>: hit & "run": It should fire and did not\. Nothing else fired\./)
  assert.match(out[1] ?? '', /near miss: It fired and should not\./)
  assert.match(out[2] ?? '', /gone: The rule nobody is not there\./)
  const xml = readFileSync(report, 'utf8')
  assert.match(xml, /<testsuites tests="3" failures="3" time="[\d.]+">/)
  assert.match(xml, /<testcase classname="Failure &lt;1&gt;" name="hit &amp; &quot;run&quot;"/)
})

test('a rule without a near miss is named, and fails where that is asked', async () => {
  write([given('hit', 'failure', true)])
  const lax = await run(['rules', 'test', folder])
  assert.equal(lax.code, 0)
  assert.match(lax.out[0] ?? '', /a\.yml: Failure <1>: no near miss/)
  assert.equal((await run(['rules', 'test', '--strict', folder])).code, 1)
})

test('a broken file of cases is a failure of its own', () => {
  const fault = (text: string): string | null => readCases('a.yml', text).fault
  assert.match(fault('{') ?? '', /no JSON/)
  assert.match(fault('{}') ?? '', /no list/)
  assert.match(fault('[{"name":"a","rule":"b","fires":true,"events":[]}]') ?? '', /Case 1 has no events/)
  const endless = { name: 'a', rule: 'b', fires: true, events: [{ logsource: {}, event: {}, repeat: { times: 1e9 } }] }
  assert.match(fault(JSON.stringify([endless])) ?? '', /more than 100000 events/)
})

test('the report is XML whatever a name holds', () => {
  const result = {
    ruleFile: 'a.yml',
    ruleId: id,
    ruleTitle: 'a\u0000b\ud800',
    name: 'line\nfeed\ufffe',
    failure: null,
    durationMs: 1,
  }
  assert.match(junitOf([result]), /classname="ab\ufffd" name="line&#10;feed"/)
})

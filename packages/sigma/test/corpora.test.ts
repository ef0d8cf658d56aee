import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import {
  type CompiledRuleSet,
  CorrelateRun,
  compileRules,
  detectLine,
  type Parsed,
  parseFlatEvent,
  parseRules,
} from '../src/index.ts'

// Material that is not part of the project: where it is absent these tests are skipped by name.
const corpora = join(import.meta.dirname, '../../../../shared/rules-corpora')
const skip = existsSync(corpora) ? false : 'the rule corpora are not here'
const full = process.env['TOCSIN_TEST_DOSE'] === 'full'
const folder = skip === false ? mkdtempSync(join(tmpdir(), 'tocsin-rules-')) : ''
after(() => {
  if (folder !== '') rmSync(folder, { recursive: true })
})

const lines = (path: string): string[] =>
  gunzipSync(readFileSync(join(corpora, path)))
    .toString()
    .split('\n')
    .filter((line) => line !== '')

function unpack(archive: string): Parsed {
  execFileSync('tar', ['xzf', join(corpora, 'sigmahq-rules', archive), '-C', folder])
  const trees = archive === 'rules.tar.gz' ? 'rules*' : '{deprecated,unsupported}'
  const files = globSync(`${trees}/**/*.yml`, { cwd: folder }).sort()
  return parseRules(files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') })))
}

let current: { parsed: Parsed; rules: CompiledRuleSet } | undefined
function currentRules(): CompiledRuleSet {
  const cpu = process.cpuUsage()
  if (current === undefined) {
    const parsed = unpack('rules.tar.gz')
    current = { parsed, rules: compileRules(parsed.documents).rules }
    const { user, system } = process.cpuUsage(cpu)
    assert.ok(user + system < 6_000_000, `loading took ${user + system} µs of CPU time`)
  }
  return current.rules
}

test('SIG-R1 every current SigmaHQ rule is parsed, and all load but those that want placeholder lists', {
  skip,
}, () => {
  assert.equal(currentRules().rules.length, 3_755)
  assert.equal(current?.parsed.documents.length, 3_780)
  assert.deepEqual(current?.parsed.refused, [])
  const { refused } = compileRules(current?.parsed.documents ?? [])
  assert.equal(refused.length, 25)
  assert.ok(refused.every((refusal) => refusal.code === 'rule_unresolved_placeholder'))
})

test('SIG-R1 SIG-R14 the 66 broken retired documents are refused, and no other', { skip }, () => {
  const verdicts = lines('sigmahq-rules/catalog-retired.jsonl.gz').map(
    (line) => JSON.parse(line) as { path: string; ok: boolean },
  )
  const expected = verdicts.filter((verdict) => !verdict.ok).map((verdict) => verdict.path)
  const { refused } = unpack('retired.tar.gz')
  assert.equal(refused.length, 66)
  assert.deepEqual(refused.map((refusal) => refusal.file.replace(/^[^/]+\//, '')).sort(), expected.sort())
  assert.equal(refused.filter((refusal) => refusal.code === 'rule_pipe_aggregation').length, 55)
})

test('every rule, correlation and filter document of the specification is taken', { skip }, () => {
  const root = join(corpora, 'sigma-specification/tests/schema')
  for (const file of globSync('{rules,correlation,filter}/*.yml', { cwd: root })) {
    const { refused } = parseRules([{ file, text: readFileSync(join(root, file), 'utf8') }])
    const bare = file.endsWith('value_percentile.yml')
    assert.deepEqual(
      refused.map((refusal) => refusal.code),
      bare ? ['rule_bad_correlation'] : [],
      file,
    )
  }
})

const sets = full
  ? ['sigma-regression', 'evtx-to-mitre', 'deepbluecli', 'mordor']
  : ['sigma-regression', 'evtx-to-mitre', 'deepbluecli']
for (const set of sets) {
  test(`SIG-R4 SIG-R8 the matches of ${set} are exactly the published ones`, { skip }, () => {
    const rules = currentRules()
    const found = lines(`${set}/events.jsonl.gz`).flatMap((line) => detect(rules, line))
    assert.deepEqual(found.sort(), lines(`${set}/matches.jsonl.gz`).sort())
  })
}

test('SIG-R4 SIG-R8 the matches of a slice of mordor are exactly the published ones', { skip: skip || full }, () => {
  const rules = currentRules()
  const events = lines('mordor/events.jsonl.gz').filter((_, index) => index % 8 === 0)
  const ids = new Set(events.map((line) => (JSON.parse(line) as { id: string }).id))
  const expected = lines('mordor/matches.jsonl.gz').filter((line) => ids.has((JSON.parse(line) as { id: string }).id))
  assert.deepEqual(events.flatMap((line) => detect(rules, line)).sort(), expected.sort())
})

function detect(rules: CompiledRuleSet, line: string): string[] {
  const event = parseFlatEvent(line)
  assert.ok(!('code' in event))
  const found = detectLine(rules, event)
  return found === null ? [] : [found]
}

const runs: [rules: string, events: string, expected: string, late?: string][] = [
  ['network-zeek.yml', 'zeek-apt29-day1.events', 'zeek-apt29-day1.network.expected'],
  [
    'network-zeek.yml',
    'zeek-apt29-day1.arrival',
    'zeek-apt29-day1.arrival.network.expected',
    'zeek-apt29-day1.arrival.late.txt.gz',
  ],
  ['windows-logon.yml', 'windows-logon.events', 'windows-logon.logon.expected'],
  ['hayabusa/*.yml', 'windows-logon.events', 'windows-logon.hayabusa.expected'],
]
for (const [ruleFiles, events, expected, late] of runs) {
  test(`SIG-C1 SIG-C12 the firings of ${ruleFiles} over ${events} are exactly the published ones`, { skip }, () => {
    const root = join(corpora, 'correlation/rules')
    const parsed = parseRules(
      globSync(ruleFiles, { cwd: root })
        .sort()
        .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') })),
    )
    const run = new CorrelateRun(compileRules(parsed.documents).rules, 60_000)
    const found: string[] = []
    const lateIds: string[] = []
    for (const line of lines(`correlation/${events}.jsonl.gz`)) {
      const event = parseFlatEvent(line)
      assert.ok(!('code' in event))
      const step = run.take(event)
      found.push(...step.lines)
      if (step.late) lateIds.push(event.id)
    }
    found.push(...run.finish())
    assert.deepEqual(found.map(rounded).sort(), lines(`correlation/${expected}.jsonl.gz`).map(rounded).sort())
    assert.deepEqual(lateIds.sort(), late === undefined ? [] : lines(`correlation/${late}`).sort())
  })
}

/** A line with its value to nine digits: sums of fractions depend on the order of adding. */
function rounded(line: string): string {
  const { value, ...rest } = JSON.parse(line) as { value: number }
  return JSON.stringify({ ...rest, value: Number(value.toPrecision(9)) })
}

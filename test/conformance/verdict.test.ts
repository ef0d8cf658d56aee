import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyBreakage, breakageOf, namePatternOf, pick } from './breakage.ts'
import { type LawId, readIds, writeIds } from './law-id.ts'
import { expandIds, idsOfMatrix } from './requirement-rows.ts'
import { idsInName, reportOf, type TestResult, verdictsOf } from './verdict.ts'

const row = (id: string, breakText = ''): LawId => ({ id, mark: 'S', law: id.slice(0, 2), title: id, break: breakText })
const result = (name: string, status: TestResult['status'], nesting = 0): TestResult => ({
  file: 'a.test.ts',
  name,
  nesting,
  suite: false,
  status,
})
const known = new Set(['KZ-10.3g', 'C1', 'C4', 'VN-5.3d', 'VN-5.3dd', 'TW-A5.2-2', 'A1-1', 'W-2'])

const names: [string, string[]][] = [
  ['KZ-10.3g the SB is told in time', ['KZ-10.3g']],
  ['KZ-10.3g, C1 the SB is told in time', ['KZ-10.3g', 'C1']],
  ['VN-5.3dd classes', ['VN-5.3dd']],
  ['TW-A5.2-2: within the hour', ['TW-A5.2-2']],
  ['A1-1, W-2, C1, C4 more than three', ['A1-1', 'W-2', 'C1']],
  ['C1', ['C1']],
  ['the SB is told as KZ-10.3g wants', []],
  ['KZ-99 an id that nobody knows', []],
  ['C1x is no id', []],
  ['C1, when a sentence follows', ['C1']],
]
for (const [name, ids] of names) {
  test(`of the name "${name}" ${ids.length} ids are read`, () => assert.deepEqual(idsInName(name, known), ids))
}

test('an id passes only when it has tests and all of them pass', () => {
  const ids = ['KZ-10.3g', 'C1', 'C4', 'W-2', 'A1-1'].map((id) => row(id))
  const results = [
    result('KZ-10.3g one', 'passed'),
    result('KZ-10.3g two', 'passed'),
    result('C1 one', 'passed'),
    result('C1 two', 'failed'),
    result('C4 one', 'passed'),
    result('C4 two', 'skipped'),
    result('W-2 child', 'skipped', 1),
    result('W-2 parent', 'passed'),
  ]
  assert.deepEqual(
    verdictsOf(ids, results).map(({ verdict }) => verdict),
    ['passed', 'failed', 'skipped', 'skipped', 'none'],
  )
})

test('a parent whose subtest was skipped is skipped, and the next parent is not', () => {
  const results = [
    result('part', 'skipped', 1),
    result('C1 whole', 'passed'),
    result('part', 'passed', 1),
    result('C4 whole', 'passed'),
  ]
  assert.deepEqual(
    verdictsOf([row('C1'), row('C4')], results).map(({ verdict }) => verdict),
    ['skipped', 'passed'],
  )
})

test('the report has a line for each id and totals by law and mark', () => {
  const report = reportOf(
    verdictsOf([row('KZ-1'), row('KZ-2'), { ...row('VN-1'), mark: 'A' }], [result('KZ-1 x', 'passed')]),
  )
  assert.equal(
    report,
    'KZ-1\tS\tpassed\tKZ-1 x\nKZ-2\tS\tnone\t\nVN-1\tA\tnone\t\ntotal\tKZ\tS\t1 of 2 passed, 0 failed, 0 skipped, 1 none\ntotal\tVN\tA\t0 of 1 passed, 0 failed, 0 skipped, 1 none\n',
  )
})

test('rows that name several ids become one row each', () => {
  assert.deepEqual(expandIds('VN-12.1, 13.1'), ['VN-12.1', 'VN-13.1'])
  assert.deepEqual(expandIds('VN-11.4i, k'), ['VN-11.4i', 'VN-11.4k'])
  assert.deepEqual(expandIds('VN-6.1–6.3'), ['VN-6.1', 'VN-6.2', 'VN-6.3'])
  assert.deepEqual(expandIds('TW-S6a'), ['TW-S6a'])
})

test('marked rows, field tables and clocks become ids, notes and ambiguities do not', () => {
  const matrix = [
    '## 0.4 Corrections',
    '| Id | Mark | Says |',
    '|---|---|---|',
    '| AMB-X2 | – | x |',
    '| TW-P1 | S | receiving half |',
    '| KZ-1 (note) | S | more |',
    '### 2.1 Rows',
    '| Id | Mark | Source | Demand | Component | Test |',
    '|---|---|---|---|---|---|',
    '| KZ-1 | S/A | 1 | **do** it | x | y |',
    '| KZ-2, 3 | N | 1 | rest | x | y |',
    '### 2.4 Appendix',
    '| Col | Header in the text | Our field | Rule |',
    '|---|---|---|---|',
    '| 1 | № | n | r |',
    '### 2.6 Clocks',
    '| Clock | Starts | Ends | Limit | On miss |',
    '|---|---|---|---|---|',
    '| C1 | a | b | 30 min | c |',
    '## 5 Ambiguities',
    '| Id | Text | Doubt |',
    '|---|---|---|',
    '| AMB-KZ1 | a | b |',
  ].join('\n')
  const ids = idsOfMatrix(matrix).map(({ id, mark }) => `${id} ${mark}`)
  assert.deepEqual(
    ids.filter((id) => !/^(VN|TW-A|KZ-A |KZ-N)/.test(id)),
    ['KZ-1 S', 'KZ-2 N', 'KZ-3 N', 'KZ-A-1 S', 'C1 S', 'TW-P1 S'],
  )
})

test('the table is read as it is written, and a wrong one is refused with its line', () => {
  const ids = [row('C1', 'a.ts :: x => y'), row('C4')]
  assert.deepEqual(readIds(writeIds(ids)), ids)
  assert.throws(() => readIds(writeIds([row('C1'), row('C1')])), /line 3: C1 stands twice/)
  assert.throws(() => readIds('id\n'), /does not begin with/)
})

test('a break is applied only where its old text stands exactly once', () => {
  const breakage = breakageOf(row('C1', 'a/b.ts :: limit: PT30M\\n => limit: PT31M\\n'))
  assert.deepEqual(breakage, { id: 'C1', file: 'a/b.ts', from: 'limit: PT30M\n', to: 'limit: PT31M\n' })
  assert.ok(breakage !== null)
  assert.equal(applyBreakage('a\nlimit: PT30M\nb', breakage), 'a\nlimit: PT31M\nb')
  assert.throws(() => applyBreakage('nothing', breakage), /stands 0 times/)
  assert.throws(() => applyBreakage('limit: PT30M\nlimit: PT30M\n', breakage), /stands 2 times/)
  assert.throws(() => breakageOf(row('C1', '../x :: a => b')), /outside the project/)
  assert.throws(() => breakageOf(row('C1', 'no arrow')), /is written/)
})

test('the same seed makes the same choice, and another one another', () => {
  const items = Array.from({ length: 50 }, (_, index) => index)
  assert.deepEqual(pick(items, 5, 7), pick(items, 5, 7))
  assert.notDeepEqual(pick(items, 5, 7), pick(items, 5, 8))
  assert.equal(new Set(pick(items, 50, 3)).size, 50)
})

test('the name pattern finds an id inside a suite and not a longer id', () => {
  const pattern = new RegExp(namePatternOf('VN-5.3d'))
  assert.ok(pattern.test('vn-circular-31 VN-5.3d the week') && pattern.test('X, VN-5.3d, W-1 the week'))
  assert.ok(!pattern.test('VN-5.3dd classes') && !pattern.test('VN-5x3d'))
})

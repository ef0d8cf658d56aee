import assert from 'node:assert/strict'
import { test } from 'node:test'
import { levels, viewOf } from '../src/index.ts'
import { load, matches, refusals, ruleText, selects } from './rule-text.ts'

const good = ruleText('    selection:\n        a: 1\n    condition: selection')

test('SIG-R1 a rule needs a title, a log source, a detection and a condition, and says where it lacks one', () => {
  assert.deepEqual(refusals(good), [])
  assert.deepEqual(refusals(good.replace('title: Test rule\n', '')), ['rule_missing_title'])
  assert.deepEqual(refusals(good.replace('    product: test', '    definition: none')), ['rule_missing_logsource'])
  assert.deepEqual(refusals('title: x\nlogsource:\n    product: a\n'), ['rule_missing_detection'])
  assert.deepEqual(refusals(good.replace('    condition: selection\n', '')), ['rule_missing_condition'])
  assert.deepEqual(refusals(good.replace('0d5d9a5c-52a4', '0d5d9a5c')), ['rule_bad_metadata'])
  assert.deepEqual(refusals(good.replace('Test rule', 'x'.repeat(257))), ['rule_bad_metadata'])
  const [refusal] = load(good.replace('a: 1', 'a|nosuch: 1')).refused
  assert.deepEqual(
    [refusal?.file, refusal?.line, refusal?.column, refusal?.code],
    ['rule.yml', 7, 9, 'rule_unknown_modifier'],
  )
})

test('SIG-R2 what a rule says about itself comes back with the match, unknown keys included', () => {
  const head =
    'level: high\nstatus: stable\ntags:\n    - attack.t1110\ndate: 2026-01-02\nauthor: A\nreferences:\n    - https://example.org\nowner: team\ncustom:\n    rsit: x\n'
  const { rules } = load(good.replace('logsource:', `${head}logsource:`))
  const [match] = rules.match(viewOf({ a: 1 }), { product: 'test' })
  assert.equal(match?.level, 'high')
  assert.deepEqual(match?.tags, ['attack.t1110'])
  assert.equal(match?.metadata.date, '2026-01-02')
  assert.deepEqual(match?.metadata.custom, { owner: 'team', rsit: 'x' })
  assert.deepEqual(refusals(good.replace('logsource:', 'level: severe\nlogsource:')), ['rule_bad_metadata'])
  assert.deepEqual(refusals(good.replace('logsource:', 'date: yesterday\nlogsource:')), ['rule_bad_metadata'])
  assert.deepEqual(refusals(good.replace('logsource:', 'tags: [nonamespace]\nlogsource:')), ['rule_bad_metadata'])
  assert.equal(levels.length, 5)
})

test('SIG-R3 several documents in one file are all read, and an id or name used twice refuses the second', () => {
  const other = good.replace('1001', '1002').replace('Test rule', 'Other')
  const both = load(`${good}---\n${other}`)
  assert.equal(both.rules.rules.length, 2)
  assert.deepEqual(refusals(`${good}---\n${good}`), ['rule_duplicate_id'])
  const named = (text: string): string => text.replace('logsource:', 'name: same\nlogsource:')
  const twice = load(`${named(good)}---\n${named(other)}`)
  assert.deepEqual(
    twice.refused.map((refusal) => [refusal.code, refusal.line]),
    [['rule_duplicate_name', 11]],
  )
})

test('SIG-R3 a refused document stops no other one of its file', () => {
  const { rules, refused } = load(`title: broken\n---\n${good}---\n- a list\n`)
  assert.equal(rules.rules.length, 1)
  assert.deepEqual(
    refused.map((refusal) => refusal.code),
    ['rule_missing_logsource', 'rule_unknown_document'],
  )
})

test('SIG-R4 every stated part of the log source must equal the event’s, which may have several categories', () => {
  const text = good.replace('    product: test', '    product: Windows\n    category: process_creation')
  const { rules } = load(text)
  const fits = (source: object): boolean => rules.match(viewOf({ a: 1 }), source).length > 0
  assert.equal(fits({ product: 'windows', category: ['other', 'PROCESS_CREATION'] }), true)
  assert.equal(fits({ product: 'windows', service: 'sysmon', category: 'process_creation' }), true)
  assert.equal(fits({ product: 'linux', category: 'process_creation' }), false)
  assert.equal(fits({ product: 'windows' }), false)
  assert.equal(
    rules.match(viewOf({ a: 1 }), [{ product: 'x' }, { product: 'windows', category: 'process_creation' }]).length,
    1,
  )
})

test('SIG-R5 a map joins by and, a list of maps by or, a list of texts is keywords', () => {
  assert.equal(selects('        a: 1\n        b: 2', { a: 1, b: 2 }), true)
  assert.equal(selects('        a: 1\n        b: 2', { a: 1, b: 3 }), false)
  assert.equal(selects('        - a: 1\n        - b: 2', { b: 2 }), true)
  assert.equal(selects('        - first\n        - second', { any: 'the second word' }), true)
  assert.equal(selects('        - a: 1\n        - word', { text: 'a WORD' }), true)
})

test('SIG-R6 a keyword is found anywhere in any value, with wildcards and without case', () => {
  assert.equal(selects('        - bad*file', { x: { deep: ['A BAD little FILE here'] } }), true)
  assert.equal(selects('        - 4688', { x: 'event 4688' }), true)
  assert.equal(selects('        - nothing', { x: 'something else' }), false)
})

test('SIG-R7 keywords with all must each be found, and other modifiers work on keywords', () => {
  assert.equal(selects("        '|all':\n            - one\n            - two", { a: 'one', b: 'two' }), true)
  assert.equal(selects("        '|all':\n            - one\n            - two", { a: 'one' }), false)
  assert.equal(selects("        '|re': 'o.e'", { a: 'the one' }), true)
})

test('SIG-R8 values compare without case, and numbers by value whatever side is text', () => {
  assert.equal(selects('        EventID: 4688', { EventID: '4688' }), true)
  assert.equal(selects("        EventID: '4688'", { EventID: 4688 }), true)
  assert.equal(selects('        n: 5', { n: '5.0' }), true)
  assert.equal(selects('        user: ADMIN', { user: 'admin' }), true)
  assert.equal(selects('        n: 0', { n: '' }), false)
})

test('SIG-R9 wildcards and their escapes follow the table of the specification', () => {
  const table: [pattern: string, yes: string[], no: string[]][] = [
    ['a*c', ['ac', 'abbc', 'A\nC'], ['acd', 'xac']],
    ['a?c', ['abc', 'a😀c'], ['ac', 'abbc']],
    ['\\*', ['*'], ['x', '\\*', '']],
    ['\\?', ['?'], ['x']],
    ['\\\\*', ['\\', '\\anything'], ['*', 'x']],
    ['\\\\\\*', ['\\*'], ['\\x']],
    ['C:\\Windows', ['c:\\windows'], ['C:Windows']],
    ['\\\\server', ['\\server'], ['server']],
    ['\\\\\\\\', ['\\\\'], ['\\']],
    ['\\\\\\x', ['\\\\x'], ['\\x']],
  ]
  for (const [pattern, yes, no] of table) {
    for (const value of yes)
      assert.equal(selects(`        f: '${pattern}'`, { f: value }), true, `${pattern} fits ${value}`)
    for (const value of no)
      assert.equal(selects(`        f: '${pattern}'`, { f: value }), false, `${pattern} leaves ${value}`)
  }
})

test('SIG-R10 an empty text is an existing empty value, null a missing or null one, and null stands alone', () => {
  assert.equal(selects("        f: ''", { f: '' }), true)
  assert.equal(selects("        f: ''", {}), false)
  assert.equal(selects('        f: null', {}), true)
  assert.equal(selects('        f: null', { f: null }), true)
  assert.equal(selects('        f:', { f: '' }), false)
  assert.deepEqual(
    refusals(ruleText('    selection:\n        f:\n            - null\n            - x\n    condition: selection')),
    ['rule_bad_value'],
  )
})

test('SIG-R11 booleans equal booleans and their words', () => {
  assert.equal(selects('        f: true', { f: true }), true)
  assert.equal(selects('        f: true', { f: 'TRUE' }), true)
  assert.equal(selects('        f: true', { f: 1 }), false)
  assert.equal(selects('        f: false', {}), false)
})

const three = '    one:\n        a: 1\n    two:\n        b: 1\n    _hidden:\n        c: 1\n'
const withCondition = (condition: string): string => ruleText(`${three}    condition: ${condition}`)

test('SIG-R12 not binds before and, and before or, and parentheses before all', () => {
  assert.equal(matches(withCondition('one or two and not one'), { a: 1 }), true)
  assert.equal(matches(withCondition('(one or two) and not one'), { a: 1 }), false)
  assert.equal(matches(withCondition('not one and two'), { b: 1 }), true)
  assert.equal(matches(withCondition('not (one and two)'), { a: 1 }), true)
})

test('SIG-R12 "of" takes them, names and patterns, and leaves out hidden names', () => {
  assert.equal(matches(withCondition('1 of them'), { c: 1 }), false)
  assert.equal(matches(withCondition('any of *'), { c: 1 }), false)
  assert.equal(matches(withCondition('1 of _*'), { c: 1 }), true)
  assert.equal(matches(withCondition('all of them'), { a: 1, b: 1 }), true)
  assert.equal(matches(withCondition('all of them'), { a: 1 }), false)
  assert.equal(matches(withCondition('1 of o*'), { a: 1 }), true)
  assert.equal(matches(withCondition('not 1 of t*'), { a: 1 }), true)
})

test('SIG-R12 a condition that is broken or names nothing is refused', () => {
  const broken = ['one and', 'and one', '(one', 'one)', 'one two', 'missing', '1 of x*', 'one & two', '1 of', 'o*']
  for (const condition of broken)
    assert.deepEqual(refusals(withCondition(condition)), ['rule_bad_condition'], condition)
})

test('SIG-R13 a list of conditions joins by or', () => {
  const text = ruleText(`${three}    condition:\n        - one\n        - two`)
  assert.equal(matches(text, { b: 1 }), true)
  assert.equal(matches(text, {}), false)
})

test('SIG-R14 the old aggregation after a pipe is refused with a pointer to correlations', () => {
  const [refusal] = load(withCondition('one | count() by user > 5')).refused
  assert.equal(refusal?.code, 'rule_pipe_aggregation')
  assert.match(refusal?.message ?? '', /correlation/)
})

test('SIG-R15 any member of a list may match, and dotted paths go through objects and lists', () => {
  assert.equal(selects('        f: b', { f: ['a', 'B'] }), true)
  assert.equal(selects('        f.g: 2', { f: [{ g: 1 }, { g: 2 }] }), true)
  assert.equal(selects('        f.g: 2', { 'f.g': 2 }), true)
  assert.equal(selects('        f: null', { f: [null] }), false)
  assert.equal(selects('        constructor: null', { f: 1 }), true)
  assert.equal(selects('        __proto__|exists: true', { f: 1 }), false)
})

test('SIG-R16 fields are renamed by the mapping of the log source, and an unmapped one is listed', () => {
  const mapping = {
    version: '1',
    known: new Set(['user.name']),
    sources: [
      { logSource: { product: 'test' }, fields: { CommandLine: 'process.command_line' } },
      { logSource: { product: 'other' }, fields: { Odd: 'never.here' } },
    ],
  }
  const text = ruleText(
    '    selection:\n        CommandLine: x\n        user.name: y\n        Odd: z\n    condition: selection',
  )
  const { rules } = load(text, { mapping })
  assert.deepEqual(rules.unmapped, [{ ruleId: '0d5d9a5c-52a4-4a52-8d0e-3f1f6a0e1001', fields: ['Odd'] }])
  assert.equal(
    rules.match(viewOf({ 'process.command_line': 'x', 'user.name': 'y', Odd: 'z' }), { product: 'test' }).length,
    1,
  )
})

test('aliases of aliases, deep nesting and huge files are refused, not endured', () => {
  const bomb = `a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n${good}`
  assert.equal(refusals(bomb).length, 1)
  assert.equal(refusals(`title: x\nlogsource: ${'['.repeat(20_000)}`).length, 1)
  assert.deepEqual(refusals(`# ${'x'.repeat(1_100_000)}\n${good}`), ['rule_too_large'])
  assert.deepEqual(refusals('title: "open'), ['rule_bad_yaml'])
})

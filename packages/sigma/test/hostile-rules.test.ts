import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detectLine, parseFlatEvent } from '../src/index.ts'
import { load } from './rule-text.ts'

// Patterns that make a backtracking engine hang, texts that share all they have, and values made for them.
const patterns = [
  '^(a+)+$',
  '(a|aa)+$',
  '(.*a){12}$',
  '(a*)*b',
  '([a-zA-Z]+)*x',
  'a.*a.*a.*a.*a.*b',
  '(x+x+)+y',
  '(?:a?){40}a{40}',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '.*.*.*=.*',
]
const long = 'a'.repeat(65_536)
const values = [
  long,
  `${long.slice(1)}!`,
  'ab'.repeat(32_768),
  `${'a='.repeat(20_000)}b`,
  'x'.repeat(65_536),
  '\\'.repeat(65_536),
]
const budgetMicros = 10_000

function rulesWith(items: readonly string[]): ReturnType<typeof load>['rules'] {
  const document = (item: string, index: number): string =>
    `title: r${index}\nlogsource:\n    product: test\ndetection:\n    selection:\n        ${item}\n    condition: selection\n`
  const { rules, refused } = load(items.map(document).join('---\n'))
  // What cannot run in linear time is refused; what is taken must be quick.
  assert.ok(refused.every(({ code }) => code === 'rule_bad_regex'))
  return rules
}

/** CPU time of one event against a rule set, microseconds: the best of a few, the machine being shared. */
function costMicros(rules: ReturnType<typeof load>['rules'], value: string): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 4; round++) {
    // Another length each time, so that nothing is remembered.
    const line = JSON.stringify({ id: 'e', logsource: { product: 'test' }, event: { f: value.slice(round) } })
    const event = parseFlatEvent(line)
    assert.ok('view' in event)
    const before = process.cpuUsage()
    detectLine(rules, event)
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, user + system)
  }
  return best
}

test('SIG-M7 no pattern costs more than 10 ms an event, whatever the value', () => {
  for (const pattern of patterns) {
    const rules = rulesWith([`f|re: '${pattern}'`])
    for (const value of values) {
      const micros = costMicros(rules, value)
      assert.ok(micros < budgetMicros, `${pattern} took ${micros} µs on ${value.slice(0, 10)}… (${value.length})`)
    }
  }
})

test('SIG-R9 wildcards and texts that share everything cost little, however many there are', () => {
  const globs = ['*a*a*a*a*a*a*b', `*${'a?'.repeat(30)}b*`, '?*?*?*?*?*z', `*${'a*'.repeat(100)}c`]
  const texts = Array.from({ length: 2_000 }, (_, index) => `${'a'.repeat(4 + (index % 500))}${index}`)
  const cases = [
    ...globs.map((glob) => [`f: '${glob}'`]),
    texts.map((text) => `f|contains: '${text}'`),
    texts.map((text) => `f|endswith: '${text}'`),
  ]
  for (const items of cases) {
    const rules = rulesWith(items)
    for (const value of values) {
      const micros = costMicros(rules, value)
      // A whole set of two thousand rules has a budget for each hundred.
      const budget = budgetMicros * Math.max(1, items.length / 100)
      assert.ok(
        micros < budget,
        `${items.length} rules like ${items[0]?.slice(0, 30)} took ${micros} µs on ${value.slice(0, 10)}…`,
      )
    }
  }
})

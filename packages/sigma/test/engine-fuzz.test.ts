import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CompiledRuleSet, parseFlatEvent } from '../src/index.ts'
import {
  type PlainCondition,
  type PlainEvent,
  type PlainMap,
  type PlainRule,
  type PlainSource,
  plainMatch,
} from './reference-evaluator.ts'
import { load } from './rule-text.ts'

const runs = process.env['TOCSIN_TEST_DOSE'] === 'full' ? 3_000 : 250
// Few letters and few fields, so that values collide and every branch is met often.
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'A', '.', '\\', 'x'), maxLength: 8 }),
  fc.constantFrom('cmd.exe', 'powershell', 'abcabcabc', '4688', '12', '-1.5', ''),
)
const pattern = fc.oneof(
  { weight: 3, arbitrary: text },
  fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '\\', 'x'), minLength: 1, maxLength: 6 }),
)
const field = fc.constantFrom('Image', 'User', 'EventID', 'x.y')
const number = fc.constantFrom(12, 4688, -1.5, 0)
const notEmpty = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string> => arbitrary.filter((given) => given !== '')

const item: fc.Arbitrary<[string, PlainMap[string]]> = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(
        fc.constantFrom('', '|contains', '|startswith', '|endswith'),
        fc.array(pattern, { minLength: 1, maxLength: 3 }),
      ),
    },
    fc.tuple(
      fc.constantFrom('|contains|all', '|endswith|all'),
      fc.uniqueArray(pattern, { minLength: 2, maxLength: 3 }),
    ),
    fc.tuple(
      fc.constantFrom('|cased', '|contains|cased', '|neq', '|contains|neq'),
      fc.array(pattern, { minLength: 1, maxLength: 2 }),
    ),
    fc.tuple(fc.constant(''), fc.array(fc.oneof(number, fc.boolean()), { minLength: 1, maxLength: 2 })),
    fc.tuple(fc.constantFrom('|lt', '|lte', '|gt', '|gte'), fc.tuple(number)),
    fc.tuple(fc.constant('|exists'), fc.tuple(fc.boolean())),
    fc.tuple(fc.constant(''), fc.tuple(fc.constant(null))),
    fc.tuple(fc.constant('|fieldref'), fc.tuple(field)),
    fc.tuple(
      fc.constantFrom('|re', '|re|i'),
      fc.tuple(fc.constantFrom('^a.*b$', 'cmd\\.exe', '(ab)+c', '[ax]{2}', 'a|b.x', 'power')),
    ),
  )
  .map(([modifiers, values]) => [modifiers, values as PlainMap[string]])
const map: fc.Arbitrary<PlainMap> = fc
  .array(fc.tuple(field, item), { minLength: 1, maxLength: 3 })
  .map((items) => Object.fromEntries(items.map(([name, [modifiers, values]]) => [name + modifiers, values])))
const selection = fc.oneof(
  { weight: 5, arbitrary: fc.array(map, { minLength: 1, maxLength: 3 }) },
  fc.array(notEmpty(pattern), { minLength: 1, maxLength: 3 }),
)
const names = ['sel_a', 'sel_b', '_hidden']
const condition: fc.Arbitrary<PlainCondition> = fc.letrec<{ term: PlainCondition }>((tie) => ({
  term: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: fc.constantFrom(...names).map((name): PlainCondition => ({ name })) },
    tie('term').map((not): PlainCondition => ({ not })),
    fc.array(tie('term'), { minLength: 2, maxLength: 3 }).map((and): PlainCondition => ({ and })),
    fc.array(tie('term'), { minLength: 2, maxLength: 3 }).map((or): PlainCondition => ({ or })),
    fc.constantFrom<PlainCondition>({ of: 'one', pattern: 'them' }, { of: 'all', pattern: 'sel_*' }),
  ),
})).term
const source = fc.record({
  product: fc.constantFrom('windows', 'linux'),
  service: fc.constantFrom('security', 'auth'),
  category: fc.subarray(['process_creation', 'file_event']),
})
const rule: fc.Arbitrary<PlainRule> = fc.record({
  logsource: fc.constantFrom(
    { product: 'windows' },
    { category: 'process_creation' },
    { product: 'linux', service: 'auth' },
  ),
  selections: fc.tuple(selection, selection, selection).map(([a, b, c]) => ({ sel_a: a, sel_b: b, _hidden: c })),
  condition,
})
const scalar = fc.oneof({ weight: 4, arbitrary: text }, number, fc.boolean(), fc.constant(null))
const event: fc.Arbitrary<PlainEvent> = fc.dictionary(
  fc.oneof({ weight: 4, arbitrary: field }, fc.constant('Other')),
  fc.oneof({ weight: 5, arbitrary: scalar }, fc.array(scalar, { maxLength: 3 })),
  { maxKeys: 5, noNullPrototype: true },
)

function conditionText(given: PlainCondition): string {
  if ('name' in given) return given.name
  if ('not' in given) return `not (${conditionText(given.not)})`
  if ('and' in given) return given.and.map((term) => `(${conditionText(term)})`).join(' and ')
  if ('or' in given) return given.or.map((term) => `(${conditionText(term)})`).join(' or ')
  return `${given.of === 'one' ? '1' : 'all'} of ${given.pattern}`
}

function compiled(rules: readonly PlainRule[]): CompiledRuleSet {
  const document = (given: PlainRule, index: number): string =>
    JSON.stringify({
      title: `rule ${index}`,
      name: `r${index}`,
      logsource: given.logsource,
      detection: { ...given.selections, condition: conditionText(given.condition) },
    })
  const { rules: set, refused } = load(rules.map(document).join('\n---\n'))
  assert.deepEqual(refused, [])
  return set
}

function judge(
  rules: readonly PlainRule[],
  events: readonly [PlainEvent, PlainSource][],
  engine: CompiledRuleSet,
): void {
  for (const [fields, logsource] of events) {
    const flat = parseFlatEvent(JSON.stringify({ id: 'e', logsource, event: fields }))
    assert.ok('view' in flat)
    const expected = rules.flatMap((given, index) => (plainMatch(given, fields, logsource) ? [`r${index}`] : []))
    assert.deepEqual(engine.matchIds(flat.view, flat.logSource), expected)
    // The same without walking the event: how records are read.
    const asked = { get: (name: string) => flat.view.get(name), scalars: () => flat.view.scalars() }
    assert.deepEqual(engine.matchIds(asked, flat.logSource), expected)
  }
}

test('G1 whatever the rules and the events, the engine matches what the definition matches', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 12 }),
      fc.array(fc.tuple(event, source), { minLength: 1, maxLength: 25 }),
      (rules, events) => judge(rules, events, compiled(rules)),
    ),
    { numRuns: runs },
  )
})

test('G1 what the engine learns from events and remembers of values changes no verdict', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 5, maxLength: 20 }),
      fc.array(fc.tuple(event, source), { minLength: 20, maxLength: 40 }),
      (rules, events) => {
        const engine = compiled(rules)
        // Past the first learning, with most values seen before.
        for (let round = 0; round < 10; round++) judge(rules, events, engine)
      },
    ),
    { numRuns: Math.ceil(runs / 20) },
  )
})

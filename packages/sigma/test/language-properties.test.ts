import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Condition, formatCondition, parseCondition } from '../src/condition.ts'
import { compileGlob } from '../src/glob.ts'
import { parseRules, viewOf } from '../src/index.ts'
import { compileCidr } from '../src/network.ts'
import { AhoCorasick } from '../src/program/aho-corasick.ts'
import { AnchoredIndex } from '../src/program/anchored-index.ts'
import { GramIndex } from '../src/program/gram-index.ts'
import { regexShape } from '../src/regex-shape.ts'
import { parseSigmaString, tidy } from '../src/sigma-string.ts'
import { load } from './rule-text.ts'

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '\\', '😀'), maxLength: 10 })

/** The definition of a wildcard pattern, a line a case, on code points. */
function naive(pattern: (string | symbol)[], text: string[]): boolean {
  const [head, ...rest] = pattern
  if (head === undefined) return text.length === 0
  if (typeof head === 'symbol' && head.description === '*')
    return naive(rest, text) || (text.length > 0 && naive(pattern, text.slice(1)))
  return text.length > 0 && (typeof head === 'symbol' || head === text[0]) && naive(rest, text.slice(1))
}

test('SIG-R9 the glob agrees with the definition for any pattern and text', () => {
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const pieces = tidy(parseSigmaString(pattern))
      const atoms = pieces.flatMap((piece): (string | symbol)[] =>
        typeof piece === 'string' ? Array.from(piece) : [piece],
      )
      assert.equal(compileGlob(pieces)(text), naive(atoms, Array.from(text)))
    }),
    { numRuns: 3_000 },
  )
})

test('SIG-R9 a hostile glob on a long text does not blow up', () => {
  const covers = compileGlob(parseSigmaString(`${'*a'.repeat(200)}*b`))
  const cpu = process.cpuUsage()
  assert.equal(covers('a'.repeat(65_536)), false)
  assert.ok(process.cpuUsage(cpu).user < 2_000_000)
})

const conditions = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({
      kind: fc.constant('name' as const),
      name: fc.constantFrom('selection', 'filter_main', 'x-1', 'Ünicode'),
    }),
    fc.record({
      kind: fc.constant('of' as const),
      quantifier: fc.constantFrom('one' as const, 'all' as const),
      pattern: fc.constantFrom('them', 'sel*'),
    }),
    fc.record({ kind: fc.constant('not' as const), term: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      terms: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }),
    }),
  ),
})).condition

test('SIG-R12 a condition that is written and read again is the same condition', () => {
  fc.assert(
    fc.property(conditions, (condition) =>
      assert.equal(JSON.stringify(parseCondition(formatCondition(condition), 0)), JSON.stringify(condition)),
    ),
  )
})

test('the automaton finds what a search for each text finds', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { minLength: 1, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 30 }),
      (words, text) => {
        const found: string[] = []
        new AhoCorasick(words.map((text, id) => [text, id])).scan(text, (id, end) => found.push(`${id}@${end}`))
        const expected = words.flatMap((text_, id) =>
          Array.from({ length: text.length }, (_, at) => at).flatMap((at) =>
            text.startsWith(text_, at) ? [`${id}@${at + text_.length}`] : [],
          ),
        )
        assert.deepEqual(found.sort(), expected.sort())
      },
    ),
  )
})

test('the gram index and the ends index agree with searching, whatever the texts share', () => {
  const word = (minLength: number) =>
    fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'ß', '字'), minLength, maxLength: 80 })
  for (const length of [1, 2, 3, 4]) {
    fc.assert(
      fc.property(fc.uniqueArray(word(length), { minLength: 1, maxLength: 40 }), word(0), (words, filling) => {
        const literals = words.map((text, id) => ({ text, id }))
        const text = `${filling}${words.at(-1)}${filling}`
        const found: number[] = []
        new GramIndex(length, literals).scan(text, found)
        const within = words.flatMap((literal, id) => (text.includes(literal) ? [id] : []))
        assert.deepEqual(
          [...new Set(found)].sort((a, b) => a - b),
          within.sort((a, b) => a - b),
        )
        const ends: number[] = []
        new AnchoredIndex('end', literals).scan(text, ends)
        assert.deepEqual(
          ends.sort((a, b) => a - b),
          words.flatMap((literal, id) => (text.endsWith(literal) ? [id] : [])).sort((a, b) => a - b),
        )
        const starts: number[] = []
        new AnchoredIndex('start', literals).scan(text, starts)
        assert.deepEqual(
          starts.sort((a, b) => a - b),
          words.flatMap((literal, id) => (text.startsWith(literal) ? [id] : [])).sort((a, b) => a - b),
        )
      }),
    )
  }
})

test('SIG-M13 an IPv4 network holds what its mask says', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1), fc.nat(32), (base, other, prefix) => {
      const dotted = (value: number): string =>
        [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
      const size = 2 ** (32 - prefix)
      const expected = Math.floor(base / size) === Math.floor(other / size)
      assert.equal(compileCidr(`${dotted(base)}/${prefix}`)?.(dotted(other)), expected)
      assert.equal(compileCidr(`${dotted(base)}/${prefix}`)?.(`::ffff:${dotted(other)}`), expected)
    }),
  )
})

test('a mandatory literal of a pattern is in every text that the pattern finds', () => {
  const pattern = fc.string({
    unit: fc.constantFrom('a', 'b', '.', '?', '+', '(', ')', '|', '[ab]', '\\.', '{2}', '*'),
    maxLength: 8,
  })
  fc.assert(
    fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 }), (source, text) => {
      let found = false
      try {
        found = new RegExp(source).test(text)
      } catch {
        return
      }
      if (found) assert.ok(text.includes(regexShape(source).literal), `${source} in ${text}`)
    }),
    { numRuns: 3_000 },
  )
})

test('any text at all is parsed or refused with a place, and never throws', () => {
  const yamlish = fc.string({
    unit: fc.constantFrom(
      'title: x\n',
      'logsource:\n',
      '    product: a\n',
      'detection:\n',
      '    s:\n',
      '        a|re: (\n',
      '    condition: s\n',
      '- ',
      '&a ',
      '*a',
      '{',
      '[',
      '"',
      '\n',
      'correlation:\n',
      '    type: event_count\n',
      ': ',
      '\t',
      '---\n',
      '? ',
    ),
    maxLength: 25,
  })
  fc.assert(
    fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary' })), (text) => {
      for (const refusal of load(text).refused) {
        assert.ok(refusal.line >= 1 && refusal.column >= 1 && refusal.message.length > 0)
      }
    }),
    { numRuns: 1_000 },
  )
})

test('matching any JSON event never throws', () => {
  const { rules } = load(
    'title: x\nlogsource:\n    product: test\ndetection:\n    a:\n        f|re: a+b\n        g|cidr: 10.0.0.0/8\n        h|fieldref: i\n        j|week: 3\n        k|lt: 3\n        l: null\n    b:\n        - key*word\n    condition: not (a and b) or 1 of them\n',
  )
  const event = fc.dictionary(
    fc.constantFrom('f', 'g', 'h', 'i', 'j', 'k', 'l', '__proto__', 'toString'),
    fc.jsonValue({ maxDepth: 3 }),
  )
  fc.assert(fc.property(event, (given) => assert.ok(rules.match(viewOf(given), { product: 'test' }).length <= 1)))
})

test('the parser takes nothing from the file but documents', () => {
  assert.deepEqual(
    parseRules([
      { file: 'empty.yml', text: '' },
      { file: 'comment.yml', text: '# nothing\n---\n---\n' },
    ]),
    { documents: [], refused: [] },
  )
})

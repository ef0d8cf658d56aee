import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holds, type Predicate, predicateSchema, type Subject } from '../src/index.ts'

const subject: Subject = { level: 'high', severity: 70, tags: ['a', 'b'], empty: [], none: null, deep: { value: true } }

const cases: [string, Predicate, boolean][] = [
  ['a missing field is not equal to anything', { field: 'nothing', eq: 'x' }, false],
  ['a missing field equals null', { field: 'nothing', eq: null }, true],
  ['an empty list does not exist', { field: 'empty', exists: true }, false],
  ['null does not exist', { field: 'none', exists: false }, true],
  ['a text is not compared with a number', { field: 'level', gte: 1 }, false],
  ['a bound holds at its value', { field: 'severity', gte: 70 }, true],
  ['an upper bound holds at its value', { field: 'severity', lte: 70 }, true],
  ['one member of a list is enough', { field: 'tags', in: ['b', 'c'] }, true],
  ['dots walk inward', { field: 'deep.value', eq: true }, true],
  ['inherited names are no fields', { field: 'constructor', exists: true }, false],
  ['not turns', { not: { field: 'level', eq: 'high' } }, false],
  [
    'all needs each',
    {
      all: [
        { field: 'level', eq: 'high' },
        { field: 'severity', gte: 71 },
      ],
    },
    false,
  ],
  [
    'any needs one',
    {
      any: [
        { field: 'level', eq: 'low' },
        { field: 'severity', gte: 70 },
      ],
    },
    true,
  ],
]

for (const [what, predicate, expected] of cases) {
  test(`in a predicate ${what}`, () => {
    assert.equal(holds(predicate, subject), expected)
    assert.deepEqual(predicateSchema.parse(predicate), predicate)
  })
}

test('a predicate with two operators or an unknown one is refused', () => {
  for (const wrong of [
    { field: 'a', eq: 1, gte: 1 },
    { field: 'a', matches: 'x' },
    { all: [] },
    { field: '', eq: 1 },
    'true',
  ]) {
    assert.equal(predicateSchema.safeParse(wrong).success, false, JSON.stringify(wrong))
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ecsMapping } from '@tocsin/sigma'
import { loadRules } from '../src/load-rules.ts'
import { Backtest, differenceOf } from '../src/rules/backtest.ts'
import { enrichedWith } from './enriched-events.ts'

const base = `title: Failure
name: failure
logsource:
  product: linux
detection:
  s:
    event.outcome: failure
  condition: s
---
title: Burst
correlation:
  type: event_count
  rules: failure
  group-by: source.ip
  timespan: 1m
  generate: true
  condition:
    gte: `
const rulesWith = (limit: number) => loadRules([{ file: 'x.yml', text: `${base}${limit}\n` }], {}, ecsMapping).rules
const failure = (n: number): ReturnType<typeof enrichedWith> =>
  enrichedWith({
    eventId: `e${n}`,
    occurredAt: n * 10_000,
    logProduct: 'linux',
    outcome: 'failure',
    source_ip: '192.0.2.1',
  })
const outcomesOf = (limit: number, order: readonly number[]) => {
  const backtest = new Backtest(rulesWith(limit))
  for (const n of order) backtest.event(failure(n))
  return backtest.outcomes()
}

test('the past run again gives the same whatever the order of arrival', () => {
  const inOrder = outcomesOf(3, [0, 1, 2, 3])
  const { same, added, gone } = differenceOf(4, outcomesOf(3, [3, 1, 0, 2]), inOrder)
  assert.deepEqual([same.length, added, gone], [5, [], []])
  assert.deepEqual(same, differenceOf(4, inOrder, inOrder).same)
})

test('another threshold shows as what is more and what is less', () => {
  const production = outcomesOf(3, [0, 1, 2])
  const names = (outcomes: readonly { ruleName: string }[]): string[] => outcomes.map(({ ruleName }) => ruleName)
  const stricter = differenceOf(3, outcomesOf(4, [0, 1, 2]), production)
  assert.deepEqual([names(stricter.added), names(stricter.gone)], [[], ['Burst']])
  const looser = differenceOf(3, production, outcomesOf(4, [0, 1, 2]))
  assert.deepEqual([names(looser.added), names(looser.gone)], [['Burst'], []])
  assert.equal(looser.same.length, 3)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ecsMapping, parseRules, type RuleDocument } from '@tocsin/sigma'
import { loadRules } from '../src/load-rules.ts'
import { CoverageLedger, coverageOf } from '../src/rules/coverage.ts'
import { enrichedWith } from './enriched-events.ts'

const rule = (name: string, detection: string): string =>
  `title: ${name}\nname: ${name}\nlogsource:\n  category: webserver\ndetection:\n${detection}\n`
const text = [
  rule('plain', '  s:\n    cs-uri-query|contains: passwd\n  condition: s'),
  rule(
    'agent',
    '  s:\n    user_agent.original|contains: sqlmap\n  t:\n    url.original|contains: a\n  condition: s and t',
  ),
  rule(
    'either',
    '  s:\n    user_agent.original|contains: sqlmap\n  t:\n    url.original|contains: a\n  condition: 1 of them',
  ),
  rule('without', '  s:\n    url.original|contains: a\n  f:\n    user.name: anna\n  condition: s and not f'),
  'title: both\ncorrelation:\n  type: temporal\n  rules:\n    - plain\n    - agent\n  timespan: 1m\n',
  'title: any\ncorrelation:\n  type: event_count\n  rules:\n    - plain\n    - agent\n  timespan: 1m\n  condition:\n    gte: 5\n',
].join('---\n')
const files = [{ file: 'x.yml', text }]
const { rules, refused } = loadRules(files, {}, ecsMapping)
const documents = parseRules(files).documents.filter((document): document is RuleDocument => document.kind === 'rule')
const web = (constituent: string, occurredAt: number): ReturnType<typeof enrichedWith> =>
  enrichedWith({ constituent, occurredAt, logCategory: ['webserver'], url_original: '/a' })

function states(ledger: CoverageLedger, constituent: string, nowMs = 10_000): Record<string, string> {
  const cells = coverageOf(documents, rules.correlations, ledger, { mapping: ecsMapping, nowMs, silentAfterMs: 5_000 })
  return Object.fromEntries(
    cells.filter((cell) => cell.constituent === constituent).map((cell) => [cell.title, cell.state]),
  )
}

test('a rule can fire, has never fired, is blind for want of a field or a source, or its source is silent: by body', () => {
  assert.deepEqual(refused, [])
  const ledger = new CoverageLedger()
  ledger.event(web('body-a', 9_000))
  ledger.event(web('body-b', 1_000))
  ledger.event(enrichedWith({ constituent: 'body-c', occurredAt: 9_000, logCategory: ['dns'] }))
  ledger.detection('plain', 'body-a')
  assert.deepEqual(states(ledger, 'body-a'), {
    plain: 'can-fire',
    agent: 'blind',
    either: 'never-fired',
    without: 'never-fired',
    both: 'blind',
    any: 'never-fired',
  })
  assert.equal(states(ledger, 'body-b')['plain'], 'source-silent')
  assert.deepEqual(new Set(Object.values(states(ledger, 'body-c'))), new Set(['blind']))
})

test('a blind rule says which field its log sources never gave', () => {
  const ledger = new CoverageLedger()
  ledger.event(web('body-a', 9_000))
  const options = { mapping: ecsMapping, nowMs: 9_000, silentAfterMs: 5_000 }
  const cell = coverageOf(documents, [], ledger, options).find(({ title }) => title === 'agent')
  assert.equal(cell?.reason, 'its log sources never gave user_agent.original')
})

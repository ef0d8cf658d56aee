// What TLS hides from sensors is seen by the proxy that ends it: lines of its log, read by the real command, against our own rules.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { harnessOf } from '@tocsin/stage/testing'
import { readRuleFiles } from '../src/adapters/rule-files.ts'
import { matchRules } from '../src/match-rules.ts'
import { ruleSetsOf } from '../src/rule-sets.ts'
import { compileSets, type RulesInForce } from '../src/rules-in-force.ts'
import { enrichedFrom } from './enriched-events.ts'
import { START } from './logins.ts'

const root = join(import.meta.dirname, '../../..')
const files = await readRuleFiles([join(root, 'rules/web')])
const sets = ruleSetsOf(join(root, 'rules'), files, { publishedAt: START, publishedBy: 'test' })
const inForce = compileSets(sets).inForce as RulesInForce

const line = (client: string, url: string, server: string): string =>
  `1773477960.250    230 ${client} TCP_MISS/200 3900 GET ${url} - FIRSTUP_PARENT/${server} text/html`

/** Names of the rules that fired on each line of a proxy's log. */
async function firedOn(lines: readonly string[]): Promise<string[][]> {
  const input = lines.map((message) => JSON.stringify({ message }))
  const run = promisify(execFile)(process.execPath, [join(root, 'packages/cli/bin/tocsin.js'), 'normalize'])
  run.child.stdin?.end(`${input.join('\n')}\n`)
  const { stdout } = await run
  const stage = harnessOf(matchRules({ rules: () => inForce, matchPartitions: 1, latenessMs: 60_000, slot: 0 }), START)
  const fired: string[][] = []
  for (const [n, text] of stdout.trim().split('\n').entries()) {
    const document = JSON.parse(text) as Record<string, unknown>
    assert.equal(document['network.protocol'], 'https')
    const log = (name: string): string | null => (document[`tocsin.log.${name}`] as string | undefined) ?? null
    const event = enrichedFrom(document, {
      eventId: `line-${n}`,
      sourceId: 'proxy',
      original: lines[n] ?? '',
      occurredAt: START,
      logProduct: log('product'),
      logCategory: [log('category') ?? ''],
    })
    const before = stage.written('detections').length
    await stage.give('enriched-events', 'proxy', event)
    const made = stage.written('detections').slice(before)
    fired.push(made.map(({ ruleName }) => ruleName))
  }
  return fired
}

test('VN-5.2d an attack in the URL of an https request is found in the log of the proxy that ends TLS before the server', async () => {
  const attack = 'https://portal.example.gov/news?id=1%20union%20select%20password%20from%20users'
  const fired = await firedOn([
    line('198.51.100.23', attack, '10.1.2.3'),
    line('10.9.0.4', attack, '10.1.2.3'),
    line('198.51.100.23', 'https://portal.example.gov/news?id=1', '10.1.2.3'),
    line('10.9.0.4', attack.replace('portal', 'far-away'), '203.0.113.9'),
  ])
  const injection = ['SQL injection in a web request']
  assert.deepEqual(fired, [injection, injection, [], []])
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type FlatEvent, parseFlatEvent, parseRules, type RuleDocument } from '@tocsin/sigma'
import { explainRule } from '../src/rules/explain.ts'
import { run } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-explain-'))
after(() => rmSync(folder, { recursive: true }))
const rules = join(folder, 'rules.yml')
writeFileSync(
  rules,
  `title: Odd request
id: 7b6d7d0a-1111-4a52-8d0e-3f1f6a0e1001
name: odd
logsource:
  category: webserver
detection:
  s:
    cs-method: POST
    cs-uri-query|contains:
      - passwd
      - shadow
  filter:
    c-ip|cidr: 10.0.0.0/8
  condition: s and not filter
---
title: Odd requests
id: 7b6d7d0a-2222-4a52-8d0e-3f1f6a0e1001
correlation:
  type: event_count
  rules: odd
  group-by: user.name
  timespan: 1m
  condition:
    gte: 2
`,
)
const event = (id: string, fields: Record<string, unknown>, category = 'webserver'): string =>
  JSON.stringify({ id, ts: 1_000, logsource: { category: [category] }, event: fields })
const hit = { 'http.request.method': 'POST', 'url.original': '/a?/etc/passwd', 'source.ip': '192.0.2.1' }
const explain = async (words: string[], ...events: string[]): Promise<string[]> => {
  const { code, out } = await run(['rules', 'explain', ...words, '--rules', rules], events)
  assert.equal(code, 0)
  return out
}

test('a match is explained with the value that held', async () => {
  const out = await explain(['odd'], event('a', hit))
  assert.match(out[1] ?? '', /^✓ Odd request .* matches$/)
  assert.ok(
    out.some((line) => /✓ line 9: cs-uri-query\|contains → url\.original: "passwd"; the event has "\/a\?/.test(line)),
  )
})

test('a non-match names what does not hold, what is missing, an exclusion, or the log source', async () => {
  const because = async (line: string): Promise<string> => (await explain(['odd'], line)).at(-1) ?? ''
  assert.match(
    await because(event('a', { ...hit, 'http.request.method': 'GET' })),
    /s: cs-method \(the event has "GET"\)/,
  )
  const { 'url.original': _, ...without } = hit
  assert.match(await because(event('a', without)), /cs-uri-query\|contains \(the event has no such field\)/)
  assert.match(await because(event('a', { ...hit, 'source.ip': '10.1.2.3' })), /an exclusion took the event out/)
  assert.match(await because(event('a', hit, 'dns')), /another log source/)
})

test('one event can be picked, and the steps given as JSON', async () => {
  const out = await explain(
    ['odd', '--json', '--event', 'b'],
    event('a', hit),
    event('b', { ...hit, 'source.ip': '10.1.2.3' }),
  )
  assert.equal(out.length, 1)
  const told = JSON.parse(out[0] ?? '') as {
    event: string
    matched: boolean
    selections: { name: string; holds: boolean }[]
  }
  assert.equal(told.event, 'b')
  assert.equal(told.matched, false)
  assert.deepEqual(
    told.selections.map(({ name, holds }) => [name, holds]),
    [
      ['s', true],
      ['filter', true],
    ],
  )
})

test('SIG-C9 a correlation says which events it did not count, and how far each group came', async () => {
  const out = await explain(
    ['Odd requests'],
    event('a', { ...hit, 'user.name': 'anna' }),
    event('b', { ...hit, 'user.name': 'anna' }),
    event('c', { ...hit, 'user.name': 'boris' }),
    event('d', hit),
  )
  assert.match(out[0] ?? '', /^✓ Odd requests .* opens an episode/)
  assert.match(out[2] ?? '', /event d matched .* is not counted: no user\.name/)
  assert.match(out[3] ?? '', /✓ group \[anna\]: 2 events in 0 s/)
  assert.match(out[4] ?? '', /✗ group \[boris\]: 1 events/)
})

test('a rule that is not there is a failure with a code', async () => {
  await assert.rejects(run(['rules', 'explain', 'nobody', '--rules', rules]), { code: 'unknown_rule' })
  await assert.rejects(run(['rules', 'explain', '--rules', rules]), { code: 'bad_arguments' })
})

const corpora = join(import.meta.dirname, '../../../../shared/rules-corpora')
const skip = existsSync(corpora) ? false : 'the rule corpora are not here'
const linesOf = (path: string): string[] =>
  gunzipSync(readFileSync(join(corpora, path)))
    .toString()
    .split('\n')
    .filter((line) => line !== '')

test('an explanation and the engine never differ: 88 authors’ recordings, 600 near misses', { skip }, () => {
  execFileSync('tar', ['xzf', join(corpora, 'sigmahq-rules/rules.tar.gz'), '-C', folder])
  const files = globSync('rules*/**/*.yml', { cwd: folder }).map((file) => ({
    file,
    text: readFileSync(join(folder, file), 'utf8'),
  }))
  const byId = new Map(parseRules(files).documents.map((document) => [document.metadata.id, document]))
  const events = new Map(
    linesOf('sigma-regression/events.jsonl.gz').map((line) => {
      const read = parseFlatEvent(line) as FlatEvent
      return [read.id, read] as const
    }),
  )
  const check = (path: string, matched: boolean, every: number): number => {
    let checked = 0
    for (const line of linesOf(path)) {
      const { id, rules: ids } = JSON.parse(line) as { id: string; rules: string[] }
      for (const [index, ruleId] of ids.entries()) {
        if (index % every !== 0) continue
        const given = explainRule(byId.get(ruleId) as RuleDocument, events.get(id) as FlatEvent, {
          mapping: null,
          placeholders: {},
        })
        assert.equal(given.matched, matched, `${ruleId} on ${id}`)
        checked++
      }
    }
    return checked
  }
  assert.equal(check('sigma-regression/matches.jsonl.gz', true, 1), 153)
  assert.ok(check('sigma-regression/nearmisses.jsonl.gz', false, 7) >= 600)
})

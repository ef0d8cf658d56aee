import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { EnrichedEvent } from '@tocsin/events'
import { compileRules, ecsMapping, parseRules, recordFields, viewOf, viewOfRecord } from '../src/index.ts'
import { load } from './rule-text.ts'

test('SIG-R16 every name that the mapping maps to is one that events have', () => {
  for (const source of ecsMapping.sources) {
    for (const [field, name] of Object.entries(source.fields))
      assert.ok(ecsMapping.known.has(name), `${field} → ${name}`)
  }
})

test('SIG-R16 no rule of ours asks for a field that events do not have', () => {
  const root = join(import.meta.dirname, '../../../rules')
  const files = globSync('**/*.yml', { cwd: root }).map((file) => ({
    file,
    text: readFileSync(join(root, file), 'utf8'),
  }))
  assert.deepEqual(compileRules(parseRules(files).documents, { mapping: ecsMapping }).rules.unmapped, [])
})

test('SIG-R16 a rule of the Sigma taxonomy finds our event, and the fields of a match are ours', () => {
  const rule =
    'title: x\nlogsource:\n    category: webserver\ndetection:\n    s:\n        cs-uri-query|contains: passwd\n        sc-status: 200\n        c-never: 1\n    t:\n        cs-method: GET\n    condition: s or t\n'
  const { rules } = load(rule, { mapping: ecsMapping })
  assert.deepEqual(rules.unmapped[0]?.fields, ['c-never'])
  const [match] = rules.match(viewOf({ 'http.request.method': 'GET', 'http.response.status_code': 200 }), {
    category: 'webserver',
  })
  assert.deepEqual(match?.fields, [
    { field: 'http.response.status_code', value: 200 },
    { field: 'http.request.method', value: 'GET' },
  ])
})

const record = {
  source_ip: '192.0.2.1',
  source_port: null,
  category: [],
  kind: 'event',
  extra: { 'group.name': 'Domain Admins', constructor: 'text' },
  indicators: [
    {
      indicatorId: 'i1',
      type: 'ip',
      value: '203.0.113.9',
      field: 'destination.ip',
      feed: 'national',
      confidence: 80,
      tlp: 'AMBER',
    },
    {
      indicatorId: 'i2',
      type: 'domain',
      value: 'bad.example',
      field: 'dns.question.name',
      feed: 'own',
      confidence: 40,
      tlp: 'GREEN',
    },
  ],
} as unknown as EnrichedEvent

test('SIG-R16 a record answers by ECS names: typed fields, indicator hits, then extra; null and empty are missing', () => {
  const view = viewOfRecord(record)
  assert.equal(view.get('source.ip'), '192.0.2.1')
  assert.equal(view.get('source.port'), undefined)
  assert.equal(view.get('event.category'), undefined)
  assert.equal(view.get('group.name'), 'Domain Admins')
  assert.equal(view.get('toString'), undefined)
  assert.deepEqual(view.get('threat.indicator.ip'), ['203.0.113.9'])
  assert.deepEqual(view.get('threat.indicator.confidence'), [80, 40])
  assert.deepEqual([...view.scalars()].map(String).sort(), ['192.0.2.1', 'Domain Admins', 'event', 'text'])
  assert.ok(recordFields.has('source.ip') && !recordFields.has('extra'))
})

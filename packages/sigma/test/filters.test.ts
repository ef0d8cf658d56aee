import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileRules, type FieldMapping, parseRules } from '../src/index.ts'
import { load, refusals } from './rule-text.ts'

const rules = ['first', 'second']
  .map(
    (name, index) =>
      `title: ${name}\nid: 0d5d9a5c-52a4-4a52-8d0e-3f1f6a0e210${index}\nname: ${name}\nlogsource:\n    product: windows\n    category: ${index === 0 ? 'process_creation' : 'file_event'}\ndetection:\n    selection:\n        Image|endswith: x.exe\n    condition: selection\n`,
  )
  .join('---\n')
const filter = (body: string, logSource = 'product: windows'): string =>
  `---\ntitle: Known administrators\nid: 0d5d9a5c-52a4-4a52-8d0e-3f1f6a0e2200\nlogsource:\n    ${logSource}\nfilter:\n${body}\n`
const selection = '    selection:\n        User|startswith: adm_\n    condition: selection'

function matched(text: string, event: Record<string, unknown>, category = 'process_creation'): string[] {
  const { rules: compiled, refused } = load(text)
  assert.deepEqual(refused, [])
  const view = {
    get: (field: string) => event[field] as string | undefined,
    scalars: () => Object.values(event) as string[],
  }
  return compiled.match(view, { product: 'windows', category }).map(({ title }) => title)
}

test('SIG-F1 a filter is put on the rules that it names, or on all of its log source', () => {
  const admin = { Image: 'x.exe', User: 'adm_ann' }
  assert.deepEqual(matched(rules + filter(`    rules: [first]\n${selection}`), admin), [])
  assert.deepEqual(matched(rules + filter(`    rules: [first]\n${selection}`), admin, 'file_event'), ['second'])
  for (const every of ['any', '[]', '[any]'])
    assert.deepEqual(matched(rules + filter(`    rules: ${every}\n${selection}`), admin, 'file_event'), [])
  const narrow = filter(`    rules: any\n${selection}`, 'category: file_event')
  assert.deepEqual(matched(rules + narrow, admin), ['first'])
  assert.deepEqual(matched(rules + narrow, admin, 'file_event'), [])
})

test('SIG-F1 a filter for a rule that is not there, or of another log source, is refused and stops no rule', () => {
  assert.deepEqual(refusals(rules + filter(`    rules: [third]\n${selection}`)), ['rule_unknown_reference'])
  assert.deepEqual(refusals(rules + filter(`    rules: [first]\n${selection}`, 'category: file_event')), [
    'rule_bad_filter',
  ])
  assert.deepEqual(refusals(rules + filter(selection)), ['rule_bad_filter'])
  assert.deepEqual(refusals(rules + filter(`    rules: [first]\n    mode: keep\n${selection}`)), ['rule_bad_filter'])
  const { rules: compiled } = load(rules + filter(`    rules: [third]\n${selection}`))
  assert.equal(compiled.rules.length, 2)
})

test('SIG-F2 what a filter describes is suppressed; in the mode of pySigma only that is left', () => {
  const event = { Image: 'x.exe', User: 'mallory' }
  const suppressing = rules + filter(`    rules: [first]\n${selection}`)
  const keeping = rules + filter(`    rules: [first]\n    mode: pysigma\n${selection}`)
  assert.deepEqual(matched(suppressing, event), ['first'])
  assert.deepEqual(matched(keeping, event), [])
  assert.deepEqual(matched(keeping, { Image: 'x.exe', User: 'adm_ann' }), ['first'])
})

test('SIG-F3 a filter cannot be put on a correlation, and takes effect below it', () => {
  const correlation =
    '---\ntitle: Many\nname: many\ncorrelation:\n    type: event_count\n    rules: [first]\n    timespan: 5m\n    condition:\n        gte: 2\n'
  assert.deepEqual(refusals(rules + correlation + filter(`    rules: [many]\n${selection}`)), ['rule_bad_filter'])
  const { rules: compiled } = load(rules + correlation + filter(`    rules: [first]\n${selection}`))
  assert.deepEqual(compiled.rules[0]?.filters, ['0d5d9a5c-52a4-4a52-8d0e-3f1f6a0e2200'])
})

test('SIG-F1 SIG-R16 the fields of a filter are mapped as those of its rule', () => {
  const mapping: FieldMapping = {
    version: '1',
    known: new Set(['process.executable', 'user.name']),
    sources: [{ logSource: { product: 'windows' }, fields: { Image: 'process.executable', User: 'user.name' } }],
  }
  const { documents } = parseRules([{ file: 'r.yml', text: rules + filter(`    rules: any\n${selection}`) }])
  const { rules: compiled } = compileRules(documents, { mapping })
  const event: Record<string, string> = { 'process.executable': 'x.exe', 'user.name': 'adm_ann' }
  const view = { get: (field: string) => event[field], scalars: () => Object.values(event) }
  assert.deepEqual(compiled.match(view, { product: 'windows', category: 'file_event' }), [])
})

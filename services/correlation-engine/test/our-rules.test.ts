import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileRules, parseRules } from '@tocsin/sigma'
import { ruleTextOf, severityOf } from '../src/rule-text.ts'
import { type RuleCase, runCase } from '../src/rules/case-run.ts'

const root = join(import.meta.dirname, '../../../rules')
const files = globSync('**/*.yml', { cwd: root }).sort()
const parsed = parseRules(files.map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') })))
const compiled = compileRules(parsed.documents)
const everything = [...compiled.rules.rules, ...compiled.rules.correlations]
const languages = ['vi', 'kk', 'ru', 'zh-Hant', 'en']

test('every document of the rule set is taken', () => {
  assert.deepEqual([...parsed.refused, ...compiled.refused], [])
  assert.ok(compiled.rules.rules.filter(({ alerts }) => alerts).length >= 60)
  assert.ok(compiled.rules.correlations.length >= 12)
})

test('every rule that alerts has a UUID, a level, ATT&CK tags, an RSIT class and its texts in five languages', () => {
  for (const { metadata, alerts } of everything) {
    assert.ok(metadata.uuid !== null, metadata.title)
    assert.ok(metadata.level !== null, metadata.title)
    if (!alerts) continue
    const { rsit, titles, recommendation } = metadata.custom as Record<string, Record<string, string> | undefined>
    assert.ok(
      metadata.tags.some((tag) => tag.startsWith('attack.t')),
      metadata.title,
    )
    assert.ok(rsit?.['class'] && rsit['type'], metadata.title)
    assert.deepEqual(Object.keys(titles ?? {}), languages, metadata.title)
    assert.deepEqual(Object.keys(recommendation ?? {}), languages, metadata.title)
  }
})

test('every rule that alerts has a class and a severity in each nation', () => {
  const packs = join(root, '../regulations')
  for (const pack of ['vn-circular-31', 'kz-order-199', 'tw-soc-1.3']) {
    const taxonomy = readFileSync(join(packs, pack, 'taxonomy.yaml'), 'utf8')
    const [, bands = ''] = readFileSync(join(packs, pack, 'pack.yaml'), 'utf8').split(/^severity:$/m)
    const limits = [...bands.matchAll(/\{ from: (\d+), code: '?(\w+)'?/g)].map(([, from, code]) => ({
      from: Number(from),
      code,
    }))
    assert.equal(limits[0]?.from, 0, pack)
    for (const { metadata, alerts } of everything.filter((rule) => rule.alerts)) {
      const { rsitClass, rsitType } = ruleTextOf(metadata)
      assert.ok(
        alerts && taxonomy.includes(`${rsitClass}/${rsitType}:`),
        `${pack}: ${metadata.title}: ${rsitClass}/${rsitType}`,
      )
      const severity = severityOf(metadata.level ?? 'medium')
      assert.ok(limits.findLast(({ from }) => from <= severity)?.code, `${pack}: ${metadata.title}`)
    }
  }
})

test('a building block never alerts, although a correlation above it generates', () => {
  const accepted = compiled.rules.rules.find((rule) => rule.metadata.name === 'ssh_accepted_login')
  const guessing = compiled.rules.correlations.find((rule) => rule.metadata.name === 'ssh_password_guessing')
  assert.equal(accepted?.alerts, false)
  assert.equal(guessing?.alerts, true)
})

for (const file of files) {
  const caseFile = join(root, file.replace(/\.yml$/, '.cases.json'))
  test(`${file} has cases that fire and cases that do not`, () => {
    assert.ok(existsSync(caseFile), 'no cases beside the rule')
    const cases = JSON.parse(readFileSync(caseFile, 'utf8')) as RuleCase[]
    assert.ok(cases.some((given) => given.fires) && cases.some((given) => !given.fires))
  })
  if (!existsSync(caseFile)) continue
  for (const given of JSON.parse(readFileSync(caseFile, 'utf8')) as RuleCase[]) {
    test(`${file}: ${given.name}`, () => {
      const fired = runCase(compiled.rules, given)
      assert.equal(fired.has(given.rule), given.fires, `fired: ${[...fired].join(', ')}`)
    })
  }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fromCsv, toCsv } from '../../../src/feeds/tw-nccst-1.3/csv.ts'
import { buildLists, listsOf, readRuleTable, readServiceList } from '../../../src/feeds/tw-nccst-1.3/lists.ts'
import { constituent, defaultRuleSet, ruleSet } from '../../fixtures.ts'

const SERVICES = [
  ['2.16.886.101.20002', '總統府'],
  ['2.16.886.101.20003', '行政院'],
  ['2.16.886.101.20006', '考試院'],
  ['2.16.886.101.20007', '監察院'],
  ['2.16.886.101.20003.20025', '中央銀行'],
  ['2.16.886.101.20003.20033', '行政院大陸委員會'],
].map(([id = '', name = '']) => ({ id, name, remark: '' }))

const RULES = [
  ['144', 'FTP ADMw0rm ftp login attempt'],
  ['224', 'DDOS Stacheldraht server spoof'],
  ['230', 'DDOS shaft client login to handler'],
  ['262', 'DNS EXPLOIT x86 Linux overflow attempt'],
  ['286', 'POP3 EXPLOIT x86 BSD overflow'],
  ['309', 'EXPLOIT sniffit overflow'],
].map(([id = '', name = '']) => ({ id, name, remark: '' }))

test('TW-A2.1 the six example agencies go through the service list and come back', () => {
  const { services } = listsOf('EXAMPLE-SOC', SERVICES, RULES)
  assert.equal(services.name, 'EXAMPLE-SOC_Service_Lists.csv')
  assert.deepEqual(readServiceList(services.content), SERVICES)
  const rows = services.content.split('\r\n')
  assert.equal(rows[0], '序號,機關之 OID 代碼,機關名稱')
  assert.equal(rows[1], '1,2.16.886.101.20002,總統府')
  assert.equal(rows[6], '6,2.16.886.101.20003.20033,行政院大陸委員會')
  assert.equal(rows.length, 8)
  const quoted = listsOf('X', [{ id: '2.16.886.1', name: 'a "b", c', remark: '' }], RULES).services.content
  assert.ok(quoted.includes('1,2.16.886.1,"a ""b"", c"\r\n'))
})

test('TW-A3.1 the six example rules go through the rule table and come back', () => {
  const { rules } = listsOf('EXAMPLE-SOC', SERVICES, RULES)
  assert.equal(rules.name, 'EXAMPLE-SOC_Rules_ID.csv')
  assert.deepEqual(readRuleTable(rules.content), RULES)
  assert.equal(rules.content.split('\r\n')[0], '關聯規則 ID,關聯規則名稱,備註說明')
})

test('the lists come from the registry and the published rules, in order and only for agencies with an OID', () => {
  const lists = buildLists(
    'EXAMPLE-SOC',
    [
      constituent({ constituentId: 'b', name: '考試院', oid: '2.16.886.101.20010' }),
      constituent({ constituentId: 'a', name: '行政院', oid: '2.16.886.101.9' }),
      constituent({ constituentId: 'kz', name: 'SB', country: 'KZ', oid: '1.2.3' }),
      constituent({ constituentId: 'none', name: '無代碼', oid: null }),
    ],
    [defaultRuleSet()],
  )
  assert.deepEqual(
    readServiceList(lists.services.content).map(({ name }) => name),
    ['行政院', '考試院'],
  )
  assert.deepEqual(lists.problems, [])
  assert.equal(lists.index.ruleName(readRuleTable(lists.rules.content)[0]?.id ?? ''), 'ssh-bruteforce-v3')
})

test('a rule id that stands twice, in one file or in two, blocks the publication', () => {
  const twice = buildLists('X', [constituent()], [ruleSet({ id: '144', title: 'a' }, { id: '144', title: 'b' })])
  assert.deepEqual(twice.problems, ['The rule table names 144 twice.'])
})

test('a broken rule file takes only itself out of the table', () => {
  const set = defaultRuleSet()
  const broken = { ...set, files: [...set.files, { path: 'broken.yml', content: 'title: [\n' }] }
  assert.deepEqual(buildLists('X', [constituent()], [broken]).problems, [])
})

test('no cell begins as a formula, and any table reads back as it was', () => {
  assert.equal(toCsv([['=cmd|x', '+1', '-1', '@a', '＝1', "'a"]]), "'=cmd|x,'+1,'-1,'@a,'＝1,''a\r\n")
  const cell = fc.oneof(fc.string(), fc.constantFrom('=1+1', "'=1", '"', ',', '\r\n', ' '))
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { maxLength: 6 }), (rows) => {
      assert.deepEqual(fromCsv(toCsv(rows)), rows)
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusals, selectionText, selects } from './rule-text.ts'

const one = (item: string, event: Record<string, unknown>): boolean => selects(`        ${item}`, event)
const refused = (item: string): string[] => refusals(selectionText(`        ${item}`))

test('SIG-M1 contains, startswith and endswith place the text, with wildcards inside it', () => {
  assert.equal(one('f|contains: mid', { f: 'aMIDb' }), true)
  assert.equal(one('f|startswith: ab', { f: 'ABc' }), true)
  assert.equal(one('f|startswith: ab', { f: 'cab' }), false)
  assert.equal(one("f|endswith: '\\cmd.exe'", { f: 'C:\\x\\CMD.EXE' }), true)
  assert.equal(one("f|endswith: 'c?d'", { f: 'xx cmd' }), true)
  assert.equal(one("f|contains: 'a*z'", { f: '--a..z--' }), true)
})

test('SIG-M2 all needs every value, and more than one of them', () => {
  assert.equal(one('f|contains|all: [a, b]', { f: 'b-a' }), true)
  assert.equal(one('f|contains|all: [a, b]', { f: 'aaa' }), false)
  assert.deepEqual(refused('f|contains|all: a'), ['rule_bad_modifier'])
})

test('SIG-M3 exists asks for presence, not for a value', () => {
  assert.equal(one('f|exists: true', { f: null }), true)
  assert.equal(one('f|exists: false', { f: '' }), false)
  assert.equal(one('f|exists: false', {}), true)
  assert.deepEqual(refused('f|exists: maybe'), ['rule_bad_value'])
})

test('SIG-M4 cased compares with case', () => {
  assert.equal(one('f|cased: Abc', { f: 'Abc' }), true)
  assert.equal(one('f|cased: Abc', { f: 'abc' }), false)
  assert.equal(one('f|contains|cased: B', { f: 'aBc' }), true)
})

test('SIG-M5 neq negates the item, and a field reference still needs both fields', () => {
  assert.equal(one('f|neq: 5', { f: 6 }), true)
  assert.equal(one('f|neq: [5, 6]', { f: 6 }), false)
  assert.equal(one('f|fieldref|neq: g', { f: 'a', g: 'b' }), true)
  assert.equal(one('f|fieldref|neq: g', { f: 'a' }), false)
  assert.equal(one('f|fieldref|neq: g', { f: 'a', g: 'A' }), false)
})

test('SIG-M6 windash takes each of five dashes for hyphen and slash, at the beginning of an option only', () => {
  for (const dash of ['-', '/', '\u2013', '\u2014', '\u2015']) {
    assert.equal(one("f|contains|windash: ' -enc'", { f: `powershell ${dash}enc` }), true, dash)
    assert.equal(one("f|windash|contains: ' /enc'", { f: `powershell ${dash}enc` }), true, dash)
  }
  assert.equal(one('f|contains|windash: a-b', { f: 'a/b' }), false)
})

test('SIG-M7 re searches anywhere, with case unless i, and knows m, s and an inline flag', () => {
  assert.equal(one("f|re: 'b{2}c'", { f: 'abbcd' }), true)
  assert.equal(one("f|re: 'BBC'", { f: 'abbcd' }), false)
  assert.equal(one("f|re|i: 'BBC'", { f: 'abbcd' }), true)
  assert.equal(one("f|re: '(?i)BBC'", { f: 'abbcd' }), true)
  assert.equal(one("f|re|m: '^b$'", { f: 'a\nb\nc' }), true)
  assert.equal(one("f|re: 'a.b'", { f: 'a\nb' }), false)
  assert.equal(one("f|re|s: 'a.b'", { f: 'a\nb' }), true)
  assert.equal(one("f|re|startswith: 'b'", { f: 'ab' }), false)
  assert.equal(one("f|re: '^$'", { f: '' }), true)
  assert.deepEqual(refused("f|re: '(?=a)b'"), ['rule_bad_regex'])
  assert.deepEqual(refused("f|re: '(a)\\1'"), ['rule_bad_regex'])
  assert.deepEqual(refused("f|re: '(a'"), ['rule_bad_regex'])
  assert.deepEqual(refused('f|i: x'), ['rule_bad_modifier'])
})

test('SIG-M7 patterns that blow up a backtracking engine run in linear time', () => {
  const patterns = [
    '^(a+)+$',
    '^(a|a)*$',
    '^(a|aa)+$',
    'a*a*a*a*a*b',
    '(.*)*x',
    `${'a?'.repeat(40)}${'a'.repeat(40)}$`,
    '^(a{1,20}){1,20}$',
    '(a|b|ab)*c',
  ]
  const cpu = process.cpuUsage()
  // Short texts too: those are the ones that a native engine would be trusted with.
  for (const length of [38, 2_000, 30_000]) {
    const text = `${'a'.repeat(length)}!`
    for (const pattern of patterns) assert.equal(one(`f|re: '${pattern}'`, { f: text }), false, pattern)
  }
  const { user } = process.cpuUsage(cpu)
  assert.ok(user < 10_000_000, `took ${user} µs`)
})

test('SIG-M8 base64 encodes the value and refuses wildcards', () => {
  assert.equal(one('f|base64|contains: foobar', { f: `x${btoa('foobar')}` }), true)
  assert.deepEqual(refused("f|base64: 'a*'"), ['rule_bad_value'])
})

test('SIG-M9 base64offset finds the value at each of the three offsets', () => {
  for (const before of ['', 'a', 'ab', 'abc', 'abcd']) {
    assert.equal(
      one('f|base64offset|contains: http://evil', { f: btoa(`${before}http://evil and more`) }),
      true,
      before,
    )
  }
  assert.equal(one('f|base64offset|contains: http://evil', { f: btoa('http://good') }), false)
})

test('SIG-M10 wide, utf16le, utf16be and utf16 encode before base64', () => {
  const encoded = (octets: number[]): string => Buffer.from(octets).toString('base64')
  assert.equal(one('f|wide|base64: ab', { f: encoded([97, 0, 98, 0]) }), true)
  assert.equal(one('f|utf16le|base64: ab', { f: encoded([97, 0, 98, 0]) }), true)
  assert.equal(one('f|utf16be|base64: ab', { f: encoded([0, 97, 0, 98]) }), true)
  assert.equal(one('f|utf16|base64: ab', { f: encoded([255, 254, 97, 0, 98, 0]) }), true)
  assert.equal(
    one('f|wide|base64offset|contains: IEX', { f: Buffer.from('xIEX(', 'utf16le').toString('base64') }),
    true,
  )
  assert.deepEqual(refused('f|utf16: ab'), ['rule_bad_modifier'])
})

test('SIG-M11 comparisons take numbers and numeric texts, and nothing else', () => {
  assert.equal(one('f|gt: 5', { f: 6 }), true)
  assert.equal(one('f|gte: 5', { f: '5' }), true)
  assert.equal(one('f|lt: 5', { f: 'four' }), false)
  assert.equal(one('f|lte: 5', { f: '' }), false)
  assert.equal(one('f|lt: 5', { f: true }), false)
  assert.deepEqual(refused('f|lt: many'), ['rule_bad_value'])
})

test('SIG-M12 parts of a date are taken in UTC, weeks as ISO counts them', () => {
  const at = { f: '2026-01-01T23:30:15+02:00' }
  assert.equal(one('f|minute: 30', at), true)
  assert.equal(one('f|hour: 21', at), true)
  assert.equal(one('f|day: 1', at), true)
  assert.equal(one('f|month: 1', at), true)
  assert.equal(one('f|year: 2026', at), true)
  assert.equal(one('f|week: 1', at), true)
  assert.equal(one('f|week: 53', { f: '2027-01-03' }), true)
  assert.equal(one('f|hour: 21', { f: '2026-01-01 21:00:00' }), true)
  assert.equal(one('f|hour: 0', { f: 'no date' }), false)
})

test('SIG-M13 cidr covers IPv4 and IPv6, mapped addresses and zones', () => {
  assert.equal(one('f|cidr: 10.0.0.0/8', { f: '10.255.0.1' }), true)
  assert.equal(one('f|cidr: 10.0.0.0/8', { f: '11.0.0.1' }), false)
  assert.equal(one('f|cidr: 10.0.0.0/8', { f: '::ffff:10.1.2.3' }), true)
  assert.equal(one('f|cidr: 0.0.0.0/0', { f: '255.255.255.255' }), true)
  assert.equal(one('f|cidr: 192.0.2.7/32', { f: '192.0.2.7' }), true)
  assert.equal(one('f|cidr: fe80::/10', { f: 'fe80::1%eth0' }), true)
  assert.equal(one('f|cidr: 2001:db8::/32', { f: '2001:db8:ffff::9' }), true)
  assert.equal(one('f|cidr: 2001:db8::/32', { f: '2001:db9::9' }), false)
  assert.equal(one('f|cidr: 10.0.0.0/8', { f: 'ten' }), false)
  assert.deepEqual(refused('f|cidr: 10.0.0.0/33'), ['rule_bad_value'])
  assert.deepEqual(refused('f|cidr: everywhere'), ['rule_bad_value'])
})

test('SIG-M14 expand takes its list or refuses the rule, and an escaped percent sign is plain', () => {
  const placeholders = { admins: ['anna', 'b*'] }
  assert.equal(selects("        f|expand: '%admins%'", { f: 'ANNA' }, { placeholders }), true)
  assert.equal(selects("        f|expand: 'x-%admins%'", { f: 'x-berta' }, { placeholders }), true)
  assert.equal(selects("        f|expand: '%admins%'", { f: 'carl' }, { placeholders }), false)
  assert.equal(selects("        f|expand: '\\%admins\\%'", { f: '%admins%' }, { placeholders }), true)
  assert.equal(selects("        f: '%admins%'", { f: '%admins%' }), true)
  assert.deepEqual(refused("f|expand: '%admins%'"), ['rule_unresolved_placeholder'])
  assert.deepEqual(refused("f|expand: '%__proto__%'"), ['rule_unresolved_placeholder'])
})

test('SIG-M15 fieldref compares two fields of the event', () => {
  assert.equal(one('f|fieldref: g', { f: 'Same', g: 'same' }), true)
  assert.equal(one('f|fieldref: g', { f: 'same' }), false)
  assert.equal(one('f|fieldref|startswith: g', { f: 'abc', g: 'ab' }), true)
  assert.equal(one('f|fieldref|endswith: g', { f: 'abc', g: 'bc' }), true)
  assert.equal(one('f|fieldref|contains: g', { f: 'abc', g: 'b' }), true)
})

test('SIG-M16 the order of modifiers is kept, and an unknown or unfitting one refuses the rule', () => {
  assert.equal(one('f|base64|contains: ab', { f: `--${btoa('ab')}--` }), true)
  assert.deepEqual(refused('f|contains|base64: ab'), ['rule_bad_value'])
  assert.deepEqual(refused('f|sounds_like: x'), ['rule_unknown_modifier'])
  assert.deepEqual(refused('f|constructor: x'), ['rule_unknown_modifier'])
  assert.deepEqual(refused('f|cidr|contains: 10.0.0.0/8'), ['rule_bad_modifier'])
})

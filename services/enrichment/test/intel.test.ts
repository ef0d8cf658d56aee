import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readIndicatorCsv } from '../src/intel/csv.ts'
import { formatOf } from '../src/intel/feed.ts'
import { FeedLedger } from '../src/intel/feed-ledger.ts'
import type { IndicatorList, ListSettings } from '../src/intel/indicator-list.ts'
import { readMisp } from '../src/intel/misp.ts'
import { readStix } from '../src/intel/stix.ts'
import { valuesOfPattern } from '../src/intel/stix-pattern.ts'

const dayMs = 86_400_000
const settings: ListSettings = {
  feed: 'f',
  tlp: 'AMBER',
  confidence: 50,
  verification: 'unverified',
  expiresDays: null,
  importedAt: 5 * dayMs,
}
const short = ({ indicators }: IndicatorList): unknown[] =>
  indicators.map(({ type, value, confidence, tlp }) => [type, value, confidence, tlp])

test('a faulty line of a list is named with its number and stops no other', () => {
  const list = readIndicatorCsv(
    'type,value,confidence\nip,198.51.100.7,90,"seen, twice"\nip,none\nfoo,x\n# comment\ndomain,bad.example,101\n',
    settings,
  )
  assert.deepEqual(short(list), [['ip', '198.51.100.7', 90, 'AMBER']])
  assert.deepEqual(
    list.faults.map(({ place }) => place),
    ['line 3', 'line 4', 'line 6'],
  )
})

test('CSV: columns by their names, quoted cells, and bare values whose kind is told by their look', () => {
  const named = readIndicatorCsv(
    '\ufeffcomment,ioc,expires,tlp\r\n"a ""bad"", one",bad.example,1970-01-09T00:00:00Z,tlp:green\r\n',
    settings,
  )
  assert.deepEqual(short(named), [['domain', 'bad.example', 50, 'GREEN']])
  assert.equal(named.indicators[0]?.description, 'a "bad", one')
  assert.equal(named.indicators[0]?.validUntil, 8 * dayMs)
  const bare = readIndicatorCsv(
    '198.51.100.0/24\n2001:db8::7\nhttps://bad.example/x\nd41d8cd98f00b204e9800998ecf8427e\nexample\n',
    { ...settings, expiresDays: 2 },
  )
  assert.deepEqual(
    bare.indicators.map(({ type }) => type),
    ['cidr', 'ip', 'url', 'hash'],
  )
  assert.equal(bare.indicators[0]?.validUntil, 7 * dayMs)
  assert.equal(bare.faults.length, 1)
})

test('MISP: what is for detection is taken, pairs give both halves, tags and deletion are kept', () => {
  const event = {
    Event: {
      info: 'A campaign',
      Tag: [{ name: 'tlp:green' }],
      Attribute: [
        { type: 'domain|ip', value: 'bad.example|198.51.100.7', to_ids: true, uuid: 'u1' },
        {
          type: 'ip-dst',
          value: '198.51.100.0/24',
          to_ids: true,
          Tag: [{ name: 'tlp:red' }],
          first_seen: '1970-01-02T00:00:00Z',
        },
        { type: 'url', value: 'http://bad.example/x', to_ids: false },
        { type: 'email-subject', value: 'Invoice', to_ids: true },
        { type: 'md5', value: 'none', to_ids: true, uuid: 'u2' },
        { type: 'domain', value: 'gone.example', to_ids: true, deleted: true },
      ],
      Object: [{ Attribute: [{ type: 'filename|sha256', value: `a.exe|${'a'.repeat(64)}`, to_ids: true }] }],
    },
  }
  const list = readMisp(JSON.stringify({ response: [event] }), settings)
  assert.deepEqual(short(list), [
    ['domain', 'bad.example', 50, 'GREEN'],
    ['ip', '198.51.100.7', 50, 'GREEN'],
    ['cidr', '198.51.100.0/24', 50, 'RED'],
    ['domain', 'gone.example', 50, 'GREEN'],
    ['hash', 'a'.repeat(64), 50, 'GREEN'],
  ])
  assert.equal(list.indicators[2]?.validFrom, dayMs)
  assert.equal(list.indicators[3]?.revoked, true)
  assert.equal(list.ignored, 2)
  assert.deepEqual(
    list.faults.map(({ place }) => place),
    ['attribute u2'],
  )
})

test('STIX 2.1: validity, confidence, marking and withdrawal of each indicator; benign ones are left out', () => {
  const indicator = (id: string, pattern: string, more: object = {}): object => ({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${id}`,
    pattern,
    pattern_type: 'stix',
    valid_from: '1970-01-02T00:00:00Z',
    ...more,
  })
  const bundle = {
    type: 'bundle',
    id: 'bundle--1',
    objects: [
      {
        type: 'marking-definition',
        id: 'marking-definition--own',
        definition_type: 'tlp',
        definition: { tlp: 'white' },
      },
      indicator('a', "[ipv4-addr:value = '198.51.100.7' OR domain-name:value = 'bad.example']", { confidence: 85 }),
      indicator('b', "[file:hashes.'SHA-256' = '" + 'B'.repeat(64) + "']", {
        object_marking_refs: ['marking-definition--own'],
      }),
      indicator('c', "[ipv4-addr:value ISSUBSET '198.51.100.0/24']", {
        valid_until: '1970-01-03T00:00:00Z',
        revoked: true,
      }),
      indicator('d', "[url:value = 'http://bad.example/it\\'s']", {
        object_marking_refs: ['marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003'],
      }),
      indicator('e', "[ipv4-addr:value = '192.0.2.1']", { indicator_types: ['benign'] }),
      indicator('f', "[domain-name:value = 'a.example' AND url:value = 'http://a.example/']"),
      indicator('g', 'rule x { condition: true }', { pattern_type: 'yara' }),
    ],
  }
  const list = readStix(JSON.stringify(bundle), settings)
  assert.deepEqual(short(list), [
    ['ip', '198.51.100.7', 85, 'AMBER'],
    ['domain', 'bad.example', 85, 'AMBER'],
    ['hash', 'B'.repeat(64), 50, 'CLEAR'],
    ['cidr', '198.51.100.0/24', 50, 'AMBER'],
    ['url', "http://bad.example/it's", 50, 'AMBER+STRICT'],
  ])
  assert.equal(list.indicators[3]?.validUntil, 2 * dayMs)
  assert.equal(list.indicators[3]?.revoked, true)
  assert.deepEqual(
    list.faults.map(({ place }) => place),
    ['indicator--f'],
  )
  assert.equal(list.ignored, 3)
})

test('a pattern is read where it is a choice among values, else not at all', () => {
  const read = (pattern: string): string[] | null =>
    valuesOfPattern(pattern)?.map(({ kind, value }) => `${kind} ${value}`) ?? null
  assert.deepEqual(read("[ipv4-addr:value IN ('198.51.100.1', '198.51.100.2')]"), [
    'ip 198.51.100.1',
    'ip 198.51.100.2',
  ])
  assert.deepEqual(read("([domain-name:value = 'a.example'] OR [domain-name:value='b.example'])"), [
    'domain a.example',
    'domain b.example',
  ])
  assert.deepEqual(read(`[network-traffic:dst_ref.value = '198.51.100.1']`), ['ip 198.51.100.1'])
  for (const pattern of [
    "[a:b = 'c']",
    "[ipv4-addr:value = '1.2.3.4'] FOLLOWEDBY [ipv4-addr:value = '1.2.3.5']",
    "[ipv4-addr:value = '1.2.3.4'] WITHIN 300 SECONDS",
    "[ipv4-addr:value != '1.2.3.4']",
    "[domain-name:value LIKE '%.example']",
    '',
    '[',
  ])
    assert.equal(read(pattern), null, pattern)
})

test('no text makes a reader throw anything but a syntax error, and every indicator is one that events can hit', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '(',
    ')',
    "'",
    '\\',
    'ipv4-addr:value',
    '=',
    'OR',
    'IN',
    ' ',
    '1.2.3.4',
    'x',
    ',',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      valuesOfPattern(pieces.join(''))
    }),
  )
  fc.assert(
    fc.property(fc.json(), fc.string({ maxLength: 200 }), (json, text) => {
      for (const list of [readMisp(json, settings), readStix(json, settings), readIndicatorCsv(text, settings)])
        for (const { type, value } of list.indicators) assert.ok(type !== '' && value !== '')
    }),
  )
})

test('the format of a file is told by its look', () => {
  assert.equal(formatOf('ip,192.0.2.1'), 'csv')
  assert.equal(formatOf(' {"type": "bundle", "objects": []}'), 'stix')
  assert.equal(formatOf('{"Event": {"info": "x"}}'), 'misp')
})

test('a list read again writes what differs only; what a person judged stays; a whole list withdraws what it no longer names', () => {
  const ledger = new FeedLedger()
  const first = readIndicatorCsv('ip,198.51.100.7\ndomain,bad.example\n', settings).indicators
  const written = ledger.changes('f', first, true, 1)
  assert.equal(written.length, 2)
  for (const indicator of written) ledger.observe(indicator.indicatorId, indicator)
  assert.deepEqual(
    ledger.changes(
      'f',
      readIndicatorCsv('domain,bad.example\nip,198.51.100.7\n', { ...settings, importedAt: 9 }).indicators,
      true,
      9,
    ),
    [],
  )
  const address = ledger.find('f', 'ip', '198.51.100.7')
  assert.ok(address)
  ledger.observe(address.indicatorId, { ...address, verification: 'rejected' })
  const next = ledger.changes('f', readIndicatorCsv('ip,198.51.100.7,90\n', settings).indicators, true, 9)
  assert.deepEqual(
    next.map(({ value, verification, confidence, revoked }) => [value, verification, confidence, revoked]),
    [
      ['198.51.100.7', 'rejected', 90, false],
      ['bad.example', 'unverified', 50, true],
    ],
  )
  assert.deepEqual(ledger.changes('other', [], true, 9), [])
})

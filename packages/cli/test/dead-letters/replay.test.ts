import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { nextAuditEntry } from '../../src/dead-letters/audit.ts'
import { fixOf, keepFix } from '../../src/dead-letters/fixes.ts'
import { letterJson, letterText, rowTable } from '../../src/dead-letters/print.ts'
import { readRecord, recordText } from '../../src/dead-letters/record-text.ts'
import { type Fixed, keyOf, onlyOne, recordToReplay, replayOf } from '../../src/dead-letters/replay.ts'
import { NewestRows } from '../../src/dead-letters/select.ts'
import { letterOf } from './letter.ts'

const fixOfLetter = (changes: Partial<Fixed> = {}): Fixed => ({
  deadLetterId: letterOf().deadLetterId,
  by: 'octets',
  fixedAt: 1,
  value: Buffer.from([0, 0, 0, 0, 1, 2]),
  key: Buffer.from([0xff, 0x00]),
  ...changes,
})

test('a replay goes to the original topic with the fixed octets, the key as octets and every header', () => {
  const replay = replayOf(letterOf({ topic: 'p.raw-blocks' }), fixOfLetter(), 'p.')
  assert.deepEqual(replay, {
    topic: 'p.raw-blocks',
    key: Buffer.from([0xff, 0x00]),
    value: Buffer.from([0, 0, 0, 0, 1, 2]),
    headers: [{ 'x-from': Buffer.from('elsewhere') }, { 'tocsin-replay-of': Buffer.from(letterOf().deadLetterId) }],
  })
})

test('the dead letter of a replay that failed again names only the newest dead letter', () => {
  const again = letterOf({ headers: { 'tocsin-replay-of': Buffer.from('earlier') } })
  const { headers } = replayOf(again, fixOfLetter(), '')
  assert.deepEqual(headers, [{ 'tocsin-replay-of': Buffer.from(again.deadLetterId) }])
})

test('a dead letter of a dead letter is refused: an error about an error never goes round', () => {
  const letter = letterOf({ topic: 'p.dead-letters' })
  assert.throws(() => recordToReplay(letter, 'p.'), { code: 'dead_letter_of_dead_letter' })
  assert.throws(() => replayOf(letter, fixOfLetter(), 'p.'), { code: 'dead_letter_of_dead_letter' })
})

for (const topic of ['raw-blocks', 'other.raw-blocks', 'p.correlation-engine.windows.changelog', 'p.__proto__', 'p.']) {
  test(`nothing is replayed to "${topic}", which is no topic of records under the prefix`, () => {
    assert.throws(() => recordToReplay(letterOf({ topic }), 'p.'), { code: 'foreign_topic' })
  })
}

test('the key is the original’s, or the one given where there is none or another is wanted', () => {
  assert.deepEqual(keyOf(letterOf(), undefined), Buffer.from('edge-1'))
  assert.deepEqual(keyOf(letterOf({ key: null }), 'edge-2'), Buffer.from('edge-2'))
  assert.throws(() => keyOf(letterOf({ key: null }), undefined), { code: 'bad_key' })
})

test('an id that no dead letter or more than one begins with is refused', () => {
  assert.throws(() => onlyOne('3f', []), { code: 'no_such_dead_letter' })
  assert.throws(() => onlyOne('3f', [letterOf(), letterOf()]), { code: 'no_such_dead_letter' })
  assert.equal(onlyOne('3f', [letterOf()]).service, 'normalizer')
})

test('a fix is kept whole in the data folder, for its owner alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-fixes-'))
  try {
    const path = keepFix(folder, fixOfLetter())
    assert.deepEqual(fixOf(folder, letterOf().deadLetterId), fixOfLetter())
    assert.equal(statSync(path).mode & 0o077, 0)
    assert.throws(() => fixOf(folder, 'a'.repeat(32)), { code: 'not_fixed' })
    assert.throws(() => fixOf(folder, '../../etc/passwd'), { code: 'no_such_dead_letter' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a record with octets goes to JSON and back', () => {
  const record = { name: 'x', octets: Buffer.from([0, 255]), frames: [{ octets: Buffer.from('a'), at: 1 }], none: null }
  assert.deepEqual(readRecord(recordText(record)), record)
  assert.deepEqual(readRecord(recordText(record, 2)), record)
})

test('audit entries form a chain: each carries the hash of the one before it', () => {
  const fact = { at: 1, actor: 'anna', deadLetterId: 'd', constituent: null, reason: 'undecodable_record' }
  const first = nextAuditEntry('cli-a', null, fact)
  const second = nextAuditEntry('cli-a', first, fact)
  assert.deepEqual([first.seq, first.previousHash, second.seq], [1, '0'.repeat(64), 2])
  assert.equal(second.previousHash, first.hash)
  const { hash, ...content } = second
  const sorted = JSON.stringify(content, Object.keys(content).sort())
  assert.equal(hash, createHash('sha256').update(first.hash).update(sorted).digest('hex'))
})

test('a dead letter is shown whole: reason, coordinates, key, headers, octets, record', () => {
  const text = letterText(letterOf({ message: 'bad\u001b[31m', original: Buffer.from('oc\u0000tets') }), { a: 1 }).join(
    '\n',
  )
  for (const part of [
    'undecodable_record: bad␛[31m',
    'raw-blocks, partition 3, offset 17',
    'edge-1',
    'header x-from  elsewhere',
    'octets (7)\n00000000  6f 63 00',
    '"a": 1',
  ])
    assert.ok(text.includes(part), `${part} in\n${text}`)
  const json = readRecord(letterJson(letterOf(), null)) as { original: Buffer; at: string }
  assert.deepEqual([json.original, json.at], [Buffer.from('not avro'), '2026-03-01T00:00:00.500Z'])
})

test('the table shows one line a dead letter, whatever its message holds', () => {
  const rows = new NewestRows(10)
  rows.add(letterOf({ message: 'two\nlines' }))
  const table = rowTable(rows.rows())
  assert.equal(table.length, 2)
  assert.match(table[1] ?? '', /^3f0a91.*normalizer +undecodable_record +dc-health +raw-blocks\/3\/17 +8 +two␊lines$/)
})

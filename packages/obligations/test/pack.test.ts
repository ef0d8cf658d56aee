import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  faultText,
  inForce,
  loadPack,
  loadPackFiles,
  nationalClassOf,
  nationalSeverityOf,
  RSIT_PAIRS,
} from '../src/index.ts'
import { at, pack, packFiles, packNames } from './packs.ts'

/** Replaces one text in a file of the Kazakh pack and gives the faults as lines. */
function faultsAfter(file: string, from: string, to: string): string[] {
  const files = packFiles('kz-order-199')
  const text = files.get(file) ?? ''
  assert.ok(text.includes(from), `${file} holds ${from}`)
  const loaded = loadPackFiles(files.set(file, text.replace(from, to)), 'kz')
  return loaded.ok ? [] : loaded.faults.map(faultText)
}

const wrong: [string, string, string, string, RegExp][] = [
  [
    'a limit that is no duration',
    'pack.yaml',
    'limit: PT30M',
    'limit: 30 minutes',
    /^kz\/pack\.yaml:\d+: clocks\[0\]\.limit: /,
  ],
  ['a misspelt key', 'pack.yaml', '    limit: PT30M', '    limitt: PT30M', /limitt/],
  [
    'a moment that nobody stamps',
    'pack.yaml',
    'met: measuresReceivedAt',
    'met: measureReceivedAt',
    /no such moment: measureReceivedAt/,
  ],
  [
    'a role that is not declared',
    'pack.yaml',
    'to: [authorised-person, constituent], copies',
    'to: [owner], copies',
    /no such role: owner/,
  ],
  [
    'a reference to a clock that comes later',
    'pack.yaml',
    'start: { breachOf: C4 }',
    'start: { breachOf: C9 }',
    /no clock C9 stands before/,
  ],
  ['a zone that does not exist', 'pack.yaml', 'Asia/Almaty', 'Asia/Almatty', /no such time zone/],
  ['a holiday that is no day', 'pack.yaml', '2026-12-16', '2026-02-30', /no day of 2026: 2026-02-30/],
  [
    'an end before the beginning',
    'pack.yaml',
    'effectiveFrom: 2022-11-10',
    'effectiveFrom: 2022-11-10\neffectiveTo: 2020-01-01',
    /effectiveTo: lies before/,
  ],
  ['a clock that stands twice', 'pack.yaml', '  - id: C2', '  - id: C1', /C1 stands twice for event/],
  ['text that is not YAML', 'pack.yaml', 'roles:\n', 'roles: [\n', /pack\.yaml:\d+: not YAML/],
  [
    'an RSIT pair without a class',
    'taxonomy.yaml',
    '  fraud/phishing: phishing\n',
    '',
    /RSIT pair fraud\/phishing has no national class/,
  ],
  [
    'a class that does not exist',
    'taxonomy.yaml',
    'fraud/phishing: phishing',
    'fraud/phishing: fishing',
    /no such class: fishing/,
  ],
  [
    'an unknown place in a template',
    'templates/notice.ru.txt',
    '{{object}}',
    '{{objekt}}',
    /notice\.ru\.txt:6: unknown place \{\{objekt\}\}/,
  ],
  [
    'a template without a subject',
    'templates/notice.kk.txt',
    'Subject: ',
    'Betreff: ',
    /notice\.kk\.txt:1: the first line/,
  ],
]

for (const [what, file, from, to, expected] of wrong) {
  test(`${what.includes('RSIT') ? 'XC-14 ' : ''}a pack with ${what} is refused with file, line and reason`, () => {
    const faults = faultsAfter(file, from, to)
    assert.ok(
      faults.some((line) => expected.test(line)),
      faults.join('\n') || 'it was accepted',
    )
  })
}

test('a pack that lacks a template in one of its languages is refused', () => {
  const files = packFiles('kz-order-199')
  files.delete('templates/failure-48h.kk.txt')
  const loaded = loadPackFiles(files, 'kz')
  assert.deepEqual(loaded.ok ? [] : loaded.faults.map((fault) => fault.file), ['kz/templates/failure-48h.kk.txt'])
})

test('a pack beyond the size bound is refused before it is parsed', () => {
  const loaded = loadPack('#'.repeat(300_000), 'big.yaml')
  assert.match(loaded.ok ? '' : (loaded.faults[0]?.reason ?? ''), /longer than/)
})

test('XC-14 every RSIT pair has a class in every pack', () => {
  assert.equal(RSIT_PAIRS.length, 39)
  for (const name of packNames) {
    const { taxonomy } = pack(name)
    assert.ok(taxonomy !== null)
    for (const pair of RSIT_PAIRS) {
      const [cls = '', type = ''] = pair.split('/')
      assert.notEqual(nationalClassOf(taxonomy, cls, type).title.en, '', `${name} ${pair}`)
    }
  }
})

test('severity in Taiwan is an integer from 1 to 10, 10 worst, and never falls as ours rises (TW-R21)', () => {
  const tw = pack('tw-soc-1.3')
  const levels = Array.from({ length: 101 }, (_, score) => Number(nationalSeverityOf(tw, score).code))
  assert.deepEqual([...new Set(levels)], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  assert.deepEqual(
    levels,
    levels.toSorted((a, b) => a - b),
  )
})

test('a pack is in force from the first instant of its first local day to the last of its last (XC-2)', () => {
  const text = packFiles('eu-nis2').get('pack.yaml') ?? ''
  const loaded = loadPack(
    text.replace('effectiveFrom: 2024-10-18', 'effectiveFrom: 2024-10-18\neffectiveTo: 2026-12-31'),
    'pack.yaml',
  )
  assert.ok(loaded.ok)
  assert.equal(inForce(loaded.pack, at('2024-10-17T21:59:59Z')), false)
  assert.equal(inForce(loaded.pack, at('2024-10-17T22:00:00Z')), true)
  assert.equal(inForce(loaded.pack, at('2026-12-31T22:59:59Z')), true)
  assert.equal(inForce(loaded.pack, at('2026-12-31T23:00:00Z')), false)
})

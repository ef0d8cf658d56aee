import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSelected, NewestRows, readTime } from '../../src/dead-letters/select.ts'
import { letterOf } from './letter.ts'

const NOW = Date.UTC(2026, 2, 1, 12)

for (const [selection, isMeant] of [
  [{}, true],
  [{ service: 'normalizer', code: 'undecodable_record', constituent: 'dc-health', topic: 'raw-blocks' }, true],
  [{ service: 'enrichment' }, false],
  [{ code: 'unexpected' }, false],
  [{ constituent: 'dc-water' }, false],
  [{ topic: 'events' }, false],
  [{ sinceMs: 1_772_323_200_500 }, true],
  [{ sinceMs: 1_772_323_200_501 }, false],
  [{ untilMs: 1_772_323_200_500 }, false],
] as const) {
  test(`the selection ${JSON.stringify(selection)} ${isMeant ? 'takes' : 'leaves out'} a dead letter of the normalizer`, () => {
    assert.equal(isSelected(letterOf({ topic: 'p.raw-blocks' }), selection, 'p.'), isMeant)
  })
}

test('a time is so long ago, or an instant with its zone', () => {
  assert.equal(readTime('since', '90m', NOW), NOW - 5_400_000)
  assert.equal(readTime('since', '2d', NOW), NOW - 172_800_000)
  assert.equal(readTime('since', '2026-03-01T07:00:00+07:00', NOW), Date.UTC(2026, 2, 1))
})

for (const text of ['', 'yesterday', '2h30', '-1h', '2026-13-01', '2026-03-01T07:00:00', '1']) {
  test(`"${text}" is refused as a time`, () => {
    assert.throws(() => readTime('since', text, NOW), { code: 'bad_argument' })
  })
}

test('a list keeps the newest in bounded memory, counts what it left out, and shows a repeat once', () => {
  const rows = new NewestRows(3)
  for (let n = 0; n < 20; n++) rows.add(letterOf({ deadLetterId: String(n), at: n }))
  rows.add(letterOf({ deadLetterId: '19', at: 19 }))
  assert.deepEqual(
    rows.rows().map(({ deadLetterId }) => deadLetterId),
    ['17', '18', '19'],
  )
  assert.equal(rows.seen, 20)
})

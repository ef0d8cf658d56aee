import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DoorNews } from '../../src/collect/door-news.ts'

test('what was refused or dropped is told at once, then once a minute, and every line is in one count', () => {
  const tally = { received: 0, refused: 0, dropped: 0 }
  const tallies = new Map([['udp', tally]])
  const news = new DoorNews()
  const said = (nowMs: number) =>
    news.take(tallies, '192.0.2.9 on udp:514', nowMs).map(({ code, count }) => [code, count])
  assert.deepEqual(said(0), [])
  tally.refused = 3
  assert.deepEqual(said(1_000), [['collector_sender_refused', 3]])
  tally.refused = 10
  tally.dropped = 2
  assert.deepEqual(said(2_000), [['collector_datagrams_dropped', 2]])
  assert.deepEqual(said(61_000), [['collector_sender_refused', 7]])
  assert.deepEqual(said(300_000), [])
})

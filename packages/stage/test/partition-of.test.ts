import assert from 'node:assert/strict'
import { test } from 'node:test'
import { murmur2, partitionOf } from '../src/index.ts'

test('a key has the hash that Kafka’s own client gives it', () => {
  const known: readonly (readonly [string, number])[] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ]
  for (const [key, hash] of known) assert.equal(murmur2(Buffer.from(key)), hash, key)
  assert.equal(partitionOf('foobar', 4), (-790332482 & 0x7fffffff) % 4)
})

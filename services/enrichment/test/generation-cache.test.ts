import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GenerationCache } from '../src/generation-cache.ts'

test('an answer is found once while it is asked for, nothing is kept beyond twice the size, and another version forgets all', () => {
  const cache = new GenerationCache<string | null>(2)
  const asked: string[] = []
  const find = (key: string): string | null => {
    asked.push(key)
    return key === 'none' ? null : key.toUpperCase()
  }
  const get = (key: string, version = '1'): string | null => cache.get(key, version, find)
  assert.deepEqual([get('a'), get('a'), get('none'), get('none')], ['A', 'A', null, null])
  assert.deepEqual(asked, ['a', 'none'])
  get('b')
  get('a')
  assert.deepEqual(asked, ['a', 'none', 'b'])
  for (const key of ['c', 'd', 'e', 'f']) get(key)
  get('a')
  assert.deepEqual(asked.filter((key) => key === 'a').length, 2)
  get('a', '2')
  assert.equal(asked.at(-1), 'a')
})

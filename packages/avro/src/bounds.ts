/** Most keys that a map field of ours holds; the rest is counted, not kept. */
export const MAX_MAP_KEYS = 1_000
/** Longest key, characters. */
export const MAX_KEY_LENGTH = 256
const HOSTILE = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Makes a map field safe to encode and to decode anywhere: no prototype, hostile names prefixed with `_`, at most
 * 1,000 keys, keys of at most 256 characters. Gives the map and how many keys were left out.
 */
export function boundedMap<V>(entries: Iterable<readonly [string, V]>): { map: Record<string, V>; leftOut: number } {
  const map = Object.create(null) as Record<string, V>
  let kept = 0
  let leftOut = 0
  for (const [key, value] of entries) {
    if (kept >= MAX_MAP_KEYS || key.length > MAX_KEY_LENGTH) {
      leftOut++
      continue
    }
    map[HOSTILE.has(key) ? `_${key}` : key] = value
    kept++
  }
  return { map, leftOut }
}

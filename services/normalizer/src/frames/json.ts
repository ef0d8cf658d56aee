import { limits } from '../limits.ts'
import type { Pair } from '../parser.ts'

/**
 * Flattens one JSON object (or the first of an array) to pairs with dotted keys; undefined when the text is no JSON object.
 * Lists of `{Name, value}` become pairs of their own (Windows event data). Depth, pairs and value sizes are bounded; keys are only strings
 * here, so `__proto__` is a name like any other.
 */
export function readJson(text: string): Pair[] | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = parsePrefix(text)
  }
  if (typeof value !== 'object' || value === null) return undefined
  const pairs: Pair[] = []
  if (Array.isArray(value)) {
    const first: unknown = value[0]
    if (typeof first !== 'object' || first === null) return undefined
    flatten(first, '', 0, pairs)
  } else flatten(value, '', 0, pairs)
  return pairs
}

// Something may follow the object (a trailing comma, a relay's addition): the object up to its last brace still counts.
function parsePrefix(text: string): unknown {
  const end = text.lastIndexOf('}')
  if (end <= 0 || end === text.length - 1) return undefined
  try {
    return JSON.parse(text.slice(0, end + 1))
  } catch {
    return undefined
  }
}

function flatten(value: object, prefix: string, depth: number, pairs: Pair[]): void {
  // for…in stops early on hostile objects of 100,000 keys; Object.entries would copy them all first.
  for (const key in value) {
    if (pairs.length >= limits.maxPairs) return
    if (!Object.hasOwn(value, key)) continue
    const inner = (value as Record<string, unknown>)[key]
    const path = prefix === '' ? key.slice(0, limits.maxKeyChars) : `${prefix}.${key}`.slice(0, limits.maxKeyChars)
    flattenValue(inner, path, depth, pairs)
  }
}

function flattenValue(inner: unknown, path: string, depth: number, pairs: Pair[]): void {
  if (inner === null || inner === undefined) return
  if (typeof inner === 'string') pairs.push([path, inner.slice(0, limits.maxValueChars)])
  else if (typeof inner === 'number' || typeof inner === 'boolean') pairs.push([path, String(inner)])
  else if (depth >= limits.maxDepth) return
  else if (Array.isArray(inner)) flattenList(inner, path, depth, pairs)
  else if (typeof inner === 'object') flatten(inner, path, depth + 1, pairs)
}

function flattenList(list: unknown[], path: string, depth: number, pairs: Pair[]): void {
  for (let index = 0; index < list.length && index < limits.maxListItems && pairs.length < limits.maxPairs; index++) {
    const item = list[index]
    const named = namedItem(item)
    if (named !== undefined) pairs.push([`${path}.${named[0]}`.slice(0, limits.maxKeyChars), named[1]])
    else flattenValue(item, path, depth + 1, pairs)
  }
}

/** `{"Name": "TargetUserName", "text": "bob"}` and its spellings. */
function namedItem(item: unknown): Pair | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const record = item as Record<string, unknown>
  const name = record['Name'] ?? record['@Name'] ?? record['name'] ?? record['key']
  const value = record['text'] ?? record['#text'] ?? record['Value'] ?? record['value'] ?? record['content']
  if (typeof name !== 'string' || (typeof value !== 'string' && typeof value !== 'number')) return undefined
  return [name, String(value).slice(0, limits.maxValueChars)]
}

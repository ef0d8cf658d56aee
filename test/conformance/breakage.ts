import type { LawId } from './law-id.ts'

/** The smallest change that must turn an id red. */
export interface Breakage {
  id: string
  file: string
  from: string
  to: string
}

/** Reads the `break` cell of an id: `file :: old text => new text`, where `\n` and `\t` stand for line end and tab. */
export function breakageOf(row: LawId): Breakage | null {
  if (row.break === '') return null
  const match = /^(\S+) :: (.+?) => (.*)$/.exec(row.break)
  if (match === null) throw new Error(`${row.id}: a break is written "file :: old text => new text"`)
  const [, file = '', from = '', to = ''] = match
  if (file.startsWith('/') || file.split('/').includes('..'))
    throw new Error(`${row.id}: ${file} lies outside the project`)
  return { id: row.id, file, from: unescape(from), to: unescape(to) }
}

/** Applies a breakage to the text of its file. Throws when the old text is not there exactly once. */
export function applyBreakage(text: string, breakage: Breakage): string {
  const parts = text.split(breakage.from)
  if (parts.length !== 2)
    throw new Error(`${breakage.id}: the old text stands ${parts.length - 1} times in ${breakage.file}`)
  return parts.join(breakage.to)
}

/** Takes the first `count` of `items` in an order that `seed` decides: the same seed, the same choice. */
export function pick<T>(items: readonly T[], count: number, seed: number): T[] {
  const pool = [...items]
  let state = seed >>> 0
  // mulberry32: small, and the same on every machine.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  for (let index = pool.length - 1; index > 0; index -= 1) {
    const other = Math.floor(next() * (index + 1))
    const held = pool[index] as T
    pool[index] = pool[other] as T
    pool[other] = held
  }
  return pool.slice(0, count)
}

/** A pattern for --test-name-pattern that finds the tests whose names begin with `id`, inside suites as well. */
export function namePatternOf(id: string): string {
  return `(^|[ ,])${id.replace(/[.\\+*?^$()[\]{}|]/g, '\\$&')}([ ,:]|$)`
}

function unescape(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t')
}

import { MaskedPattern } from './masked-pattern.ts'
import { anyOne, anyRun, type Piece } from './sigma-string.ts'

type Segment = (string | typeof anyOne)[]

/**
 * Compiles a wildcard pattern that must cover the whole text. Each run of pieces between two `*` is looked for from the left once, so no
 * pattern can make the match exponential, which a regular expression with several `.*` could. `?` covers one code point.
 */
export function compileGlob(pieces: readonly Piece[]): (text: string) => boolean {
  const segments: Segment[] = [[]]
  for (const piece of pieces) {
    if (piece === anyRun) segments.push([])
    else segments.at(-1)?.push(piece)
  }
  const first = segments[0] ?? []
  const last = segments.at(-1) ?? []
  if (segments.length === 1) return (text) => matchAt(first, text, 0) === text.length
  const middle = segments
    .slice(1, -1)
    .filter((segment) => segment.length > 0)
    .map(compileFind)
  return (text) => {
    let position = matchAt(first, text, 0)
    for (const find of middle) {
      if (position < 0) return false
      position = find(text, position)
    }
    return position >= 0 && endsWith(last, text, position)
  }
}

/** End of the segment when it stands at `position`, else -1. */
function matchAt(segment: Segment, text: string, position: number): number {
  let at = position
  for (const piece of segment) {
    if (piece === anyOne) {
      if (at >= text.length) return -1
      at += isPair(text, at) ? 2 : 1
    } else {
      if (!text.startsWith(piece, at)) return -1
      at += piece.length
    }
  }
  return at
}

/** Compiles a search for the leftmost occurrence at or after a position: its end, or -1. */
function compileFind(segment: Segment): (text: string, from: number) => number {
  const only = segment[0]
  if (segment.length === 1 && typeof only === 'string') {
    return (text, from) => {
      const at = text.indexOf(only, from)
      return at < 0 ? -1 : at + only.length
    }
  }
  const pattern = new MaskedPattern(segment.flatMap((piece) => (piece === anyOne ? [null] : codePoints(piece))))
  return (text, from) => pattern.find(text, from)
}

function codePoints(text: string): number[] {
  return Array.from(text, (char) => char.codePointAt(0) ?? 0)
}

/** True when the segment stands at the end of the text and begins at or after `from`. */
function endsWith(segment: Segment, text: string, from: number): boolean {
  let least = 0
  let most = 0
  for (const piece of segment) {
    least += piece === anyOne ? 1 : piece.length
    most += piece === anyOne ? 2 : piece.length
  }
  const lowest = Math.max(from, text.length - most)
  for (let at = text.length - least; at >= lowest; at--) {
    if (matchAt(segment, text, at) === text.length) return true
  }
  return false
}

function isPair(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  const next = text.charCodeAt(at + 1)
  return code >= 0xd800 && code <= 0xdbff && next >= 0xdc00 && next <= 0xdfff
}

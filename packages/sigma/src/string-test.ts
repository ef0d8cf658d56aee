import type { Test } from './predicate.ts'
import { anyRun, type Piece } from './sigma-string.ts'

/** The cheapest test for a pattern: text compares and searches where the wildcards stand only at the ends, else a glob. */
export function stringTest(pieces: Piece[], cased: boolean): Test {
  if (cased) return { kind: 'glob', pieces, cased }
  const [first, second, third] = pieces
  if (pieces.length === 0) return { kind: 'equals', text: '' }
  if (pieces.length === 1 && typeof first === 'string') return { kind: 'equals', text: first.toLowerCase() }
  if (pieces.length === 2 && first === anyRun && typeof second === 'string') {
    return { kind: 'ends', text: second.toLowerCase() }
  }
  if (pieces.length === 2 && typeof first === 'string' && second === anyRun) {
    return { kind: 'starts', text: first.toLowerCase() }
  }
  if (pieces.length === 3 && first === anyRun && typeof second === 'string' && third === anyRun) {
    return { kind: 'contains', text: second.toLowerCase() }
  }
  return {
    kind: 'glob',
    pieces: pieces.map((piece) => (typeof piece === 'string' ? piece.toLowerCase() : piece)),
    cased,
  }
}

/** The test of a keyword: the pattern anywhere in a value. */
export function keywordTest(pieces: Piece[], cased: boolean): Test {
  return stringTest(surround(pieces), cased)
}

/** Puts `*` at both ends where there is none yet. */
export function surround(pieces: Piece[]): Piece[] {
  return openStart(openEnd(pieces))
}

export function openStart(pieces: Piece[]): Piece[] {
  return pieces[0] === anyRun ? pieces : [anyRun, ...pieces]
}

export function openEnd(pieces: Piece[]): Piece[] {
  return pieces.at(-1) === anyRun ? pieces : [...pieces, anyRun]
}

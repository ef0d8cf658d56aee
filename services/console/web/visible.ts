/** A piece of a log line: text as it is, or the name of a character that does not show. */
export interface Piece {
  text: string
  isControl: boolean
}

// Controls (C0, C1, DEL), format and bidirectional marks, line separators, lone surrogates: what could hide or reorder text.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Takes a line; gives its pieces, so that whatever a sender put in is seen and nothing moves or hides (SEC-S8). */
export function visiblePieces(line: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const match of line.matchAll(HIDDEN)) {
    if (match.index > from) pieces.push({ text: line.slice(from, match.index), isControl: false })
    pieces.push({ text: nameOf(match[0].codePointAt(0) ?? 0), isControl: true })
    from = match.index + match[0].length
  }
  if (from < line.length) pieces.push({ text: line.slice(from), isControl: false })
  return pieces
}

/** Unicode's pictures for C0 and DEL (U+2400…), the code point for the rest. */
function nameOf(code: number): string {
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

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

const C0 =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'
const C0_NAMES = C0.split(' ')

/** The standard's abbreviation (ISO 646) for C0 and DEL, the code point for the rest. */
function nameOf(code: number): string {
  if (code === 0x7f) return 'DEL'
  return C0_NAMES[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

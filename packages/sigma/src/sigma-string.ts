/** One piece of a Sigma string: plain text, or a wildcard for any run (`*`) or any one character (`?`). */
export type Piece = string | typeof anyRun | typeof anyOne
export const anyRun: unique symbol = Symbol('*')
export const anyOne: unique symbol = Symbol('?')

/**
 * Splits a string into text and wildcards (specification, "Escape Character"): `\*`, `\?` and `\\` are plain characters,
 * a backslash before anything else is itself.
 */
export function parseSigmaString(text: string): Piece[] {
  const pieces: Piece[] = []
  let plain = ''
  const push = (piece: Piece): void => {
    if (plain !== '') pieces.push(plain)
    plain = ''
    pieces.push(piece)
  }
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    const next = text.charAt(i + 1)
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      plain += next
      i++
    } else if (char === '*') push(anyRun)
    else if (char === '?') push(anyOne)
    else plain += char
  }
  if (plain !== '') pieces.push(plain)
  return pieces
}

/** Joins neighbouring texts and drops empty ones, so that equal patterns look equal. */
export function tidy(pieces: readonly Piece[]): Piece[] {
  const tidied: Piece[] = []
  for (const piece of pieces) {
    const last = tidied.at(-1)
    if (piece === '' || (piece === anyRun && last === anyRun)) continue
    if (typeof piece === 'string' && typeof last === 'string') tidied[tidied.length - 1] = last + piece
    else tidied.push(piece)
  }
  return tidied
}

/** Applies `change` to the plain text only. */
export function mapText(pieces: readonly Piece[], change: (text: string) => string): Piece[] {
  return tidy(pieces.map((piece) => (typeof piece === 'string' ? change(piece) : piece)))
}

/** The plain text of a pattern without wildcards, or null when it has some. */
export function plainText(pieces: readonly Piece[]): string | null {
  let text = ''
  for (const piece of pieces) {
    if (typeof piece !== 'string') return null
    text += piece
  }
  return text
}

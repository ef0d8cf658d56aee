/** Marks a text that was cut (XC-6). */
export const CUT_MARK = '…'

// XML 1.0 (5th edition) 2.2: every other character is illegal in a document, escaped or not. With the u flag a surrogate
// that stands alone is matched as itself and so is removed.
// biome-ignore format: one class
const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

/**
 * Takes any text; gives one line that XML can hold: characters that XML 1.0 forbids and lone surrogates are removed; line
 * breaks and tabs become a blank, because a parser would give them back changed (XML 1.0 2.11).
 */
export function cleanLine(text: string): string {
  return text
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
    .replace(ILLEGAL, '')
    .trim()
}

/** Takes any text; gives it without the characters that XML 1.0 cannot hold. */
export function legalText(text: string): string {
  return text.replace(ILLEGAL, '')
}

/** Number of Unicode code points, as XSD's maxLength counts. */
export function codePointsOf(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/** Length of a text in the unit that the receiver counts (AMB-TW3). */
export function lengthOf(text: string, unit: 'characters' | 'bytes'): number {
  return unit === 'bytes' ? Buffer.byteLength(text) : codePointsOf(text)
}

/** Takes a text and its greatest length in UTF-8 octets; gives it whole, or cut between two characters with `…` at the end. */
function cutOctets(text: string, maxBytes: number): { text: string; cut: boolean } {
  if (Buffer.byteLength(text) <= maxBytes) return { text, cut: false }
  let kept = ''
  let bytes = Buffer.byteLength(CUT_MARK)
  for (const point of text) {
    bytes += Buffer.byteLength(point)
    if (bytes > maxBytes) break
    kept += point
  }
  return { text: kept + CUT_MARK, cut: true }
}

/** Takes a text and its greatest length, code points unless told otherwise; gives it whole, or cut with `…` as its last one (XC-6). */
export function cutLine(
  text: string,
  maxCodePoints: number,
  unit: 'characters' | 'bytes' = 'characters',
): { text: string; cut: boolean } {
  if (unit === 'bytes') return cutOctets(text, maxCodePoints)
  // A text has at most as many code points as UTF-16 units: short ones need no counting.
  if (text.length <= maxCodePoints) return { text, cut: false }
  const points = Array.from(text)
  if (points.length <= maxCodePoints) return { text, cut: false }
  return { text: points.slice(0, maxCodePoints - 1).join('') + CUT_MARK, cut: true }
}

/**
 * Takes ids; gives them joined by `;`, or as many as fit followed by the number of all in parentheses (TW-R26).
 */
export function joinIds(ids: readonly string[], total: number, maxCodePoints: number): { text: string; cut: boolean } {
  const whole = ids.join(';')
  if (whole.length <= maxCodePoints && total <= ids.length) return { text: whole, cut: false }
  const tail = `;${CUT_MARK}(${total})`
  let text = ''
  for (const id of ids) {
    const next = text === '' ? id : `${text};${id}`
    if (next.length + tail.length > maxCodePoints) break
    text = next
  }
  return { text: text === '' ? tail.slice(1) : text + tail, cut: true }
}

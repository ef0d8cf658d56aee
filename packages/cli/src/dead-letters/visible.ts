const LINE_FEED = 0x0a
const DELETE = 0x7f
const PICTURES = 0x2400
const HEX_ROW_BYTES = 16
/** More control characters than one in ten make octets binary for a reader. */
const BINARY_SHARE = 0.1

// Control characters, and those that change the order or the look of text around them (Unicode Cc, Cf, Zl, Zp).
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * Takes text from outside; gives it with every control and format character visible, so that it cannot move the cursor of
 * a terminal: C0 and DEL as control pictures (␛), others as `\u{…}`.
 */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const point = character.codePointAt(0) ?? 0
    if (point < 0x20) return String.fromCodePoint(PICTURES + point)
    return point === DELETE ? '␡' : `\\u{${point.toString(16)}}`
  })
}

/** Takes octets; gives them as text where they are UTF-8 that a person can read, else null. */
function readableText(octets: Buffer): string | null {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    return null
  }
  const controls = text.match(/[^\P{Cc}\t\r\n]/gu)?.length ?? 0
  return controls <= text.length * BINARY_SHARE ? text : null
}

/** Takes octets; gives lines to show: text with control characters visible (a line end is shown and ends the line), or a hex dump. */
export function visibleOctets(octets: Buffer): string[] {
  if (octets.length === 0) return ['(empty)']
  const text = readableText(octets)
  if (text === null) return hexDump(octets)
  const end = String.fromCodePoint(PICTURES + LINE_FEED)
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  return [...lines.map((line) => visibleText(line) + end), ...(last === '' ? [] : [visibleText(last)])]
}

/** Octets as `hexdump -C` shows them: offset, sixteen octets in hex, the same in ASCII. */
export function hexDump(octets: Buffer): string[] {
  const rows: string[] = []
  for (let offset = 0; offset < octets.length; offset += HEX_ROW_BYTES) {
    const row = octets.subarray(offset, offset + HEX_ROW_BYTES)
    const hex = row.toString('hex').replace(/..(?!$)/g, '$& ')
    const ascii = row.toString('latin1').replace(/[^ -~]/g, '.')
    rows.push(`${offset.toString(16).padStart(8, '0')}  ${hex.padEnd(HEX_ROW_BYTES * 3 - 1)}  |${ascii}|`)
  }
  return rows
}

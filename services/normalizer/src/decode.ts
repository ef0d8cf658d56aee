import iconv from 'iconv-lite'
import { limits } from './limits.ts'

export interface Decoded {
  readonly text: string
  /** Words for `tocsin.quality`. */
  readonly flags: readonly string[]
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
const looseUtf8 = new TextDecoder('utf-8', { ignoreBOM: false })
const is1258 = /^(?:windows-|win|cp)?-?1258$/
const lineEnd = /[\r\n\0]+$/

/**
 * Octets to text in the source's charset. Never throws: what is not valid becomes U+FFFD and is flagged, an unknown charset is read as UTF-8 and
 * flagged. The octets themselves stay in the raw block. A line must be decoded before it is split: Big5 and GBK have `\`, `|` and `[` as trail octets.
 */
export function decode(octets: Buffer, charset: string | undefined): Decoded {
  const flags: string[] = []
  // No charset needs more than four octets a character.
  const part = octets.length > limits.maxMessageChars * 4 ? octets.subarray(0, limits.maxMessageChars * 4) : octets
  let text = decodePart(part, charset, flags)
  if (part.length < octets.length || text.length > limits.maxMessageChars) {
    text = text.slice(0, limits.maxMessageChars)
    flags.push('message_truncated')
  }
  text = text.replace(lineEnd, '')
  if (text.includes('\0')) flags.push('nul_octet')
  return { text, flags }
}

function decodePart(octets: Buffer, charset: string | undefined, flags: string[]): string {
  const label = (charset ?? 'utf-8').toLowerCase()
  if (label === 'utf-8' || label === 'utf8') return decodeUtf8(octets, flags)
  const name = label === 'strk1048' ? 'rk1048' : label
  if (!iconv.encodingExists(name)) {
    flags.push('unknown_charset')
    return decodeUtf8(octets, flags)
  }
  // windows-1258 writes Vietnamese tones as marks of their own; rules and searches know the letters in one piece.
  const text = is1258.test(name) ? iconv.decode(octets, name).normalize('NFC') : iconv.decode(octets, name)
  if (text.includes('\uFFFD')) flags.push('invalid_octets')
  return text
}

function decodeUtf8(octets: Buffer, flags: string[]): string {
  try {
    return strictUtf8.decode(octets)
  } catch {
    flags.push('invalid_octets')
    return looseUtf8.decode(octets)
  }
}

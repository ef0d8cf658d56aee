import { RuleError } from './refusal.ts'
import { type Piece, plainText, tidy } from './sigma-string.ts'

/** What an encoding modifier works on: text with wildcards, or octets that only base64 can bring back to text. */
export type Encodable = Piece[] | Uint8Array

/** `base64`: the value's octets in base64. */
export function toBase64(value: Encodable, offset: number): Piece[] {
  return [Buffer.from(octetsOf(value, 'base64', offset)).toString('base64')]
}

/**
 * `base64offset`: the three texts that a value can have inside a longer base64 text, without the characters at each end
 * that depend on its neighbours (specification, appendix "Encoding").
 */
export function toBase64Offsets(value: Encodable, offset: number): Piece[][] {
  const octets = octetsOf(value, 'base64offset', offset)
  const starts = [0, 2, 3]
  const ends = [undefined, -3, -2]
  return starts.map((start, shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift, ' '), octets]).toString('base64')
    const text = shifted.slice(start, ends[(octets.length + shift) % 3])
    if (text === '') throw new RuleError('rule_bad_value', 'The value is too short for base64offset.', offset)
    return [text]
  })
}

export type Utf16 = 'utf16le' | 'utf16be' | 'utf16'

/** `wide`, `utf16le`, `utf16be`, `utf16` (with a byte order mark): the value's octets in UTF-16. */
export function toUtf16(value: Encodable, encoding: Utf16, offset: number): Uint8Array {
  if (value instanceof Uint8Array) {
    throw new RuleError('rule_bad_modifier', `${encoding} cannot follow another UTF-16 modifier.`, offset)
  }
  const little = Buffer.from(textOf(value, encoding, offset), 'utf16le')
  switch (encoding) {
    case 'utf16le':
      return little
    case 'utf16be':
      return little.swap16()
    case 'utf16':
      return Buffer.concat([Buffer.from([0xff, 0xfe]), little])
  }
}

/** The pattern that an encoded value stands for; octets that are no text must have gone through base64. */
export function toPieces(value: Encodable, offset: number): Piece[] {
  if (!(value instanceof Uint8Array)) return value
  try {
    return tidy([new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)])
  } catch {
    throw new RuleError(
      'rule_bad_modifier',
      'UTF-16 octets are no text here; add base64 or base64offset after it.',
      offset,
    )
  }
}

function octetsOf(value: Encodable, modifier: string, offset: number): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(textOf(value, modifier, offset), 'utf8')
}

function textOf(pieces: Piece[], modifier: string, offset: number): string {
  const text = plainText(pieces)
  if (text === null) throw new RuleError('rule_bad_value', `Wildcards cannot be encoded with ${modifier}.`, offset)
  return text
}

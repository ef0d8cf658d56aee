import { hash } from 'node:crypto'

const LINE = /^([^\s#]\S{0,200})\s+([0-9a-f]{64})$/

/** Tokens of senders over HTTPS: only their SHA-256 is known here. */
export interface SenderTokens {
  /** The registered source that a token belongs to, or null. */
  sourceOf(token: string): string | null
}

/**
 * Takes the text of a token file: one `<source id> <SHA-256 of the token, hex>` a line; empty lines and `#` comments are
 * free. A source may have two, so that tokens can be changed without a gap. Throws RangeError, naming the line.
 */
export function parseTokens(text: string): SenderTokens {
  const sources = new Map<string, string>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const match = LINE.exec(line.trim())
    if (match === null) throw new RangeError(`line ${index + 1} is not "<source id> <sha-256 in lower-case hex>"`)
    const [, source, digest] = match as unknown as [string, string, string]
    if (sources.has(digest)) throw new RangeError(`line ${index + 1} has a token of another line`)
    sources.set(digest, source)
  }
  // Looked up by hash: how long it takes tells nothing of a token.
  return { sourceOf: (token) => sources.get(hash('sha256', token, 'hex')) ?? null }
}

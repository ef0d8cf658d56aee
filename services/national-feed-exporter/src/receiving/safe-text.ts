/** Most elements, deepest nesting and longest run of attributes of a file that is given to a parser. */
export const MAX_MARKUP = { elements: 500, depth: 4 } as const

/** A file as text, or why no parser may see it. */
export type SafeText = { ok: true; text: string } | { ok: false; problem: string }

/**
 * Takes the octets of a file; gives its text when it is UTF-8 and, for XML, flat and without a document type (operations.md
 * S-10). All this is said before a parser sees the file: entities that grow, files from elsewhere, a thousand levels, or
 * another encoding that hides them never reach one.
 */
export function safeXmlText(octets: Buffer): SafeText {
  const decoded = safeText(octets)
  if (!decoded.ok) return decoded
  const { text } = decoded
  const encoding = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1]
  if (encoding !== undefined && encoding.toUpperCase() !== 'UTF-8') {
    return { ok: false, problem: 'the declaration names another encoding than UTF-8' }
  }
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) return { ok: false, problem: 'a document type declaration is not allowed' }
  return boundedMarkup(text)
}

/** Takes octets; gives them as text when they are UTF-8 without NUL. A byte order mark is left out. */
export function safeText(octets: Buffer): SafeText {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(octets)
    return text.includes('\0') ? { ok: false, problem: 'it holds NUL' } : { ok: true, text }
  } catch {
    return { ok: false, problem: 'it is not UTF-8' }
  }
}

function boundedMarkup(text: string): SafeText {
  let depth = 0
  let elements = 0
  // Comments and CDATA hold no markup; they are stepped over as one.
  for (const [tag] of text.matchAll(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[^>]*>?/g)) {
    if (tag.startsWith('<!') || tag.startsWith('<?')) continue
    if (tag.startsWith('</')) {
      depth--
      continue
    }
    elements++
    if (elements > MAX_MARKUP.elements) return { ok: false, problem: `more than ${MAX_MARKUP.elements} elements` }
    if (tag.endsWith('/>')) continue
    depth++
    if (depth > MAX_MARKUP.depth) return { ok: false, problem: `elements lie more than ${MAX_MARKUP.depth} deep` }
  }
  return { ok: true, text }
}

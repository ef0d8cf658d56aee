/** One tag of a document. */
export interface XmlTag {
  name: string
  kind: 'open' | 'close' | 'empty'
  attributes: Readonly<Record<string, string>>
  /** What stands between the tag before and this one, with its entities resolved. */
  text: string
}

const maxTags = 20_000_000
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * The tags of an XML document and the text before each, which is what scanners' reports need. Comments, instructions and the document type are
 * passed over and define nothing, so no entity can grow or fetch anything. Throws SyntaxError where a tag does not end.
 */
export function* xmlTags(text: string): Generator<XmlTag> {
  let at = 0
  let from = 0
  let before = ''
  const upTo = (end: number): string => before + unescaped(text.slice(from, end))
  for (let count = 0; count < maxTags; count++) {
    at = text.indexOf('<', at)
    if (at < 0) return
    const isTag = !/[!?]/.test(text.charAt(at + 1))
    const end = isTag ? tagEnd(text, at) + 1 : endOf(text, markAfter(text, at), at)
    if (isTag) yield readTag(text.slice(at + 1, end - 1), upTo(at).trim())
    // What stands in a section of characters is no markup and has no entities.
    before = isTag ? '' : upTo(at) + (text.startsWith(cdata, at) ? text.slice(at + cdata.length, end - 3) : '')
    at = end
    from = end
  }
}

const cdata = '<![CDATA['

/** What ends the comment, section, instruction or declaration that begins here. */
function markAfter(text: string, at: number): string {
  if (text.startsWith('<!--', at)) return '-->'
  if (text.startsWith(cdata, at)) return ']]>'
  return text.startsWith('<?', at) ? '?>' : '>'
}

function endOf(text: string, mark: string, at: number): number {
  const found = text.indexOf(mark, at)
  if (found < 0) throw new SyntaxError(`"${mark}" is missing`)
  return found + mark.length
}

function tagEnd(text: string, at: number): number {
  let quote = ''
  for (let end = at + 1; end < text.length; end++) {
    const char = text.charAt(end)
    if (quote !== '') quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (char === '>') return end
  }
  throw new SyntaxError('a tag does not end')
}

function readTag(inside: string, text: string): XmlTag {
  const isClose = inside.startsWith('/')
  const isEmpty = inside.endsWith('/')
  const name = /^\/?([\w:.-]{1,100})/.exec(inside)?.[1] ?? ''
  const attributes: Record<string, string> = {}
  if (!isClose) {
    for (const [, key = '', double, single] of inside.matchAll(/([\w:.-]{1,100})\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
      attributes[key] = unescaped(double ?? single ?? '')
  }
  return { name, kind: isClose ? 'close' : isEmpty ? 'empty' : 'open', attributes, text }
}

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,10}));/gi, (whole, decimal, hex, word) => {
    if (typeof word === 'string') return entities[word] ?? whole
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ''
  })
}

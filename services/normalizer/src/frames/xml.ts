import { limits } from '../limits.ts'
import type { Pair } from '../parser.ts'

const attributeShape = /([A-Za-z_][\w:.-]{0,80})\s{0,4}=\s{0,4}(?:"([^"]*)"|'([^']*)')/g
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Reads elements and attributes as pairs with dotted keys, the root left out. One forward pass, no DTD, no entity but the five of XML and character
 * numbers, no error: a document that breaks off gives what it had. `<Data Name="X">v</Data>` becomes the pair X.
 */
export function readXml(text: string): Pair[] {
  const pairs: Pair[] = []
  const path: string[] = []
  let name: string | undefined
  let at = 0
  while (at < text.length && pairs.length < limits.maxPairs) {
    const open = text.indexOf('<', at)
    const content = text.slice(at, open < 0 ? text.length : open)
    if (path.length > 0 && content.trim() !== '') pairs.push([name ?? path.slice(1).join('.'), decode(content.trim())])
    if (open < 0) break
    const close = tagEnd(text, open)
    if (close < 0) break
    const tag = text.slice(open + 1, close)
    at = close + 1
    name = undefined
    if (tag.startsWith('/')) path.pop()
    else if (!tag.startsWith('?') && !tag.startsWith('!')) name = openTag(tag, path, pairs)
  }
  return pairs
}

function tagEnd(text: string, open: number): number {
  if (text.startsWith('<![CDATA[', open)) return text.indexOf(']]>', open) + 2
  return text.indexOf('>', open)
}

function openTag(tag: string, path: string[], pairs: Pair[]): string | undefined {
  const closed = tag.endsWith('/')
  const space = tag.search(/[\s/]/)
  const element = (space < 0 ? tag : tag.slice(0, space)).slice(0, 80)
  const local = element.slice(element.indexOf(':') + 1)
  const owner = path.length === 0 ? local : [...path.slice(1), local].join('.')
  let name: string | undefined
  attributeShape.lastIndex = 0
  for (
    let match = attributeShape.exec(tag);
    match !== null && pairs.length < limits.maxPairs;
    match = attributeShape.exec(tag)
  ) {
    const key = match[1] ?? ''
    const value = decode(match[2] ?? match[3] ?? '')
    if ((key === 'Name' || key === 'name' || key === 'Key') && local !== 'Provider' && !closed)
      name = value.slice(0, limits.maxKeyChars)
    else if (!key.startsWith('xmlns')) pairs.push([`${owner}.${key}`, value])
  }
  if (!closed && path.length < limits.maxDepth) path.push(local)
  return name
}

function decode(text: string): string {
  const value = text.length > limits.maxValueChars ? text.slice(0, limits.maxValueChars) : text
  if (!value.includes('&')) return value
  return value.replaceAll(
    /&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|([a-z]{2,4}));/g,
    (whole, decimal?: string, hex?: string, word?: string) => {
      if (word !== undefined) return Object.hasOwn(entities, word) ? (entities[word] ?? whole) : whole
      const code = decimal === undefined ? Number.parseInt(hex ?? '0', 16) : Number(decimal)
      return code > 0 && code < 0x110000 && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole
    },
  )
}

// XML 1.0 (5th edition) 2.2: every other character is illegal in a document, escaped or not.
// biome-ignore format: one class
const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

const SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** A text as XML holds it: what XML forbids is taken out, line breaks are written so that a parser gives them back. */
const escaped = (text: string): string =>
  text.replace(ILLEGAL, '').replace(/[&<>"\t\n\r]/g, (sign) => SIGNS[sign] ?? sign)

/** An element; `content` is a text, or elements that were made before. Attributes that are undefined are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  content: string | readonly string[],
): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escaped(value)}"`],
  )
  const inner = typeof content === 'string' ? escaped(content) : content.join('')
  return inner === '' ? `<${name}${given.join('')}/>` : `<${name}${given.join('')}>${inner}</${name}>`
}

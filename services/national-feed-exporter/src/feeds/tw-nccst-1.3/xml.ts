import { FIELDS, type FieldValues } from './fields.ts'
import { DEFAULT_READINGS, type Readings } from './readings.ts'
import { cleanLine, legalText } from './text.ts'

/** Root element; the official schema may name another (AMB-TW1). */
export const ROOT = 'Incident'

/**
 * Takes the 28 values; gives the file: UTF-8 without BOM, elements in order, all present (TW-S2, TW-S3, AMB-TW6) unless the
 * readings say that empty optional ones are left out; then our own fields, if any (TW-S1). Every `&` is escaped, also one that
 * looks like an entity: a rule named `&lt;` is read back as it was.
 */
export function toXml(
  fields: FieldValues,
  readings: Readings = DEFAULT_READINGS,
  extras: Readonly<Record<string, string>> = {},
): string {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<${readings.rootElement}>`]
  for (const { no, name, mandatory } of FIELDS) {
    const text = fields[name]
    if (text === '' && !mandatory && no < FIELDS.length && readings.optionalEmpty === 'omit') continue
    lines.push(elementOf(name, text))
  }
  for (const [name, text] of Object.entries(extras)) lines.push(elementOf(name, cleanLine(text)))
  return `${[...lines, `</${readings.rootElement}>`].join('\n')}\n`
}

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function elementOf(name: string, text: string): string {
  // The second line against characters that XML forbids; the first is `cleanLine`.
  const escaped = legalText(text).replace(/[&<>]/g, (sign) => SIGNS[sign] ?? sign)
  return escaped === '' ? ` <${name}/>` : ` <${name}>${escaped}</${name}>`
}

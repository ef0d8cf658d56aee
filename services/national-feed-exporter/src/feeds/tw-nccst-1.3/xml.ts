import { create } from 'xmlbuilder2'
import { FIELDS, type FieldValues } from './fields.ts'

/** Root element; the official schema may name another (AMB-TW1). */
export const ROOT = 'Incident'

/**
 * Takes the 28 values; gives the file: UTF-8 without BOM, elements in order, all present (TW-S2, TW-S3, AMB-TW6).
 * `invalidCharReplacement` is the second line against illegal characters; the first is `cleanLine`.
 */
export function toXml(fields: FieldValues, root: string = ROOT): string {
  const document = create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '' })
  const incident = document.ele(root)
  for (const { name } of FIELDS) {
    const element = incident.ele(name)
    if (fields[name] !== '') element.txt(fields[name])
  }
  return `${document.end({ prettyPrint: true, indent: ' ' })}\n`
}

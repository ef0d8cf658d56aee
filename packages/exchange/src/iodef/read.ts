import { ParseOption, XmlDocument, type XmlElement } from 'libxml2-wasm'
import { readSharedCase } from '../read-shared-case.ts'
import type { SharedCase } from '../shared-case.ts'
import { CASE_MEANING, IODEF_NAMESPACE } from './write.ts'

/** Largest document that is parsed. */
export const MAX_IODEF_BYTES = 64 * 1_048_576

/** A document type is refused before the parser sees it; nothing is fetched (operations.md S-10). */
export function parseIodef(text: string): XmlDocument {
  if (Buffer.byteLength(text) > MAX_IODEF_BYTES) throw new RangeError(`It has more than ${MAX_IODEF_BYTES} bytes.`)
  if (text.includes('<!DOCTYPE')) throw new RangeError('A document type declaration is not allowed.')
  return XmlDocument.fromString(text, { option: ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE })
}

/** Takes an IODEF v2 document; gives the cases that its incidents carry. Throws RangeError where it is none. */
export function casesOfIodef(text: string): SharedCase[] {
  const document = parseIodef(text)
  try {
    if (document.root.name !== 'IODEF-Document' || document.root.namespaceUri !== IODEF_NAMESPACE)
      throw new RangeError('It is no IODEF v2 document.')
    const carried = document.find(`//i:Incident/i:AdditionalData[@meaning="${CASE_MEANING}"]`, { i: IODEF_NAMESPACE })
    return carried.map((node) => {
      const json = Buffer.from((node as XmlElement).content, 'base64').toString()
      return readSharedCase(JSON.parse(json))
    })
  } finally {
    document.dispose()
  }
}

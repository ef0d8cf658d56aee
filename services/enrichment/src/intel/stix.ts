import { type IndicatorList, instantOf, isRecord, ListBuilder, type ListSettings, tlpOf } from './indicator-list.ts'
import { valuesOfPattern } from './stix-pattern.ts'

/** Markings that the specifications of STIX 2.1 and TLP 2.0 give fixed ids. */
const markings: Readonly<Record<string, string>> = {
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'CLEAR',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'GREEN',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'AMBER',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'RED',
  'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487': 'CLEAR',
  'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb': 'GREEN',
  'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421': 'AMBER',
  'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003': 'AMBER+STRICT',
  'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1': 'RED',
}

/** Reads a STIX 2.1 bundle, or an envelope of TAXII. Throws SyntaxError where the text is no JSON. */
export function readStix(text: string, settings: ListSettings): IndicatorList {
  const document = JSON.parse(text) as unknown
  const objects = isRecord(document) && Array.isArray(document['objects']) ? (document['objects'] as unknown[]) : null
  const builder = new ListBuilder(settings)
  if (objects === null) builder.fault('the document', 'It is no bundle: it has no list "objects".')
  readStixObjects(objects ?? [], builder)
  return builder.list()
}

/** Adds the indicators among STIX objects: validity, confidence, marking and withdrawal as each says. */
export function readStixObjects(objects: readonly unknown[], builder: ListBuilder): void {
  const custom = customMarkings(objects)
  for (const object of objects) {
    if (!isRecord(object) || object['type'] !== 'indicator') {
      builder.ignored++
      continue
    }
    const place = typeof object['id'] === 'string' ? object['id'] : 'an indicator without an id'
    const { pattern } = object
    if (isBenign(object) || (object['pattern_type'] ?? 'stix') !== 'stix' || typeof pattern !== 'string') {
      builder.ignored++
      continue
    }
    const values = valuesOfPattern(pattern)
    if (values === null) {
      builder.fault(place, `The pattern is more than a choice among values: ${pattern.slice(0, 200)}`)
      continue
    }
    for (const { kind, value } of values) {
      builder.add(
        {
          kind,
          value,
          confidence: typeof object['confidence'] === 'number' ? object['confidence'] : null,
          tlp: markingOf(object, custom),
          description: textOf(object['name']) ?? textOf(object['description']),
          validFrom: instantOf(object['valid_from']),
          validUntil: instantOf(object['valid_until']),
          revoked: object['revoked'] === true,
        },
        place,
      )
    }
  }
}

function isBenign(object: Record<string, unknown>): boolean {
  const types = object['indicator_types']
  return Array.isArray(types) && types.length > 0 && types.every((type) => type === 'benign')
}

function customMarkings(objects: readonly unknown[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const object of objects) {
    if (!isRecord(object) || object['type'] !== 'marking-definition' || typeof object['id'] !== 'string') continue
    const definition = object['definition']
    const word = isRecord(definition) ? textOf(definition['tlp']) : textOf(object['name'])
    const tlp = word === null ? null : (tlpOf(word) ?? tlpOf(`tlp:${word}`))
    if (tlp !== null) found.set(object['id'], tlp)
  }
  return found
}

function markingOf(object: Record<string, unknown>, custom: ReadonlyMap<string, string>): string | null {
  const refs = object['object_marking_refs']
  for (const ref of Array.isArray(refs) ? (refs as unknown[]) : []) {
    const tlp = typeof ref === 'string' ? (markings[ref] ?? custom.get(ref)) : undefined
    if (tlp !== undefined) return tlp
  }
  return null
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

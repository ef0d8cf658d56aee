import { type IndicatorList, instantOf, isRecord, ListBuilder, type ListSettings, tlpOf } from './indicator-list.ts'

/** MISP attribute types that events can hit → ours; of a pair such as `domain|ip` each half has its own. */
const kinds: Readonly<Record<string, readonly (string | null)[]>> = {
  'ip-src': ['ip'],
  'ip-dst': ['ip'],
  'ip-src|port': ['ip', null],
  'ip-dst|port': ['ip', null],
  domain: ['domain'],
  hostname: ['domain'],
  'domain|ip': ['domain', 'ip'],
  'hostname|port': ['domain', null],
  url: ['url'],
  link: ['url'],
  md5: ['hash'],
  sha1: ['hash'],
  sha256: ['hash'],
  sha512: ['hash'],
  'filename|md5': [null, 'hash'],
  'filename|sha1': [null, 'hash'],
  'filename|sha256': [null, 'hash'],
  'filename|sha512': [null, 'hash'],
}

/**
 * Reads MISP JSON: an event, `{"response": […]}`, or attributes alone. Only attributes marked for detection (`to_ids`) are taken; a
 * deleted one is withdrawn. Tags give the marking, `first_seen` and `last_seen` the validity. Throws SyntaxError where the text is no JSON.
 */
export function readMisp(text: string, settings: ListSettings): IndicatorList {
  const builder = new ListBuilder(settings)
  const events = eventsOf(JSON.parse(text) as unknown)
  if (events.length === 0) builder.fault('the document', 'It holds no MISP event and no attributes.')
  for (const event of events) readEvent(event, builder)
  return builder.list()
}

function eventsOf(document: unknown): Record<string, unknown>[] {
  if (Array.isArray(document)) return document.flatMap(eventsOf)
  if (!isRecord(document)) return []
  if (document['response'] !== undefined) return eventsOf(document['response'])
  if (document['Event'] !== undefined) return eventsOf(document['Event'])
  return document['Attribute'] !== undefined || document['Object'] !== undefined ? [document] : []
}

function readEvent(event: Record<string, unknown>, builder: ListBuilder): void {
  const info = typeof event['info'] === 'string' ? event['info'] : null
  const tlp = tagsTlp(event)
  const objects = listOf(event['Object']).flatMap((object) => listOf(object['Attribute']))
  for (const attribute of [...listOf(event['Attribute']), ...objects]) readAttribute(attribute, { info, tlp }, builder)
}

function readAttribute(
  attribute: Record<string, unknown>,
  event: { info: string | null; tlp: string | null },
  builder: ListBuilder,
): void {
  const { type, value, comment } = attribute
  const parts = typeof type === 'string' && Object.hasOwn(kinds, type) ? kinds[type] : undefined
  if (typeof type !== 'string' || parts === undefined || typeof value !== 'string' || attribute['to_ids'] !== true) {
    builder.ignored++
    return
  }
  const values = parts.length === 1 ? [value] : value.split('|')
  const place = `attribute ${typeof attribute['uuid'] === 'string' ? attribute['uuid'] : `${type} ${value}`}`
  for (const [index, kind] of parts.entries()) {
    if (kind === null) continue
    const text = values[index] ?? ''
    builder.add(
      {
        kind: kind === 'ip' && text.includes('/') ? 'cidr' : kind,
        value: text,
        tlp: tagsTlp(attribute) ?? event.tlp,
        description: typeof comment === 'string' && comment !== '' ? comment : event.info,
        validFrom: instantOf(attribute['first_seen']),
        validUntil: null,
        revoked: attribute['deleted'] === true,
      },
      place,
    )
  }
}

function tagsTlp(holder: Record<string, unknown>): string | null {
  for (const tag of listOf(holder['Tag'])) {
    const found = typeof tag['name'] === 'string' ? tlpOf(tag['name']) : null
    if (found !== null) return found
  }
  return null
}

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : [])

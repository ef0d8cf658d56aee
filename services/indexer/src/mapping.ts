import type { AvroSchema } from '@tocsin/avro'

type Properties = Record<string, unknown>
type Field = AvroSchema['fields'][number]
interface Avro {
  type?: unknown
  items?: unknown
  logicalType?: string
  fields?: readonly Field[]
}

/** Long prose: analysed, so that words are found. */
const TEXT = new Set(['message', 'original', 'description', 'primaryAnalysis', 'conclusion', 'body', 'reason', 'reply'])
const keyword = { type: 'keyword', ignore_above: 1_024 }
/** Core types only: what the bare server, a full one and version 8.19 all have (elasticsearch.md 3.3). */
const SCALARS: Readonly<Record<string, unknown>> = {
  int: { type: 'integer' },
  long: { type: 'long' },
  double: { type: 'double' },
  boolean: { type: 'boolean' },
  bytes: { type: 'keyword', index: false, doc_values: false },
}

/** Name of a field in the document: its ECS name, else its own below `tocsin.`. */
export function documentName(field: Field): string {
  return field.ecs ?? `tocsin.${field.name}`
}

/** Takes a record's schema; gives the mapping of its documents: nothing dynamic, so unknown keys map nothing. */
export function mappingOf(schema: AvroSchema): { dynamic: false; properties: Properties } {
  const properties: Properties = { '@timestamp': { type: 'date' } }
  for (const field of schema.fields) {
    const name = documentName(field)
    if (name === '@timestamp') continue
    const mapping = mappingOfField(field)
    if (mapping !== null) put(properties, name.split('.'), mapping)
  }
  for (const side of ['source', 'destination']) {
    if (schema.fields.some((field) => field.ecs === `${side}.geo.lon`))
      put(properties, [side, 'geo', 'location'], { type: 'geo_point', ignore_malformed: true })
  }
  return { dynamic: false, properties }
}

function mappingOfField(field: Field): unknown {
  const name = field.ecs ?? field.name
  if (TEXT.has(field.name)) return { type: 'text' }
  if (/(^|\.)ip$|Ips$|Address$/.test(name) && typeName(field.type) === 'string')
    return { type: 'ip', ignore_malformed: true }
  return mappingOfType(field.type)
}

function mappingOfType(type: unknown): unknown {
  if (Array.isArray(type)) return mappingOfType(type.find((branch) => branch !== 'null'))
  if (typeof type === 'string') return type === 'string' ? keyword : (SCALARS[type] ?? null)
  const avro = type as Avro
  if (avro.logicalType === 'timestamp-millis') return { type: 'date' }
  switch (avro.type) {
    case 'array':
      return mappingOfType(avro.items)
    case 'map':
      return { type: 'flattened', ignore_above: 1_024 }
    case 'record': {
      const properties: Properties = {}
      for (const field of avro.fields ?? []) {
        const mapping = mappingOfField({ ...field, ecs: undefined } as unknown as Field)
        if (mapping !== null) properties[field.name] = mapping
      }
      return { properties }
    }
    default:
      return mappingOfType(avro.type)
  }
}

function typeName(type: unknown): string {
  if (Array.isArray(type)) return typeName(type.find((branch) => branch !== 'null'))
  if (typeof type === 'string') return type
  const avro = type as Avro
  return avro.type === 'array' ? typeName(avro.items) : String(avro.type)
}

function put(properties: Properties, path: readonly string[], mapping: unknown): void {
  const [head = '', ...rest] = path
  if (rest.length === 0) {
    properties[head] = { ...(mapping as object), ...(properties[head] as object | undefined) }
    return
  }
  const inner = (properties[head] ?? { properties: {} }) as { properties?: Properties }
  inner.properties ??= {}
  properties[head] = inner
  put(inner.properties, rest, mapping)
}

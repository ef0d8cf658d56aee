// Writes src/records.gen.ts from schemas/*.avsc. Run by `npm run generate`; `--check` fails when the file is stale.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type AvroType =
  | string
  | { type: string; items?: AvroType; values?: AvroType; name?: string; fields?: Field[]; doc?: string }
  | AvroType[]
interface Field {
  name: string
  type: AvroType
  doc: string
  ecs?: string
}
interface RecordSchema {
  name: string
  doc: string
  fields: Field[]
}

const schemaDir = join(import.meta.dirname, '../../schemas')
const target = join(import.meta.dirname, 'src/records.gen.ts')

/** Takes an Avro type; gives the TypeScript type text; nested records are collected into `nested`. */
function typeText(type: AvroType, nested: Map<string, RecordSchema>): string {
  if (Array.isArray(type)) return type.map((branch) => typeText(branch, nested)).join(' | ')
  if (typeof type === 'object') {
    if (type.type === 'array') return `${wrap(typeText(type.items ?? 'null', nested))}[]`
    if (type.type === 'map') return `Record<string, ${typeText(type.values ?? 'null', nested)}>`
    if (type.type === 'record') {
      const record = { name: type.name ?? '', doc: type.doc ?? '', fields: type.fields ?? [] }
      nested.set(record.name, record)
      return record.name
    }
    return typeText(type.type, nested)
  }
  switch (type) {
    case 'int':
    case 'long':
    case 'float':
    case 'double':
      return 'number'
    case 'bytes':
      return 'Buffer'
    case 'string':
    case 'boolean':
    case 'null':
      return type
    default:
      return type
  }
}

const wrap = (text: string): string => (text.includes(' ') ? `(${text})` : text)

function interfaceText(schema: RecordSchema, nested: Map<string, RecordSchema>): string {
  const lines = schema.fields.map((field) => {
    const ecs = field.ecs === undefined ? '' : ` (${field.ecs})`
    return `  /** ${field.doc}${ecs} */\n  ${field.name}: ${typeText(field.type, nested)}`
  })
  return `/** ${schema.doc} */\nexport interface ${schema.name} {\n${lines.join('\n')}\n}\n`
}

const recordNames = readdirSync(schemaDir)
  .filter((file) => file.endsWith('.avsc'))
  .map((file) => file.slice(0, -'.avsc'.length))
  .sort()
const schemas = recordNames.map(
  (name) => JSON.parse(readFileSync(join(schemaDir, `${name}.avsc`), 'utf8')) as RecordSchema,
)
const nested = new Map<string, RecordSchema>()
const interfaces = schemas.map((schema) => interfaceText(schema, nested))
const nestedDone = new Set<string>()
for (let pending = [...nested.values()]; pending.length > 0; ) {
  for (const schema of pending) {
    interfaces.push(interfaceText(schema, nested))
    nestedDone.add(schema.name)
  }
  pending = [...nested.values()].filter((schema) => !nestedDone.has(schema.name))
}

const event = schemas[recordNames.indexOf('enriched-event')]
/** Avro type of a field without its null branch: `int`, `string`, `string[]`, … */
function avroName(type: AvroType): string {
  if (Array.isArray(type)) return avroName(type.find((branch) => branch !== 'null') ?? 'null')
  if (typeof type === 'string') return type
  return type.type === 'array' ? `${avroName(type.items ?? 'null')}[]` : avroName(type.type)
}

const ecsRows = (event?.fields ?? [])
  .filter((field) => field.ecs !== undefined)
  .map((field) => `  '${field.ecs}': { name: '${field.name}', type: '${avroName(field.type)}' },`)

const text = `// Generated from schemas/*.avsc by packages/events/generate.ts. Do not edit: run \`npm run generate\`.
/* eslint-disable */
${interfaces.join('\n')}
/** Record type by record name (the file name in schemas/). */
export interface RecordTypes {
${schemas.map((schema, index) => `  '${recordNames[index]}': ${schema.name}`).join('\n')}
}

/** Every record name, in alphabetical order. */
export const RECORD_NAMES = [
${recordNames.map((name) => `  '${name}',`).join('\n')}
] as const satisfies readonly (keyof RecordTypes)[]

/** Typed fields of an enriched event by ECS name, with their Avro types; the first ones are those of the plain event. */
export const ECS_FIELDS = {
${ecsRows.join('\n')}
} as const
`

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('packages/events/src/records.gen.ts is stale: run `npm run generate` and commit the result.')
    process.exit(1)
  }
} else writeFileSync(target, text)

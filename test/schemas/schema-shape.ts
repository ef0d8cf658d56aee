/** One field of an Avro record as it stands in a file. */
export interface SchemaField {
  name: string
  type: unknown
  doc?: string
  default?: unknown
  ecs?: string
}

/** One Avro record as it stands in a file. */
export interface Schema {
  type: 'record'
  name: string
  doc?: string
  fields: SchemaField[]
}

/** Gives a record and all records inside it. */
export function recordsIn(schema: Schema): Schema[] {
  return [schema, ...schema.fields.flatMap(({ type }) => nested(type))]
}

function nested(type: unknown): Schema[] {
  if (Array.isArray(type)) return type.flatMap(nested)
  if (typeof type !== 'object' || type === null) return []
  const { type: kind, items, values } = type as { type: unknown; items?: unknown; values?: unknown }
  if (kind === 'record') return recordsIn(type as Schema)
  return [...nested(kind), ...nested(items), ...nested(values)]
}

/** ECS names whose field has a shorter name of its own. */
const RENAMED: Readonly<Record<string, string>> = {
  syslog_facility: 'log.syslog.facility.code',
  syslog_priority: 'log.syslog.severity.code',
}

/** Takes a record; gives what breaks the rules of schemas/README.md. */
export function faultsOf(schema: Schema): string[] {
  return recordsIn(schema).flatMap((record) => {
    const faults = (record.doc ?? '').length < 3 ? [`${record.name} has no doc`] : []
    for (const { name, type, doc = '', ecs = '', ...rest } of record.fields) {
      const field = `${record.name}.${name}`
      if (doc.trim().length < 3) faults.push(`${field} has no doc`)
      if (!/^[a-z][A-Za-z0-9]*(_[a-z0-9]+)*$/.test(name)) faults.push(`${field} is neither camelCase nor an ECS name`)
      if (name.includes('_') && ecs !== RENAMED[name] && ecs.replaceAll('.', '_') !== name)
        faults.push(`${field} is not the ECS name ${ecs || 'that it should have'}`)
      if (Array.isArray(type) && (type.length !== 2 || type[0] !== 'null' || rest.default !== null))
        faults.push(`${field} is a union other than [null, T] with the default null`)
      if (/[a-z]At$/.test(name) && !JSON.stringify(type).includes('timestamp-millis'))
        faults.push(`${field} is a time without timestamp-millis`)
      if (/"(enum|fixed)"/.test(JSON.stringify(type))) faults.push(`${field} is an enum or fixed: neither can grow`)
    }
    return faults
  })
}

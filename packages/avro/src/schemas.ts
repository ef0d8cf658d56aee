import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordName } from '@tocsin/events'

/** An Avro record schema as it stands in schemas/. */
export interface AvroSchema {
  type: 'record'
  name: string
  namespace: string
  doc: string
  fields: readonly { name: string; type: unknown; doc: string; default?: unknown; ecs?: string }[]
}

const folder = join(import.meta.dirname, '../../../schemas')

/** Reads `schemas/<record>.avsc`. */
export function schemaOf(record: RecordName): AvroSchema {
  return JSON.parse(readFileSync(join(folder, `${record}.avsc`), 'utf8')) as AvroSchema
}

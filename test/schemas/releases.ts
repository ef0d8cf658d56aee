import type { AvroSchema } from '@tocsin/avro'
import { incompatibility } from '@tocsin/avro'
import { pathsBelow, textOf } from '../architecture/source-tree.ts'

/** One version of a record that a release carried: `schemas/released/<record>/<version>.avsc`. */
export interface Released {
  record: string
  version: number
  schema: AvroSchema
}

/** Reads every released version, oldest first. */
export function releases(): Released[] {
  return pathsBelow('schemas/released')
    .flatMap((path) => {
      const match = /^schemas\/released\/([a-z-]+)\/(\d+)\.avsc$/.exec(path)
      if (match === null) return []
      return [{ record: match[1] ?? '', version: Number(match[2]), schema: JSON.parse(textOf(path)) as AvroSchema }]
    })
    .sort((a, b) => a.record.localeCompare(b.record) || a.version - b.version)
}

/** Takes the present schema and released versions of one record; gives every clash, both ways (FULL_TRANSITIVE). */
export function clashes(present: AvroSchema, released: readonly Released[]): string[] {
  return released.flatMap(({ record, version, schema }) => {
    const why = incompatibility(schema, present)
    return why === null ? [] : [`${record} clashes with its version ${version}: ${why}`]
  })
}

/** Whether two versions write the same octets and mean the same: documentation aside. */
export function isSame(a: AvroSchema, b: AvroSchema): boolean {
  return bare(a) === bare(b)
}

const bare = (schema: AvroSchema): string =>
  JSON.stringify(schema, (key, value: unknown) => (key === 'doc' || key === 'ecs' ? undefined : value))

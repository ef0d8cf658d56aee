import { readFileSync, statSync } from 'node:fs'
import { TocsinError } from '@tocsin/runtime'
import { z } from 'zod'
import type { Where } from '../document/query.ts'

const MAX_OCTETS = 65_536
const scalar = z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()])
const field = z.string().regex(/^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*){0,3}$/, 'the name of a field of a case')
const schema = z.record(
  field,
  z.union([
    scalar,
    z.array(scalar).max(1_000),
    z.strictObject({ not: z.array(scalar).max(1_000) }),
    z.strictObject({ from: scalar, to: scalar }),
    z.strictObject({ exists: z.boolean() }),
  ]),
)

/** Reads a saved query on cases: `{"rsitClass": ["intrusions"], "participants.country": "XX"}`. Throws `query_refused`. */
export function readSavedQuery(file: string): Where {
  try {
    if (statSync(file).size > MAX_OCTETS) throw new RangeError(`it is larger than ${MAX_OCTETS} octets`)
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    const why = error instanceof z.ZodError ? (error.issues[0]?.message ?? '') : (error as Error).message
    throw new TocsinError(
      'query_refused',
      `The query ${file} was not read: ${why}; it is JSON, each field of a case with what it must be.`,
      error,
    )
  }
}

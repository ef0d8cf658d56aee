import { readFileSync, statSync } from 'node:fs'
import { TocsinError } from '@tocsin/runtime'
import { z } from 'zod'
import { QUERY_TOPICS } from '../document/query.ts'

const MAX_OCTETS = 16_777_216
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const term = z.union([
  scalar,
  z.array(scalar),
  z.strictObject({ not: z.array(scalar) }),
  z.strictObject({ from: scalar, to: scalar }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({ absentOrFrom: z.number() }),
])
const query = z.object({ topic: z.enum(QUERY_TOPICS), where: z.record(z.string(), term), sum: z.string().optional() })
const schema = z.object({
  template: z.string(),
  dataSha256: z.string(),
  queries: z.array(z.object({ id: z.string(), query, value: z.number() })),
})

/** Reads the record of a report's proof, the `.json` beside it. Throws `TocsinError('proof_refused')`. */
export function readProof(file: string): z.infer<typeof schema> {
  try {
    if (statSync(file).size > MAX_OCTETS) throw new RangeError(`it is larger than ${MAX_OCTETS} octets`)
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new TocsinError(
      'proof_refused',
      `${file} is no record of a report's proof: name the .json that stands beside the report.`,
      error,
    )
  }
}

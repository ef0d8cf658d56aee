import avsc from 'avsc'
import { AvroError } from './errors.ts'
import type { AvroSchema } from './schemas.ts'

const HEADER_BYTES = 5

/**
 * Byte append (design.md 3): Avro writes a record as its fields one after another, so where `full` begins with exactly
 * the fields of `base`, a record of `full` is the octets of a `base` record followed by the rest. Gives a function
 * (framed base value, remaining fields) → framed full value. Throws `AvroError('incompatible_schema')` where `full`
 * does not begin with `base`. The caller checks that the base value was written with exactly the schema `base`.
 */
export function createAppender<Tail>(
  base: AvroSchema,
  full: AvroSchema,
  fullSchemaId: number,
): (framedBase: Buffer, tail: Tail) => Buffer {
  base.fields.forEach((field, index) => {
    const other = full.fields[index]
    if (other === undefined || other.name !== field.name || JSON.stringify(other.type) !== JSON.stringify(field.type)) {
      throw new AvroError(
        'incompatible_schema',
        `${full.name} does not begin with the fields of ${base.name}: field ${index + 1} is ${other?.name ?? 'missing'}, not ${field.name}.`,
      )
    }
  })
  const tailSchema = { ...full, name: `${full.name}Tail`, fields: full.fields.slice(base.fields.length) }
  const tailType = avsc.Type.forSchema(tailSchema as unknown as avsc.Schema)
  return (framedBase, tail) => {
    const rest = tailType.toBuffer(tail)
    const framed = Buffer.allocUnsafe(framedBase.length + rest.length)
    framedBase.copy(framed, 0)
    framed.writeUInt32BE(fullSchemaId, 1)
    rest.copy(framed, framedBase.length)
    if (framed.length <= HEADER_BYTES)
      throw new AvroError('undecodable_record', 'An empty value cannot be appended to.')
    return framed
  }
}

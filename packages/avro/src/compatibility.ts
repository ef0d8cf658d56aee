import avsc from 'avsc'
import type { AvroSchema } from './schemas.ts'

/** Takes two versions of a record; gives why they are not compatible both ways (FULL), or null when they are. */
export function incompatibility(older: AvroSchema, newer: AvroSchema): string | null {
  const olderType = avsc.Type.forSchema(older as unknown as avsc.Schema)
  const newerType = avsc.Type.forSchema(newer as unknown as avsc.Schema)
  try {
    newerType.createResolver(olderType)
  } catch (error) {
    return `the new version cannot read the old one: ${(error as Error).message}`
  }
  try {
    olderType.createResolver(newerType)
  } catch (error) {
    return `the old version cannot read the new one: ${(error as Error).message}`
  }
  return null
}

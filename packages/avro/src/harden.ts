import avsc from 'avsc'
import { AvroError } from './errors.ts'

/** The parts of avsc that are not in its types: what a type reads from, and its inner types. */
interface Tap {
  buf: Buffer
  pos: number
  readLong(): number
  skipLong(): void
  readString(): string
}
interface InnerType {
  _read(tap: Tap): unknown
  itemsType?: InnerType
  valuesType?: InnerType
}

/**
 * Bounds what a hostile value can make avsc do. A count of items is believed only where that many octets are left
 * (each item of ours takes at least one), so a length of 2^40 is refused instead of filling the memory; a map key
 * `__proto__` is kept under `_proto_` instead of becoming a prototype. avsc freezes its types and has no hook for this,
 * so the two readers are replaced on their prototypes, once, when this module is loaded; resolvers inherit them.
 */
export function hardenReaders(): void {
  const { ArrayType, MapType } = avsc.types as unknown as Record<'ArrayType' | 'MapType', { prototype: InnerType }>
  ArrayType.prototype._read = readArray
  MapType.prototype._read = readMap
}

function blockCount(tap: Tap): number {
  let count = tap.readLong()
  if (count < 0) {
    count = -count
    tap.skipLong()
  }
  if (count > tap.buf.length - tap.pos) {
    throw new AvroError(
      'undecodable_record',
      `A list claims ${count} items where ${Math.max(0, tap.buf.length - tap.pos)} octets are left.`,
    )
  }
  return count
}

function readArray(this: InnerType, tap: Tap): unknown[] {
  const items: unknown[] = []
  const itemsType = this.itemsType as InnerType
  for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
    while (count-- > 0) items.push(itemsType._read(tap))
  }
  return items
}

function readMap(this: InnerType, tap: Tap): Record<string, unknown> {
  const map: Record<string, unknown> = {}
  const valuesType = this.valuesType as InnerType
  for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
    while (count-- > 0) {
      const key = tap.readString()
      map[key === '__proto__' ? '_proto_' : key] = valuesType._read(tap)
    }
  }
  return map
}

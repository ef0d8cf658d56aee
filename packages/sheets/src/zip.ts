import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'

/** Most that one file of an archive may hold, and most files: a bomb ends here. */
const MAX_FILE_OCTETS = 128 * 1024 * 1024
const MAX_FILES = 1_000
const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const END_OCTETS = 22
const MAX_COMMENT_OCTETS = 0xffff
/** 1 January 1980, the first day that the format knows: the same entries give the same octets. */
const DOS_DATE = 0x21

/** Reads the table of a ZIP archive; gives a function that unpacks one file, null where there is none. Throws RangeError. */
export function openZip(octets: Buffer): (name: string) => Buffer | null {
  const end = endOf(octets)
  const count = octets.readUInt16LE(end + 10)
  if (count > MAX_FILES) throw new RangeError(`it has more than ${MAX_FILES} files`)
  const places = new Map<string, { at: number; packed: number; method: number }>()
  let at = octets.readUInt32LE(end + 16)
  for (let index = 0; index < count; index++) {
    if (octets.readUInt32LE(at) !== CENTRAL) throw new RangeError('its table of files is damaged')
    const [nameOctets, extra, comment] = [28, 30, 32].map((offset) => octets.readUInt16LE(at + offset))
    const name = octets.toString('utf8', at + 46, at + 46 + (nameOctets ?? 0))
    places.set(name, {
      at: octets.readUInt32LE(at + 42),
      packed: octets.readUInt32LE(at + 20),
      method: octets.readUInt16LE(at + 10),
    })
    at += 46 + (nameOctets ?? 0) + (extra ?? 0) + (comment ?? 0)
  }
  return (name) => {
    const place = places.get(name)
    if (place === undefined) return null
    if (octets.readUInt32LE(place.at) !== LOCAL) throw new RangeError(`its file ${name} is damaged`)
    const from = place.at + 30 + octets.readUInt16LE(place.at + 26) + octets.readUInt16LE(place.at + 28)
    const packed = octets.subarray(from, from + place.packed)
    if (place.method === 0) return packed
    if (place.method !== 8) throw new RangeError(`its file ${name} is packed in a way that is not known here`)
    return inflateRawSync(packed, { maxOutputLength: MAX_FILE_OCTETS })
  }
}

/** Makes a ZIP archive; the same files give the same octets. */
export function writeZip(files: readonly (readonly [name: string, text: string])[]): Buffer {
  const parts: Buffer[] = []
  const table: Buffer[] = []
  let offset = 0
  for (const [name, text] of files) {
    const plain = Buffer.from(text)
    const packed = deflateRawSync(plain)
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(0x800, 2)
    facts.writeUInt16LE(8, 4)
    facts.writeUInt16LE(DOS_DATE, 8)
    facts.writeUInt32LE(crc32(plain), 10)
    facts.writeUInt32LE(packed.length, 14)
    facts.writeUInt32LE(plain.length, 18)
    facts.writeUInt16LE(Buffer.byteLength(name), 22)
    const local = Buffer.concat([word(LOCAL), facts, Buffer.from(name), packed])
    const trailer = Buffer.alloc(14)
    trailer.writeUInt32LE(offset, 10)
    table.push(word(CENTRAL), facts.subarray(0, 2), facts, trailer, Buffer.from(name))
    parts.push(local)
    offset += local.length
  }
  const central = Buffer.concat(table)
  const end = Buffer.alloc(END_OCTETS - 4)
  end.writeUInt16LE(files.length, 4)
  end.writeUInt16LE(files.length, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, central, word(END), end])
}

function endOf(octets: Buffer): number {
  for (let at = octets.length - END_OCTETS; at >= Math.max(0, octets.length - END_OCTETS - MAX_COMMENT_OCTETS); at--)
    if (octets.readUInt32LE(at) === END) return at
  throw new RangeError('it is no workbook (.xlsx), or one with a password')
}

function word(value: number): Buffer {
  const octets = Buffer.alloc(4)
  octets.writeUInt32LE(value)
  return octets
}

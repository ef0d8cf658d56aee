import { gunzipSync, inflateRawSync } from 'node:zlib'
import { TocsinError } from '@tocsin/runtime'

/** One file of an archive. */
export interface ArchiveEntry {
  path: string
  octets: Buffer
}

const maxUnpackedBytes = 512 * 1_048_576
const maxEntries = 100_000
const blockBytes = 512

/**
 * Reads the files of a ZIP (APPNOTE 6.3: stored and deflated), a tar (ustar, with GNU long names) or a gzipped tar. Folders, links and paths that lead
 * out of the archive are left out. Throws `archive_unreadable`, also for one that would unpack to more than 512 MiB.
 */
export function readArchive(octets: Buffer): ArchiveEntry[] {
  try {
    if (octets.readUInt32LE(0) === 0x04034b50) return readZip(octets)
    if (octets.readUInt16BE(0) === 0x1f8b) return readTar(gunzipSync(octets, { maxOutputLength: maxUnpackedBytes }))
    return readTar(octets)
  } catch (cause) {
    if (cause instanceof TocsinError) throw cause
    throw unreadable((cause as Error).message, cause)
  }
}

const unreadable = (why: string, cause?: unknown): TocsinError =>
  new TocsinError(
    'archive_unreadable',
    `The archive cannot be read: ${why}; give a ZIP, a tar or a gzipped tar.`,
    cause,
  )

function readZip(octets: Buffer): ArchiveEntry[] {
  const end = octets.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0) throw unreadable('its directory is missing')
  const count = octets.readUInt16LE(end + 10)
  const entries: ArchiveEntry[] = []
  let at = octets.readUInt32LE(end + 16)
  let left = maxUnpackedBytes
  for (let n = 0; n < count; n++) {
    if (octets.readUInt32LE(at) !== 0x02014b50) throw unreadable('its directory is broken')
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => octets.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ]
    const path = octets.toString('utf8', at + 46, at + 46 + nameBytes)
    const packed = octets.readUInt32LE(at + 20)
    const local = octets.readUInt32LE(at + 42)
    const start = local + 30 + octets.readUInt16LE(local + 26) + octets.readUInt16LE(local + 28)
    const method = octets.readUInt16LE(at + 10)
    if (isInside(path)) {
      const body = unpacked(octets.subarray(start, start + packed), method, left)
      left -= body.length
      entries.push({ path, octets: body })
    }
    at += 46 + nameBytes + extraBytes + commentBytes
  }
  return entries
}

function unpacked(body: Buffer, method: number, maxOutputLength: number): Buffer {
  if (maxOutputLength <= 0) throw unreadable('it unpacks to more than 512 MiB')
  if (method === 0) return body
  if (method === 8) return inflateRawSync(body, { maxOutputLength })
  throw unreadable(`it is packed by method ${method}`)
}

function readTar(octets: Buffer): ArchiveEntry[] {
  const entries: ArchiveEntry[] = []
  let longName: string | null = null
  for (let at = 0; at + blockBytes <= octets.length; ) {
    const header = octets.subarray(at, at + blockBytes)
    if (header.every((octet) => octet === 0)) break
    const size = Number.parseInt(textOf(header, 124, 12) || '0', 8)
    if (!Number.isInteger(size) || size < 0 || at + blockBytes + size > octets.length)
      throw unreadable('an entry does not fit')
    const body = octets.subarray(at + blockBytes, at + blockBytes + size)
    const type = String.fromCharCode(header[156] ?? 0)
    const prefix = textOf(header, 345, 155)
    const name: string = longName ?? (prefix === '' ? textOf(header, 0, 100) : `${prefix}/${textOf(header, 0, 100)}`)
    longName = type === 'L' ? textOf(body, 0, body.length) : null
    if ((type === '0' || type === '\0') && isInside(name)) entries.push({ path: name, octets: body })
    if (entries.length > maxEntries) throw unreadable(`it has more than ${maxEntries} files`)
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes
  }
  return entries
}

function textOf(octets: Buffer, at: number, length: number): string {
  const end = octets.indexOf(0, at)
  return octets.toString('utf8', at, end < 0 || end > at + length ? at + length : end).trim()
}

/** A path of a file that stays in the folder it is unpacked to. */
function isInside(path: string): boolean {
  if (path.endsWith('/') || path.startsWith('/') || path.includes('\\') || path.includes('\0')) return false
  return !path.split('/').some((part) => part === '..' || part === '' || /^[a-z]:/i.test(part))
}

import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { SensorPack } from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'

/** Files of a pack by their path inside it, with slashes. */
export type PackFiles = ReadonlyMap<string, Buffer>

/** A record of Kafka holds at most 1 MiB. */
const maxArchiveBytes = 700 * 1_024
const maxUnpackedBytes = 64 * 1_048_576
const maxFiles = 5_000
const packName = /^[a-z0-9][a-z0-9-]{0,39}$/
/** Parts of a path that name something inside the folder of the pack and nothing else. */
const pathPart = /^(?!\.{1,2}$)[\w.@+-]{1,100}$/

/** Whether a path stays inside the folder of its pack on any system. */
export function isSafePath(path: string): boolean {
  return path.length <= 400 && path.split('/').every((part) => pathPart.test(part))
}

/** Version of a pack: SHA-256 over its paths and contents, in the order of the paths, each preceded by its length. */
export function versionOf(files: PackFiles): string {
  const hash = createHash('sha256')
  for (const path of [...files.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    const content = files.get(path) ?? Buffer.alloc(0)
    hash.update(`${Buffer.byteLength(path)}:${path}${content.length}:`).update(content)
  }
  return hash.digest('hex')
}

/** Takes the files of a folder; gives the pack. Throws `pack_refused` where sensors could not take it. */
export function packOf(
  files: PackFiles,
  { group, name, pushedAt, pushedBy }: Pick<SensorPack, 'group' | 'name' | 'pushedAt' | 'pushedBy'>,
): SensorPack {
  for (const [what, text] of [
    ['group', group],
    ['name', name],
  ])
    if (!packName.test(text ?? ''))
      throw new TocsinError('sensor_pack_refused', `The ${what} "${text}" of a pack must be 1 to 40 of a-z, 0-9 and -.`)
  const odd = [...files.keys()].find((path) => !isSafePath(path))
  if (odd !== undefined)
    throw new TocsinError(
      'sensor_pack_refused',
      `The path "${odd}" may hold only letters, digits and . _ @ + - between slashes.`,
    )
  if (files.size === 0 || files.size > maxFiles)
    throw new TocsinError('sensor_pack_refused', `A pack holds 1 to ${maxFiles} files; this one has ${files.size}.`)
  const texts = Object.fromEntries([...files].map(([path, content]) => [path, content.toString('base64')]))
  const archive = gzipSync(JSON.stringify(texts), { level: 9 })
  if (archive.length > maxArchiveBytes)
    throw new TocsinError(
      'sensor_pack_refused',
      `The pack has ${archive.length} octets compressed; ${maxArchiveBytes} fit into a record. Split it into several packs.`,
    )
  const version = versionOf(files)
  return {
    packId: `${group}/${name}`,
    group,
    name,
    version,
    archive,
    fileCount: files.size,
    pushedAt,
    pushedBy,
    deleted: false,
  }
}

/** Takes a pack's archive; gives its files. Throws `pack_refused` where it is none, leaves its folder or is not of that version. */
export function filesOf(archive: Buffer, version: string): PackFiles {
  let texts: unknown
  try {
    texts = JSON.parse(gunzipSync(archive, { maxOutputLength: maxUnpackedBytes }).toString('utf8'))
  } catch (cause) {
    throw new TocsinError('sensor_pack_refused', 'The archive of the pack cannot be read.', cause)
  }
  const files = new Map<string, Buffer>()
  for (const [path, text] of Object.entries((texts ?? {}) as Record<string, unknown>)) {
    if (!isSafePath(path) || typeof text !== 'string' || files.size >= maxFiles)
      throw new TocsinError(
        'sensor_pack_refused',
        `The archive of the pack holds "${path.slice(0, 100)}", which no pack may.`,
      )
    files.set(path, Buffer.from(text, 'base64'))
  }
  if (versionOf(files) !== version)
    throw new TocsinError(
      'sensor_pack_refused',
      `The files of the pack are not those of version ${version.slice(0, 12)}.`,
    )
  return files
}

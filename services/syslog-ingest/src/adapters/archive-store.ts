import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** Where the files of an archive are: a folder, or a bucket of an object store. Paths have `/` between their parts. */
export interface ArchiveStore {
  /** Names of the files right under a folder. */
  names(folder: string): Promise<string[]>
  /** A file's octets; null where there is none. */
  read(path: string): Promise<AsyncIterable<Buffer> | null>
  /** Writes a whole file, or nothing; gives its size and SHA-256. */
  write(path: string, parts: Iterable<Buffer>): Promise<{ bytes: number; sha256: string }>
  remove(path: string): Promise<void>
}

/** Writes parts into a file that is complete on the disk afterwards; gives its size and SHA-256. */
export function writeWhole(place: string, parts: Iterable<Buffer>): { bytes: number; sha256: string } {
  mkdirSync(dirname(place), { recursive: true, mode: 0o750 })
  const unfinished = `${place}.part`
  const handle = openSync(unfinished, 'w', 0o640)
  const digest = createHash('sha256')
  let bytes = 0
  try {
    for (const part of parts) {
      writeSync(handle, part)
      digest.update(part)
      bytes += part.length
    }
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(unfinished, place)
  return { bytes, sha256: digest.digest('hex') }
}

/** An archive in a folder. */
export class FolderStore implements ArchiveStore {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async names(folder: string): Promise<string[]> {
    const place = join(this.#root, folder)
    return existsSync(place) ? readdirSync(place) : []
  }

  async read(path: string): Promise<AsyncIterable<Buffer> | null> {
    const place = join(this.#root, path)
    return existsSync(place) ? createReadStream(place) : null
  }

  async write(path: string, parts: Iterable<Buffer>): Promise<{ bytes: number; sha256: string }> {
    return writeWhole(join(this.#root, path), parts)
  }

  async remove(path: string): Promise<void> {
    rmSync(join(this.#root, path), { force: true })
  }
}

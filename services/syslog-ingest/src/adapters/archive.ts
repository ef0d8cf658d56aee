import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { RawBlock } from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'
import type { ArchiveFile, SignedManifest } from '../evidence/archive-manifest.ts'
import { blockFromLine } from '../evidence/block-text.ts'
import { type ArchiveStore, FolderStore } from './archive-store.ts'
import { BucketStore, bucketSettings } from './bucket-store.ts'

const MANIFEST = /^\d{8}T\d{9}Z\.json$/
/** A manifest of more octets is none of ours. */
const MANIFEST_MAX_BYTES = 64 << 20

/** An archive at a folder's path, or at `s3://bucket/prefix` with the settings of the environment. */
export function openArchive(place: string, env: Readonly<Record<string, string | undefined>>): Archive {
  return new Archive(place.startsWith('s3://') ? new BucketStore(bucketSettings(place, env)) : new FolderStore(place))
}

/** An archive: `blocks/<day>/…ndjson.gz` and `manifests/<time>.json` with `.sig` beside each. */
export class Archive {
  readonly #store: ArchiveStore

  constructor(store: ArchiveStore) {
    this.#store = store
  }

  /** Every manifest, oldest first. */
  async manifests(): Promise<SignedManifest[]> {
    const names = (await this.#store.names('manifests')).filter((name) => MANIFEST.test(name)).sort()
    const manifests: SignedManifest[] = []
    for (const name of names) {
      const octets = (await this.#whole(`manifests/${name}`)) ?? Buffer.alloc(0)
      const signed = (await this.#whole(`manifests/${name}.sig`))?.toString('utf8').trim() ?? ''
      const [keyId = '', signature = ''] = signed.split(' ')
      manifests.push({ name, octets, keyId, signature })
    }
    return manifests
  }

  /** Writes a manifest and its signature; the name is its time, later than all before. */
  async addManifest({ octets, keyId, signature }: Omit<SignedManifest, 'name'>, nowMs: number): Promise<string> {
    const last =
      (await this.#store.names('manifests'))
        .filter((one) => MANIFEST.test(one))
        .sort()
        .at(-1) ?? ''
    const name = nameAt(Math.max(nowMs, last === '' ? 0 : timeOf(last) + 1))
    await this.#store.write(`manifests/${name}.sig`, [Buffer.from(`${keyId} ${signature}\n`)])
    await this.#store.write(`manifests/${name}`, [octets])
    return name
  }

  /** Writes gzip members, one a block, as one file; gives its size and hash. */
  addBlocks(path: string, members: Iterable<Buffer>): Promise<{ bytes: number; sha256: string }> {
    return this.#store.write(path, members)
  }

  /** Says why a file is not the one of its manifest; null when it is. */
  async fileFault({ path, sha256 }: ArchiveFile): Promise<string | null> {
    const parts = await this.#store.read(path)
    if (parts === null) return `${path} is missing`
    const digest = createHash('sha256')
    for await (const part of parts) digest.update(part)
    return digest.digest('hex') === sha256 ? null : `${path} was altered: its SHA-256 is not that of its manifest`
  }

  /** Blocks of a file, in chain order. Throws `archive_file_unreadable`. */
  async *blocks(path: string): AsyncGenerator<RawBlock> {
    try {
      const parts = await this.#store.read(path)
      if (parts === null) throw new Error('there is no such file')
      const input = Readable.from(parts).compose(createGunzip())
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
        yield blockFromLine(line)
    } catch (error) {
      throw new TocsinError(
        'archive_file_unreadable',
        `${path} cannot be read: run \`tocsin archive verify\` and take the file from a copy.`,
        error,
      )
    }
  }

  remove(path: string): Promise<void> {
    return this.#store.remove(path)
  }

  async #whole(path: string): Promise<Buffer | null> {
    const parts = await this.#store.read(path)
    if (parts === null) return null
    const read: Buffer[] = []
    let bytes = 0
    for await (const part of parts) {
      bytes += part.length
      if (bytes > MANIFEST_MAX_BYTES)
        throw new TocsinError('archive_file_unreadable', `${path} is larger than any manifest of ours.`)
      read.push(part)
    }
    return Buffer.concat(read)
  }
}

function timeOf(name: string): number {
  return Date.parse(name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z.*$/, '$1-$2-$3T$4:$5:$6.$7Z'))
}

function nameAt(ms: number): string {
  return `${new Date(ms).toISOString().replace(/[-:.]/g, '')}.json`
}

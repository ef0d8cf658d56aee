import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip, gzipSync } from 'node:zlib'
import type { RawBlock } from '@tocsin/events'
import { TocsinError } from '@tocsin/runtime'
import type { ArchiveFile, SignedManifest } from '../evidence/archive-manifest.ts'
import { blockFromLine, blockToLine } from '../evidence/block-text.ts'

const MANIFEST = /^\d{8}T\d{9}Z\.json$/

/** An archive in a folder: `blocks/<day>/…ndjson.gz` and `manifests/<time>.json` with `.sig` beside each. */
export class ArchiveFolder {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  /** Every manifest, oldest first. */
  manifests(): SignedManifest[] {
    const folder = join(this.#root, 'manifests')
    if (!existsSync(folder)) return []
    const names = readdirSync(folder).filter((name) => MANIFEST.test(name))
    return names.sort().map((name) => {
      const octets = readFileSync(join(folder, name))
      const [keyId = '', signature = ''] = existsSync(join(folder, `${name}.sig`))
        ? readFileSync(join(folder, `${name}.sig`), 'utf8')
            .trim()
            .split(' ')
        : []
      return { name, octets, keyId, signature }
    })
  }

  /** Writes a manifest and its signature; the name is its time, later than all before. */
  addManifest({ octets, keyId, signature }: Omit<SignedManifest, 'name'>, nowMs: number): string {
    const last = this.manifests().at(-1)?.name ?? ''
    const name = nameAt(Math.max(nowMs, last === '' ? 0 : timeOf(last) + 1))
    this.#write(`manifests/${name}.sig`, Buffer.from(`${keyId} ${signature}\n`))
    this.#write(`manifests/${name}`, octets)
    return name
  }

  /** Writes gzip members, one a block, as one file; gives its size and hash. */
  addBlocks(path: string, members: Iterable<Buffer>): { bytes: number; sha256: string } {
    const place = join(this.#root, path)
    mkdirSync(dirname(place), { recursive: true, mode: 0o750 })
    const handle = openSync(`${place}.part`, 'w', 0o640)
    const digest = createHash('sha256')
    let bytes = 0
    try {
      for (const member of members) {
        writeSync(handle, member)
        digest.update(member)
        bytes += member.length
      }
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(`${place}.part`, place)
    return { bytes, sha256: digest.digest('hex') }
  }

  /** Says why a file is not the one of its manifest; null when it is. */
  async fileFault({ path, sha256 }: ArchiveFile): Promise<string | null> {
    const place = join(this.#root, path)
    if (!existsSync(place)) return `${path} is missing`
    const digest = createHash('sha256')
    for await (const part of createReadStream(place)) digest.update(part as Buffer)
    return digest.digest('hex') === sha256 ? null : `${path} was altered: its SHA-256 is not that of its manifest`
  }

  /** Blocks of a file, in chain order. Throws `archive_file_unreadable`. */
  async *blocks(path: string): AsyncGenerator<RawBlock> {
    try {
      const input = createReadStream(join(this.#root, path)).pipe(createGunzip())
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

  remove(path: string): void {
    rmSync(join(this.#root, path), { force: true })
  }

  #write(path: string, octets: Buffer): void {
    const place = join(this.#root, path)
    mkdirSync(dirname(place), { recursive: true, mode: 0o750 })
    writeFileSync(`${place}.part`, octets, { mode: 0o640, flush: true })
    renameSync(`${place}.part`, place)
  }
}

function timeOf(name: string): number {
  return Date.parse(name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z.*$/, '$1-$2-$3T$4:$5:$6.$7Z'))
}

function nameAt(ms: number): string {
  return `${new Date(ms).toISOString().replace(/[-:.]/g, '')}.json`
}

interface SpoolFile {
  handle: number
  bytes: number
  /** Number in the chain → where its line lies. */
  entries: Map<number, { at: number; length: number }>
}

/** Blocks on their way into an archive, on disk because an hour of them may be more than memory holds; sorted by an index. */
export class BlockSpool {
  readonly #folder: string
  readonly #files = new Map<string, SpoolFile>()

  constructor(parent: string) {
    mkdirSync(parent, { recursive: true, mode: 0o750 })
    this.#folder = mkdtempSync(join(parent, '.spool-'))
  }

  /** Puts a block aside under a group. */
  add(group: string, block: RawBlock): void {
    let file = this.#files.get(group)
    if (file === undefined) {
      file = {
        handle: openSync(join(this.#folder, String(this.#files.size)), 'w+', 0o600),
        bytes: 0,
        entries: new Map(),
      }
      this.#files.set(group, file)
    }
    if (file.entries.has(block.chainSeq)) return
    // A gzip member of its own: members one after another are one gzip file.
    const line = gzipSync(`${blockToLine(block)}\n`, { level: 1 })
    writeSync(file.handle, line, 0, line.length, file.bytes)
    file.entries.set(block.chainSeq, { at: file.bytes, length: line.length })
    file.bytes += line.length
  }

  groups(): string[] {
    return [...this.#files.keys()]
  }

  /** How many blocks a group has. */
  size(group: string): number {
    return this.#files.get(group)?.entries.size ?? 0
  }

  /** Members of a group, one a block, in chain order. */
  *members(group: string): Generator<Buffer> {
    const file = this.#files.get(group)
    if (file === undefined) return
    for (const [, { at, length }] of [...file.entries].sort(([a], [b]) => a - b)) {
      const octets = Buffer.alloc(length)
      readSync(file.handle, octets, 0, length, at)
      yield octets
    }
  }

  close(): void {
    for (const { handle } of this.#files.values()) closeSync(handle)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

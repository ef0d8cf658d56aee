import { readdirSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Log } from '@tocsin/runtime'
import type { NewLine } from '../../collect/collect-door.ts'
import { type FilePosition, HEAD_BYTES, headOf, positionFrom, positionText } from '../../collect/file-position.ts'
import { type CutLine, LineCutter } from '../../collect/line-cutter.ts'

const CHUNK_BYTES = 262_144
/** A writer may go on in the old file for a while after a rotation: so many looks without anything new end it. */
const QUIET_LOOKS = 4
const COMPRESSED = /\.(gz|xz|bz2|zst|lz4|zip)$/

/** What a tail is made of. */
export interface FileTailParts {
  /** Name of the input. */
  name: string
  path: string
  /** Newest position in the store. */
  position: string | undefined
  /** Takes lines; resolves when they are on disk. */
  append: (lines: readonly NewLine[]) => Promise<void>
  nowMs: () => number
  maxLineBytes: number
  log: Log
}

interface OpenFile {
  handle: FileHandle
  inode: string
  head: Buffer
  cutter: LineCutter
  /** Looks since it was rotated away that found nothing new. */
  quiet: number
}

/**
 * Follows one file through rotation (rename or copy and truncate), new inodes and restarts. How far it has come is written with
 * each line, in the same record, so that a crash neither loses a line nor takes one twice.
 */
export class FileTail {
  readonly #parts: FileTailParts
  #position: FilePosition | null
  #file: OpenFile | null = null
  #missingTold = false
  /** Rotated files that were not read to their end when we stopped, oldest first. */
  #backlog: string[] = []
  #resumed = false

  constructor(parts: FileTailParts) {
    this.#parts = parts
    this.#position = positionFrom(parts.position)
  }

  /** Looks once; gives true when there was something to read, so that the next look should come at once. */
  async look(): Promise<boolean> {
    if (this.#file === null && !(await this.#openNext())) return false
    const file = this.#file as unknown as OpenFile
    if (await this.#read(file)) return true
    return this.#afterEnd(file)
  }

  async close(): Promise<void> {
    await this.#file?.handle.close()
    this.#file = null
  }

  /** Reads a chunk and hands on its lines; false at the end of the file. */
  async #read(file: OpenFile): Promise<boolean> {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    const { bytesRead } = await file.handle.read(chunk, 0, CHUNK_BYTES, file.cutter.offset)
    if (bytesRead === 0) return false
    const { offset } = file.cutter
    if (offset < HEAD_BYTES)
      file.head = Buffer.concat([
        file.head.subarray(0, offset),
        chunk.subarray(0, Math.min(bytesRead, HEAD_BYTES - offset)),
      ])
    file.quiet = 0
    await this.#give(file, file.cutter.push(Buffer.from(chunk.subarray(0, bytesRead))))
    return true
  }

  async #give(file: OpenFile, lines: readonly CutLine[]): Promise<void> {
    if (lines.length === 0) return
    const receivedAt = this.#parts.nowMs()
    const origin = { input: this.#parts.name, transport: 'file', address: '-' }
    await this.#parts.append(
      lines.map(({ octets, truncatedBytes, endOffset }) => {
        const position = { inode: file.inode, offset: endOffset, head: headOf(file.head, endOffset) }
        this.#position = position
        return {
          receivedAt,
          truncatedBytes,
          possibleRepeat: false,
          framing: 'newline',
          origin,
          position: positionText(position),
          octets,
        }
      }),
    )
  }

  /** At the end of a file: is it still the one at the path, was it truncated, does it go on? */
  async #afterEnd(file: OpenFile): Promise<boolean> {
    const here = await stat(this.#parts.path, { bigint: true }).catch(() => null)
    if (here !== null && String(here.ino) === file.inode) {
      const shrunk = here.size < BigInt(file.cutter.offset)
      if (!shrunk && !(await this.#isOther(file))) return false
      this.#parts.log.info(
        { code: 'collector_file_truncated', input: this.#parts.name },
        `${this.#parts.path} was truncated; it is read from its beginning.`,
      )
      file.head = Buffer.alloc(0)
      file.cutter = new LineCutter(0, this.#parts.maxLineBytes)
      return true
    }
    file.quiet += 1
    if (file.quiet < QUIET_LOOKS) return false
    const rest = file.cutter.end()
    if (rest !== null) await this.#give(file, [rest])
    await this.close()
    // More than one rotation may have passed since the last look.
    if (this.#backlog.length === 0) this.#backlog = (await this.#rotatedFrom(file.inode))?.slice(1) ?? []
    this.#position = null
    return true
  }

  /** Whether the file, though it did not shrink, begins with something else than what was read: truncated and written again. */
  async #isOther(file: OpenFile): Promise<boolean> {
    const bytes = Math.min(HEAD_BYTES, file.head.length)
    const head = Buffer.alloc(bytes)
    await file.handle.read(head, 0, bytes, 0)
    return !head.equals(file.head.subarray(0, bytes))
  }

  /** Opens what comes next: the file of the stored position, then those rotated since, then the one at the path. */
  async #openNext(): Promise<boolean> {
    if (!this.#resumed) this.#backlog = await this.#rotatedSince()
    this.#resumed = true
    const rotated = this.#backlog.shift()
    const path = rotated ?? this.#parts.path
    let handle: FileHandle
    try {
      handle = await open(path, 'r')
    } catch (error) {
      if (!this.#missingTold) this.#tellMissing(path, error)
      return false
    }
    this.#missingTold = false
    const { ino } = await handle.stat({ bigint: true })
    const inode = String(ino)
    const head = Buffer.alloc(HEAD_BYTES)
    const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0)
    const offset = this.#offsetIn(inode, head.subarray(0, bytesRead))
    this.#file = {
      handle,
      inode,
      head: Buffer.from(head.subarray(0, Math.min(bytesRead, offset))),
      cutter: new LineCutter(offset, this.#parts.maxLineBytes),
      quiet: rotated === undefined ? 0 : QUIET_LOOKS - 1,
    }
    return true
  }

  /** The offset at which reading goes on: that of the position, where this is the same file. */
  #offsetIn(inode: string, head: Buffer): number {
    const position = this.#position
    if (position === null || position.inode !== inode) return 0
    const known = Math.min(HEAD_BYTES, position.offset)
    return head.length >= known && headOf(head, position.offset) === position.head ? position.offset : 0
  }

  /** Files in which reading must go on before the one at the path. */
  async #rotatedSince(): Promise<string[]> {
    const position = this.#position
    const { path, log, name } = this.#parts
    if (position === null) return []
    const rotated = await this.#rotatedFrom(position.inode)
    if (rotated !== null) return rotated
    log.warn(
      { code: 'collector_file_gone', input: name },
      `The file of ${path} that was being read is gone (deleted or compressed): what it held behind octet ${position.offset} was not collected.`,
    )
    this.#position = null
    return []
  }

  /** The rotated files from the one with this inode on; none where it is still at the path, null where it is nowhere. */
  async #rotatedFrom(inode: string): Promise<string[] | null> {
    const here = await stat(this.#parts.path, { bigint: true }).catch(() => null)
    if (here !== null && String(here.ino) === inode) return []
    const rotated = await this.#rotatedFiles()
    const from = rotated.findIndex((file) => file.inode === inode)
    return from === -1 ? null : rotated.slice(from).map((file) => file.path)
  }

  async #rotatedFiles(): Promise<{ path: string; inode: string; changedAt: bigint }[]> {
    const folder = dirname(this.#parts.path)
    const base = basename(this.#parts.path)
    const names = readdirSync(folder).filter(
      (file) => (file.startsWith(`${base}.`) || file.startsWith(`${base}-`)) && !COMPRESSED.test(file),
    )
    const files = await Promise.all(
      names.map(async (file) => {
        const path = join(folder, file)
        const { ino, mtimeNs } = await stat(path, { bigint: true })
        return { path, inode: String(ino), changedAt: mtimeNs }
      }),
    )
    return files.sort((a, b) => (a.changedAt < b.changedAt ? -1 : 1))
  }

  #tellMissing(path: string, error: unknown): void {
    this.#missingTold = true
    this.#parts.log.warn(
      { code: 'collector_file_unreadable', input: this.#parts.name, err: error },
      `${path} cannot be read; it is looked for again until it can.`,
    )
  }
}

import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { RawBlock } from '@tocsin/events'
import { blockToLine } from '../evidence/block-text.ts'

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

import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  type FileKind,
  FOLDER_OF,
  isUnfinished,
  MAX_BYTES,
  ruleTableName,
  type TakenFile,
} from '../receiving/dropped-file.ts'
import type { Receipt } from '../receiving/receipt.ts'
import type { Inbox } from '../receiving/receiver.ts'
import type { Sender } from '../receiving/senders.ts'

/** A file is finished when its size and time have stood still this long: not every sender may rename. */
export const SETTLED_AFTER_MS = 2_000
const HASH_AT_MOST_BYTES = 268_435_456
const CHUNK_BYTES = 1_048_576

/**
 * The homes of the senders on the disk of the FTPS server (`root/<directory>/`), and our own folder on the same file system,
 * where nobody but us writes: `taking/` and `archive/`. A taken file is moved before it is read, so what a sender uploads under the same name meanwhile is a file
 * of its own. Links are never followed.
 */
export class InboxFolder implements Inbox {
  readonly #root: string
  readonly #own: string
  #seen = new Map<string, { bytes: number; modifiedMs: number; since: number }>()

  constructor(root: string, own: string) {
    this.#root = root
    this.#own = own
  }

  take({ sender, directory }: Sender, kind: FileKind, limit: number, nowMs: number): TakenFile[] {
    const taking = this.#folder('taking', sender, kind)
    const left = readdirSync(taking)
    if (left.length === 0) {
      const home = join(this.#root, directory, FOLDER_OF[kind])
      for (const name of this.#settled(home, sender, kind, nowMs).slice(0, limit)) {
        renameSync(join(home, name), join(taking, name))
        left.push(name)
      }
    }
    return left.map((name) => read(join(taking, name), { sender, kind, name }))
  }

  archive(file: TakenFile): void {
    const target = join(this.#folder('archive', file.sender, file.kind, file.sha256.slice(0, 2)), file.sha256)
    renameSync(join(this.#folder('taking', file.sender, file.kind), file.name), target)
  }

  archived({ item, kind }: Receipt): TakenFile | null {
    const { sender, name, sha256 } = item
    try {
      return read(join(this.#own, 'archive', sender, kind, sha256.slice(0, 2), sha256), { sender, kind, name })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  answer({ directory }: Sender, name: string, content: string): void {
    const folder = join(this.#root, directory, 'answer')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `.${name}`), content, { flush: true })
    renameSync(join(folder, `.${name}`), join(folder, name))
  }

  /** Names of the finished files of that kind, oldest first. */
  #settled(home: string, sender: string, kind: FileKind, nowMs: number): string[] {
    const files: { name: string; modifiedMs: number }[] = []
    const seen = new Map([...this.#seen].filter(([path]) => !path.startsWith(`${kind} ${home}/`)))
    for (const name of namesIn(home)) {
      if (isUnfinished(name) || !isOfKind(name, kind, sender)) continue
      const stat = lstatSync(join(home, name), { throwIfNoEntry: false })
      if (stat === undefined || !stat.isFile()) continue
      const path = `${kind} ${home}/${name}`
      const before = this.#seen.get(path)
      const still = before?.bytes === stat.size && before.modifiedMs === stat.mtimeMs
      const since = still ? before.since : nowMs
      seen.set(path, { bytes: stat.size, modifiedMs: stat.mtimeMs, since })
      if (nowMs - since >= SETTLED_AFTER_MS) files.push({ name, modifiedMs: stat.mtimeMs })
    }
    this.#seen = seen
    return files.sort((a, b) => a.modifiedMs - b.modifiedMs).map(({ name }) => name)
  }

  #folder(...parts: readonly string[]): string {
    const folder = join(this.#own, ...parts)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  }
}

/** At the top of a home lies the rule table; everything else there is taken for the service list, so that a stray file is answered. */
function isOfKind(name: string, kind: FileKind, sender: string): boolean {
  if (kind === 'rule-table') return name === ruleTableName(sender)
  return kind !== 'service-list' || name !== ruleTableName(sender)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Reads a file within its bound; a larger one is hashed (its first 256 MiB) and not read. */
function read(path: string, named: { sender: string; kind: FileKind; name: string }): TakenFile {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    fsyncSync(descriptor)
    const bytes = fstatSync(descriptor).size
    if (bytes > MAX_BYTES[named.kind]) return { ...named, bytes, content: null, sha256: hashOf(descriptor) }
    const content = readFileSync(descriptor)
    return { ...named, bytes: content.length, content, sha256: createHash('sha256').update(content).digest('hex') }
  } finally {
    closeSync(descriptor)
  }
}

function hashOf(descriptor: number): string {
  const hash = createHash('sha256')
  const chunk = Buffer.alloc(CHUNK_BYTES)
  for (let at = 0; at < HASH_AT_MOST_BYTES; ) {
    const length = readSync(descriptor, chunk, 0, CHUNK_BYTES, at)
    if (length === 0) break
    hash.update(chunk.subarray(0, length))
    at += length
  }
  return hash.digest('hex')
}

import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { checkParser } from '../operator-parsers/check.ts'
import type { Parser } from '../parser.ts'

const maxFiles = 200

/**
 * The operator's parsers of a folder (`<name>.yaml`), before those that ship with the normalizer. A file that is refused is told and leaves the last good parser of
 * its name in place; files that vanish take their parser with them.
 */
export class ParserFiles {
  readonly #folder: string
  readonly #builtIn: readonly Parser[]
  readonly #refused: (error: Error) => void
  readonly #good = new Map<string, { stamp: string; parser: Parser | undefined }>()
  #current: readonly Parser[]

  constructor(folder: string, builtIn: readonly Parser[], refused: (error: Error) => void) {
    this.#folder = folder
    this.#builtIn = builtIn
    this.#refused = refused
    this.#current = builtIn
  }

  /** All parsers, in the order tried; the same list until a file changes. */
  get current(): readonly Parser[] {
    return this.#current
  }

  /** Reads what is new or changed; says whether the list is another one now. */
  async check(): Promise<boolean> {
    const names = (await readdir(this.#folder))
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .slice(0, maxFiles)
    let changed = false
    for (const name of this.#good.keys()) {
      if (names.includes(name)) continue
      this.#good.delete(name)
      changed = true
    }
    for (const name of names) if (await this.#read(name)) changed = true
    if (changed) this.#current = [...[...this.#good.values()].flatMap(({ parser }) => parser ?? []), ...this.#builtIn]
    return changed
  }

  /** Checks again and again until the signal; an unreadable folder is told and tried again. */
  async watch(everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await setTimeout(everyMs, undefined, { signal }).catch(() => undefined)
      if (!signal.aborted) await this.check().catch((error: unknown) => this.#refused(error as Error))
    }
  }

  async #read(name: string): Promise<boolean> {
    const file = join(this.#folder, name)
    const { mtimeMs, size } = await stat(file)
    const stamp = `${mtimeMs}/${size}`
    const known = this.#good.get(name)
    if (known?.stamp === stamp) return false
    try {
      const parser = checkParser(file, await readFile(file, 'utf8'), this.#builtIn)
      this.#good.set(name, { stamp, parser })
      return true
    } catch (error) {
      this.#good.set(name, { stamp, parser: known?.parser })
      this.#refused(error as Error)
      return false
    }
  }
}

/** The parsers that a normalizer with that folder has; what is wrong in a file is written to `told`. */
export async function liveParsers(
  folder: string | undefined,
  builtIn: readonly Parser[],
  told: { write(text: string): unknown },
): Promise<readonly Parser[]> {
  if (folder === undefined) return builtIn
  const files = new ParserFiles(folder, builtIn, (error) => told.write(`${error.message}\n`))
  await files.check().catch((error: NodeJS.ErrnoException) => {
    // Before the first promotion there is no folder yet.
    if (error.code !== 'ENOENT') throw error
  })
  return files.current
}

/** Puts a checked parser's text into the folder in one step; the one of its name that was there is kept beside it as `.previous`. */
export async function promoteFile(folder: string, name: string, text: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${name}.yaml`)
  await writeFile(`${file}.new`, text)
  await rename(file, `${file}.previous`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(`${file}.new`, file)
  return file
}

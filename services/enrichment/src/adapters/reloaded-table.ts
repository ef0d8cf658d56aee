import { stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf } from '@tocsin/runtime'

/** Says that a table cannot be read (a message) or can be again (null). */
export type TellTable = (table: string, message: string | null) => void

/**
 * A table that is read again when its file changes. A file that cannot be read leaves the last good table in use and is told; the process
 * goes on (design.md 2.8).
 */
export class ReloadedTable<Table> {
  readonly #name: string
  readonly #file: string | undefined
  readonly #load: () => Promise<Table>
  readonly #tell: TellTable
  #table: Table | null = null
  #mark = ''
  #inTrouble = false

  constructor(name: string, file: string | undefined, load: () => Promise<Table>, tell: TellTable) {
    this.#name = name
    this.#file = file
    this.#load = load
    this.#tell = tell
  }

  /** The last good table; null where none could be read yet. */
  get current(): Table | null {
    return this.#table
  }

  /** Reads the table where its file is another than the last time. */
  async check(): Promise<void> {
    const mark = await this.#markOfFile()
    if (mark === this.#mark) return
    try {
      this.#table = await this.#load()
      if (this.#inTrouble) this.#tell(this.#name, null)
      this.#inTrouble = false
    } catch (error) {
      this.#inTrouble = true
      this.#tell(this.#name, messageOf(error))
    }
    // A broken file is not read again until it changes.
    this.#mark = mark
  }

  /** Checks by schedule until the stop. */
  async watch(everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#file !== undefined) {
      await pause(everyMs, undefined, { signal }).catch(() => {})
      if (!signal.aborted) await this.check()
    }
  }

  async #markOfFile(): Promise<string> {
    if (this.#file === undefined) return 'shipped'
    try {
      const { mtimeMs, size, ino } = await stat(this.#file)
      return `${mtimeMs} ${size} ${ino}`
    } catch {
      return 'absent'
    }
  }
}

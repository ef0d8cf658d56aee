const LF = 0x0a
const CR = 0x0d

/** Gets each line, without its end, and how many octets were cut from it. */
export type OnLine = (octets: Buffer, truncatedBytes: number) => void

/** Cuts octets at line feeds, and only there (NDJSON). A line longer than the bound is cut, its rest skipped; empty lines are none. */
export class LineCutter {
  readonly #onLine: OnLine
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #keptBytes = 0
  #cutBytes = 0

  constructor(onLine: OnLine, maxBytes: number) {
    this.#onLine = onLine
    this.#maxBytes = maxBytes
  }

  push(chunk: Buffer): void {
    let at = 0
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, at)) {
      this.#keep(chunk.subarray(at, end), false)
      this.end()
      at = end + 1
    }
    this.#keep(chunk.subarray(at), true)
  }

  /** Gives the last line, if it has no line feed. */
  end(): void {
    const [only] = this.#parts
    const octets = only !== undefined && this.#parts.length === 1 ? only : Buffer.concat(this.#parts)
    const cut = this.#cutBytes
    this.#parts = []
    this.#keptBytes = 0
    this.#cutBytes = 0
    const line = octets.at(-1) === CR && cut === 0 ? octets.subarray(0, -1) : octets
    if (line.length > 0) this.#onLine(line, cut)
  }

  #keep(part: Buffer, unfinished: boolean): void {
    const take = Math.min(part.length, this.#maxBytes - this.#keptBytes)
    this.#cutBytes += part.length - take
    if (take === 0) return
    this.#keptBytes += take
    // Copied, so that a few octets do not hold a whole read buffer.
    this.#parts.push(unfinished ? Buffer.from(part.subarray(0, take)) : part.subarray(0, take))
  }
}

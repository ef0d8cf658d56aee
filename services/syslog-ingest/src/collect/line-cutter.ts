/** One line of a file: its octets without the LF, how many were cut, and where in the file the next one begins. */
export interface CutLine {
  octets: Buffer
  truncatedBytes: number
  endOffset: number
}

const LF = 0x0a
const CR = 0x0d
const EMPTY: Buffer = Buffer.alloc(0)

/**
 * Cuts the octets of a file into lines and knows the offset behind each. A longer line than the bound is cut and its rest
 * skipped; empty lines give nothing. Memory is at most `maxBytes`.
 */
export class LineCutter {
  readonly #maxBytes: number
  #offset: number
  #kept: Buffer = EMPTY
  #cutBytes = 0

  constructor(offset: number, maxBytes: number) {
    this.#offset = offset
    this.#maxBytes = maxBytes
  }

  /** Where the next octets must be read. */
  get offset(): number {
    return this.#offset
  }

  /** Takes the next octets of the file; gives the lines that they end. */
  push(chunk: Buffer): CutLine[] {
    const lines: CutLine[] = []
    let at = 0
    while (at < chunk.length) {
      const end = chunk.indexOf(LF, at)
      if (end === -1) {
        this.#keep(chunk.subarray(at))
        break
      }
      this.#keep(chunk.subarray(at, end))
      at = end + 1
      const line = this.#take(this.#offset + at)
      if (line !== null) lines.push(line)
    }
    this.#offset += chunk.length
    return lines
  }

  /** The file has ended for good: gives the line that has no LF, if any. */
  end(): CutLine | null {
    return this.#take(this.#offset)
  }

  #keep(part: Buffer): void {
    const take = Math.min(part.length, this.#maxBytes - this.#kept.length)
    this.#cutBytes += part.length - take
    if (take > 0) this.#kept = Buffer.concat([this.#kept, part.subarray(0, take)])
  }

  #take(endOffset: number): CutLine | null {
    const octets = this.#kept
    const truncatedBytes = this.#cutBytes
    this.#kept = EMPTY
    this.#cutBytes = 0
    if (octets.length === 0 || (octets.length === 1 && octets[0] === CR)) return null
    return { octets, truncatedBytes, endOffset }
  }
}

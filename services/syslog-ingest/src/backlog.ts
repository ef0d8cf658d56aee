/** Memory that a frame costs beside its octets. */
const FRAME_OVERHEAD_BYTES = 128

/** What waits for Kafka's acknowledgement, against its bound: streams pause while it is full. */
export class Backlog {
  readonly #maxBytes: number
  readonly #waiting = new Set<() => void>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get full(): boolean {
    return this.#bytes >= this.#maxBytes
  }

  /** One frame of so many octets waits. */
  add(octets: number): void {
    this.#bytes += octets + FRAME_OVERHEAD_BYTES
  }

  /** Kafka has so many frames with so many octets in all. */
  release(octets: number, frames: number): void {
    this.#bytes -= octets + frames * FRAME_OVERHEAD_BYTES
    if (this.#waiting.size === 0 || this.#bytes > this.#maxBytes / 2) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resume of waiting) resume()
  }

  /** Calls `resume` once, when half of the bound is free again. */
  onceDrained(resume: () => void): void {
    this.#waiting.add(resume)
  }
}

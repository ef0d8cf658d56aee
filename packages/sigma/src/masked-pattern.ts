/**
 * Finds a pattern of fixed length with holes (`?`) in one pass, whatever pattern and text share: a bit for each place of the pattern says
 * whether the text before fits up to there, and one shift moves them all on (the "shift-and" method).
 */
export class MaskedPattern {
  private readonly masks = new Map<number, Uint32Array>()
  /** For characters that the pattern does not name: its holes. */
  private readonly holes: Uint32Array
  private readonly state: Uint32Array
  private readonly lastWord: number
  private readonly lastBit: number

  /** Takes code points; null is a hole that any one fits. */
  constructor(pattern: readonly (number | null)[]) {
    const words = Math.ceil(pattern.length / 32)
    this.holes = new Uint32Array(words)
    this.state = new Uint32Array(words)
    pattern.forEach((point, place) => {
      if (point === null) mark(this.holes, place)
    })
    pattern.forEach((point, place) => {
      if (point === null) return
      let mask = this.masks.get(point)
      if (mask === undefined) {
        mask = Uint32Array.from(this.holes)
        this.masks.set(point, mask)
      }
      mark(mask, place)
    })
    this.lastWord = words - 1
    this.lastBit = 1 << ((pattern.length - 1) & 31)
  }

  /** End of the leftmost occurrence that begins at or after `from`, else -1. */
  find(text: string, from: number): number {
    const { state, masks, holes, lastWord, lastBit } = this
    state.fill(0)
    for (let at = from; at < text.length; ) {
      const point = text.codePointAt(at) as number
      at += point > 0xffff ? 2 : 1
      const mask = masks.get(point) ?? holes
      let carry = 1
      for (let word = 0; word <= lastWord; word++) {
        const before = state[word] as number
        state[word] = ((before << 1) | carry) & (mask[word] as number)
        carry = before >>> 31
      }
      if (((state[lastWord] as number) & lastBit) !== 0) return at
    }
    return -1
  }
}

function mark(mask: Uint32Array, place: number): void {
  const word = place >>> 5
  mask[word] = (mask[word] as number) | (1 << (place & 31))
}

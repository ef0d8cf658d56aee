import { AhoCorasick } from './aho-corasick.ts'

/** A text to be found and the number to report for it. */
export interface Literal {
  text: string
  id: number
}

interface Bucket {
  literals: Literal[]
  /** How far behind the literal's start its gram ends. */
  ends: number[]
  /** The scan in which the literal was settled. */
  settledIn: number[]
}

// Bits that each character moves on, by the length of the gram: after that many characters an old one has left the hash.
const shiftOf = [0, 16, 8, 6, 5]
/** Literals that share one gram; what is above goes to an automaton, so that no set of literals makes a text cost its square. */
const maxBucket = 4
/** A longer literal is searched for once a text, so that a text which nearly holds it everywhere is not compared everywhere. */
const maxComparedChars = 64

/**
 * Finds which of many texts occur in a value, in one pass. A rolling hash of the last few characters is looked up in a bitmap that
 * fits the processor's cache; only where it hits are whole texts compared. So the cost of a character hardly grows with the
 * number of texts, which a table of states does not promise once it outgrows the cache.
 */
export class GramIndex {
  private readonly length: number
  private readonly shift: number
  private readonly mask: number
  private readonly bitmap: Uint32Array
  private readonly buckets = new Map<number, Bucket>()
  private readonly crowded: AhoCorasick | null
  private scans = 0

  /** Takes the length of the grams, 1 to 4, and literals of at least that length. */
  constructor(length: number, literals: readonly Literal[]) {
    this.length = length
    // Few literals need few bits, and a small bitmap stays in the nearest cache.
    this.shift = length === 4 && literals.length < 256 ? 4 : (shiftOf[length] as number)
    this.mask = 2 ** (this.shift * length) - 1
    this.bitmap = new Uint32Array((this.mask + 1) >>> 5)
    const crowded = this.fill(literals)
    this.crowded = crowded.length === 0 ? null : new AhoCorasick(crowded.map(({ text, id }) => [text, id]))
  }

  /** Adds the number of every literal that occurs in `text` to `found`, some perhaps twice. */
  scan(text: string, found: number[]): void {
    this.scans++
    const { shift, mask, bitmap, length } = this
    let hash = 0
    for (let i = 0; i < length - 1 && i < text.length; i++) hash = ((hash << shift) ^ text.charCodeAt(i)) & mask
    for (let i = length - 1; i < text.length; i++) {
      hash = ((hash << shift) ^ text.charCodeAt(i)) & mask
      if ((((bitmap[hash >>> 5] as number) >>> (hash & 31)) & 1) === 1) this.compare(text, i + 1, hash, found)
    }
    this.crowded?.scan(text, (id) => found.push(id))
  }

  private compare(text: string, end: number, hash: number, found: number[]): void {
    const bucket = this.buckets.get(hash)
    if (bucket === undefined) return
    const { literals, ends, settledIn } = bucket
    for (let i = 0; i < literals.length; i++) {
      if (settledIn[i] === this.scans) continue
      const { text: literal, id } = literals[i] as Literal
      const start = end - (ends[i] as number)
      const isLong = literal.length > maxComparedChars
      const holds = isLong ? text.includes(literal) : start >= 0 && text.startsWith(literal, start)
      if (holds) found.push(id)
      if (holds || isLong) settledIn[i] = this.scans
    }
  }

  /** Puts each literal under its rarest gram. Gives those whose buckets are full. */
  private fill(literals: readonly Literal[]): Literal[] {
    const counts = new Map<number, number>()
    const grams = literals.map(({ text }) => this.gramsOf(text))
    for (const hash of grams.flatMap((hashes) => [...new Set(hashes)])) counts.set(hash, (counts.get(hash) ?? 0) + 1)
    const crowded: Literal[] = []
    literals.forEach((literal, index) => {
      const hashes = grams[index] as number[]
      const free = hashes.filter((hash) => (this.buckets.get(hash)?.literals.length ?? 0) < maxBucket)
      const rarest = free.reduce(
        (best, hash) => ((counts.get(hash) ?? 0) < (counts.get(best) ?? 0) ? hash : best),
        free[0] ?? -1,
      )
      if (rarest < 0) crowded.push(literal)
      else this.put(literal, rarest, hashes.indexOf(rarest) + this.length)
    })
    return crowded
  }

  private put(literal: Literal, hash: number, end: number): void {
    const bucket = this.buckets.get(hash)
    if (bucket === undefined) this.buckets.set(hash, { literals: [literal], ends: [end], settledIn: [0] })
    else {
      bucket.literals.push(literal)
      bucket.ends.push(end)
      bucket.settledIn.push(0)
    }
    this.bitmap[hash >>> 5] = (this.bitmap[hash >>> 5] as number) | (1 << (hash & 31))
  }

  private gramsOf(text: string): number[] {
    const hashes: number[] = []
    let hash = 0
    for (let i = 0; i < text.length; i++) {
      hash = ((hash << this.shift) ^ text.charCodeAt(i)) & this.mask
      if (i >= this.length - 1) hashes.push(hash)
    }
    return hashes
  }
}

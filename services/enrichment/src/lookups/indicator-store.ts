import type { Indicator } from '@tocsin/events'

/** What an indicator can be. */
export const indicatorKinds = ['ip', 'cidr', 'domain', 'url', 'hash'] as const
export type IndicatorKind = (typeof indicatorKinds)[number]

const FIRST_ROWS = 1_024
const ID_BYTES = 16
const NONE = -1
const NEVER = Number.POSITIVE_INFINITY

/**
 * Indicators in columns instead of objects: about 150 octets each, so that millions fit. Rows are found by a hash of their key through chains;
 * the caller says what the key is. A row that is taken away is used again.
 */
export class IndicatorStore {
  size = 0
  #used = 0
  #free = NONE
  #values: (string | undefined)[] = []
  /** Ids that are no 32 hex characters, which foreign writers may use. */
  readonly #oddIds = new Map<number, string>()
  readonly #words: string[] = []
  readonly #wordNumbers = new Map<string, number>()
  #ids = Buffer.alloc(FIRST_ROWS * ID_BYTES)
  #kinds = new Uint8Array(FIRST_ROWS)
  #feeds = new Uint32Array(FIRST_ROWS)
  #marks = new Uint32Array(FIRST_ROWS)
  #states = new Uint32Array(FIRST_ROWS)
  #confidences = new Uint8Array(FIRST_ROWS)
  #from = new Float64Array(FIRST_ROWS)
  #until = new Float64Array(FIRST_ROWS)
  #hashes = new Int32Array(FIRST_ROWS)
  #next = new Int32Array(FIRST_ROWS)
  #idNext = new Int32Array(FIRST_ROWS)
  #heads = new Int32Array(FIRST_ROWS * 2).fill(NONE)
  #idHeads = new Int32Array(FIRST_ROWS * 2).fill(NONE)

  /** Puts an indicator in under the hash of its key. The caller has taken an older row of the same id away. */
  add(indicator: Indicator, hash: number): void {
    const row = this.#takeRow()
    this.#writeId(row, indicator.indicatorId)
    this.#values[row] = indicator.value
    this.#kinds[row] = indicatorKinds.indexOf(indicator.type as IndicatorKind)
    this.#feeds[row] = this.#wordNumber(indicator.feed)
    this.#marks[row] = this.#wordNumber(indicator.tlp)
    this.#states[row] = this.#wordNumber(indicator.verification)
    this.#confidences[row] = indicator.confidence
    this.#from[row] = indicator.validFrom
    this.#until[row] = indicator.validUntil ?? NEVER
    this.#hashes[row] = hash
    this.#link(row)
    this.size++
  }

  /** Takes the row of an id away. Gives the kind and value that stood there; null where there was none. */
  remove(indicatorId: string): { kind: IndicatorKind; value: string } | null {
    const row = this.#rowOf(indicatorId)
    if (row === NONE) return null
    const gone = { kind: this.kindOf(row), value: this.valueOf(row) }
    unlink(this.#heads, this.#next, this.#hashes[row] as number, row)
    unlink(this.#idHeads, this.#idNext, hashOfText(indicatorId), row)
    this.#values[row] = undefined
    this.#oddIds.delete(row)
    this.#next[row] = this.#free
    this.#free = row
    this.size--
    return gone
  }

  /** First row of a key's hash, -1 where there is none; go on with `after`. Other keys may share the hash: compare kind and value. */
  first(hash: number): number {
    return this.#matching(this.#heads[hash & (this.#heads.length - 1)] as number, hash)
  }

  after(row: number): number {
    return this.#matching(this.#next[row] as number, this.#hashes[row] as number)
  }

  kindOf(row: number): IndicatorKind {
    return indicatorKinds[this.#kinds[row] as number] ?? 'ip'
  }

  valueOf(row: number): string {
    return this.#values[row] ?? ''
  }

  isValidAt(row: number, atMs: number): boolean {
    return (this.#from[row] as number) <= atMs && atMs < (this.#until[row] as number)
  }

  confidenceOf(row: number): number {
    return this.#confidences[row] as number
  }

  idOf(row: number): string {
    return this.#oddIds.get(row) ?? this.#ids.toString('hex', row * ID_BYTES, (row + 1) * ID_BYTES)
  }

  feedOf(row: number): string {
    return this.#words[this.#feeds[row] as number] ?? ''
  }

  tlpOf(row: number): string {
    return this.#words[this.#marks[row] as number] ?? ''
  }

  verificationOf(row: number): string {
    return this.#words[this.#states[row] as number] ?? ''
  }

  #matching(start: number, hash: number): number {
    let row = start
    while (row !== NONE && this.#hashes[row] !== hash) row = this.#next[row] as number
    return row
  }

  #rowOf(indicatorId: string): number {
    let row = this.#idHeads[hashOfText(indicatorId) & (this.#idHeads.length - 1)] as number
    while (row !== NONE && this.idOf(row) !== indicatorId) row = this.#idNext[row] as number
    return row
  }

  #takeRow(): number {
    if (this.#free !== NONE) {
      const row = this.#free
      this.#free = this.#next[row] as number
      return row
    }
    if (this.#used === this.#kinds.length) this.#grow()
    return this.#used++
  }

  #writeId(row: number, indicatorId: string): void {
    if (/^[0-9a-f]{32}$/.test(indicatorId)) this.#ids.write(indicatorId, row * ID_BYTES, 'hex')
    else this.#oddIds.set(row, indicatorId)
  }

  #link(row: number): void {
    const slot = (this.#hashes[row] as number) & (this.#heads.length - 1)
    this.#next[row] = this.#heads[slot] as number
    this.#heads[slot] = row
    const idSlot = hashOfText(this.idOf(row)) & (this.#idHeads.length - 1)
    this.#idNext[row] = this.#idHeads[idSlot] as number
    this.#idHeads[idSlot] = row
  }

  // Only called when every row is in use, so every row is linked anew.
  #grow(): void {
    const rows = this.#kinds.length * 2
    const ids = Buffer.alloc(rows * ID_BYTES)
    this.#ids.copy(ids)
    this.#ids = ids
    this.#kinds = grown(this.#kinds, new Uint8Array(rows))
    this.#confidences = grown(this.#confidences, new Uint8Array(rows))
    this.#feeds = grown(this.#feeds, new Uint32Array(rows))
    this.#marks = grown(this.#marks, new Uint32Array(rows))
    this.#states = grown(this.#states, new Uint32Array(rows))
    this.#from = grown(this.#from, new Float64Array(rows))
    this.#until = grown(this.#until, new Float64Array(rows))
    this.#hashes = grown(this.#hashes, new Int32Array(rows))
    this.#next = new Int32Array(rows)
    this.#idNext = new Int32Array(rows)
    this.#heads = new Int32Array(rows * 2).fill(NONE)
    this.#idHeads = new Int32Array(rows * 2).fill(NONE)
    for (let row = 0; row < this.#used; row++) this.#link(row)
  }

  #wordNumber(word: string): number {
    let number = this.#wordNumbers.get(word)
    if (number === undefined) {
      number = this.#words.push(word) - 1
      this.#wordNumbers.set(word, number)
    }
    return number
  }
}

function grown<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from)
  return to
}

function unlink(heads: Int32Array, next: Int32Array, hash: number, row: number): void {
  const slot = hash & (heads.length - 1)
  if (heads[slot] === row) {
    heads[slot] = next[row] as number
    return
  }
  let before = heads[slot] as number
  while (next[before] !== row) before = next[before] as number
  next[before] = next[row] as number
}

const FNV_START = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** One character more on the left of a text's hash: texts are hashed from their end, so that a name's parents come by the way. */
export function hashLeft(hash: number, char: number): number {
  return Math.imul(hash ^ char, FNV_PRIME)
}

/** The hash of nothing, where `hashLeft` begins. */
export const hashStart = FNV_START | 0

/** FNV-1a of a text, from its end. */
export function hashOfText(text: string): number {
  let hash = hashStart
  for (let at = text.length - 1; at >= 0; at--) hash = hashLeft(hash, text.charCodeAt(at))
  return hash
}

/**
 * Finds every one of many texts in one pass over a value. The table is dense over the characters that occur in the texts; a
 * negative entry marks a state at which a text ends, so the inner loop looks at one number a character.
 */
export class AhoCorasick {
  private readonly classOf = new Uint16Array(65_536)
  private readonly classes: number
  private readonly next: Int32Array
  private readonly outputs: (Int32Array | null)[]

  /** Takes texts (not empty) and the number to report for each. */
  constructor(entries: readonly (readonly [text: string, id: number])[]) {
    this.classes = this.numberClasses(entries)
    const trie = buildTrie(entries, this.classOf)
    this.next = new Int32Array(trie.length * this.classes)
    this.outputs = this.link(trie)
    for (let i = 0; i < this.next.length; i++) {
      const state = this.next[i] as number
      if (this.outputs[state / this.classes] !== null) this.next[i] = ~state
    }
  }

  /** Calls `found(id, end)` for every occurrence; `end` is the position after its last character. */
  scan(text: string, found: (id: number, end: number) => void): void {
    const { classOf, next, outputs, classes } = this
    let state = 0
    for (let i = 0; i < text.length; i++) {
      state = next[state + (classOf[text.charCodeAt(i)] as number)] as number
      if (state >= 0) continue
      state = ~state
      const ids = outputs[state / classes]
      if (ids) for (let k = 0; k < ids.length; k++) found(ids[k] as number, i + 1)
    }
  }

  private numberClasses(entries: readonly (readonly [string, number])[]): number {
    let classes = 1
    for (const [text] of entries) {
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i)
        if (this.classOf[code] === 0) this.classOf[code] = classes++
      }
    }
    return classes
  }

  // Breadth first, so that the failure state of a state is complete before the state itself is.
  private link(trie: TrieNode[]): (Int32Array | null)[] {
    const { classes, next } = this
    const fail = new Int32Array(trie.length)
    const queue: number[] = []
    for (const [symbol, state] of trie[0]?.children ?? []) {
      next[symbol] = state * classes
      queue.push(state)
    }
    for (const state of queue) {
      const node = trie[state] as TrieNode
      const failed = fail[state] as number
      node.ids.push(...(trie[failed] as TrieNode).ids)
      next.copyWithin(state * classes, failed * classes, (failed + 1) * classes)
      for (const [symbol, child] of node.children) {
        fail[child] = (next[failed * classes + symbol] as number) / classes
        next[state * classes + symbol] = child * classes
        queue.push(child)
      }
    }
    return trie.map((node) => (node.ids.length === 0 ? null : Int32Array.from(node.ids)))
  }
}

interface TrieNode {
  children: Map<number, number>
  ids: number[]
}

function buildTrie(entries: readonly (readonly [string, number])[], classOf: Uint16Array): TrieNode[] {
  const trie: TrieNode[] = [{ children: new Map(), ids: [] }]
  for (const [text, id] of entries) {
    let state = 0
    for (let i = 0; i < text.length; i++) {
      const symbol = classOf[text.charCodeAt(i)] as number
      const node = trie[state] as TrieNode
      let child = node.children.get(symbol)
      if (child === undefined) {
        child = trie.length
        trie.push({ children: new Map(), ids: [] })
        node.children.set(symbol, child)
      }
      state = child
    }
    ;(trie[state] as TrieNode).ids.push(id)
  }
  return trie
}

/**
 * Who has to be woken when: a binary heap over the next due instant of each case. A case that waits for nothing costs
 * nothing, and a change costs O(log n). Entries that a later `set` has overtaken are dropped when they come up.
 */
export class WakeIndex {
  readonly #heap: { at: number; id: string }[] = []
  readonly #current = new Map<string, number>()

  /** Puts the wake-up of `id` at `at`, UTC ms; null when it needs none. */
  set(id: string, at: number | null): void {
    if (at === null) {
      this.#current.delete(id)
      return
    }
    if (this.#current.get(id) === at) return
    this.#current.set(id, at)
    this.#push({ at, id })
  }

  /** How many wait. */
  get size(): number {
    return this.#current.size
  }

  /** Takes at most `most` ids whose instant has come, earliest first; they wait for nothing until set again. */
  take(nowMs: number, most: number): string[] {
    const ids: string[] = []
    while (ids.length < most) {
      const top = this.#heap[0]
      if (top === undefined || top.at > nowMs) break
      this.#pop()
      if (this.#current.get(top.id) !== top.at) continue
      this.#current.delete(top.id)
      ids.push(top.id)
    }
    return ids
  }

  #push(entry: { at: number; id: string }): void {
    const heap = this.#heap
    let index = heap.length
    heap.push(entry)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent]
      if (above === undefined || above.at <= entry.at) break
      heap[index] = above
      index = parent
    }
    heap[index] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      const right = heap[child + 1]
      let below = heap[child]
      if (below === undefined) break
      if (right !== undefined && right.at < below.at) {
        below = right
        child += 1
      }
      if (below.at >= last.at) break
      heap[index] = below
      index = child
    }
    heap[index] = last
  }
}

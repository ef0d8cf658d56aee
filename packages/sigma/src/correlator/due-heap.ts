/** Groups by the watermark at which they have something to do, so that idle groups cost nothing when time moves on. */
export class DueHeap {
  private readonly items: { dueMs: number; groupKey: string }[] = []

  push(dueMs: number, groupKey: string): void {
    const { items } = this
    items.push({ dueMs, groupKey })
    let child = items.length - 1
    while (child > 0) {
      const parent = (child - 1) >>> 1
      if (this.at(parent) <= this.at(child)) break
      this.swap(parent, child)
      child = parent
    }
  }

  /** Takes the next group that is due before the watermark, if there is one. */
  popBefore(watermarkMs: number): { dueMs: number; groupKey: string } | undefined {
    const [top] = this.items
    if (top === undefined || top.dueMs >= watermarkMs) return undefined
    const last = this.items.pop()
    if (last !== undefined && last !== top) {
      this.items[0] = last
      this.sink()
    }
    return top
  }

  private sink(): void {
    let parent = 0
    for (;;) {
      const left = 2 * parent + 1
      if (left >= this.items.length) return
      const least = left + 1 < this.items.length && this.at(left + 1) < this.at(left) ? left + 1 : left
      if (this.at(parent) <= this.at(least)) return
      this.swap(parent, least)
      parent = least
    }
  }

  private at(index: number): number {
    return this.items[index]?.dueMs ?? Number.POSITIVE_INFINITY
  }

  private swap(a: number, b: number): void {
    const { items } = this
    const kept = items[a]
    const other = items[b]
    if (kept === undefined || other === undefined) return
    items[a] = other
    items[b] = kept
  }
}

/** Groups by the watermark at which they have something to do, so that idle groups cost nothing when time moves on. */
export class DueHeap<Item> {
  // Two lists side by side: numbers alone are kept without a box around each.
  private readonly times: number[] = []
  private readonly items: Item[] = []

  push(dueMs: number, item: Item): void {
    const { times, items } = this
    times.push(dueMs)
    items.push(item)
    let child = times.length - 1
    while (child > 0) {
      const parent = (child - 1) >>> 1
      if (this.at(parent) <= this.at(child)) break
      this.swap(parent, child)
      child = parent
    }
  }

  /** Takes the next item that is due before the watermark, with its time, if there is one. */
  popBefore(watermarkMs: number): { dueMs: number; item: Item } | undefined {
    const { times, items } = this
    const dueMs = times[0]
    const item = items[0]
    if (dueMs === undefined || item === undefined || dueMs >= watermarkMs) return undefined
    const lastMs = times.pop() as number
    const last = items.pop() as Item
    if (times.length > 0) {
      times[0] = lastMs
      items[0] = last
      this.sink()
    }
    return { dueMs, item }
  }

  private sink(): void {
    let parent = 0
    for (;;) {
      const left = 2 * parent + 1
      if (left >= this.times.length) return
      const least = left + 1 < this.times.length && this.at(left + 1) < this.at(left) ? left + 1 : left
      if (this.at(parent) <= this.at(least)) return
      this.swap(parent, least)
      parent = least
    }
  }

  private at(index: number): number {
    return this.times[index] ?? Number.POSITIVE_INFINITY
  }

  private swap(a: number, b: number): void {
    const { times, items } = this
    const time = times[a] as number
    const item = items[a] as Item
    times[a] = times[b] as number
    items[a] = items[b] as Item
    times[b] = time
    items[b] = item
  }
}

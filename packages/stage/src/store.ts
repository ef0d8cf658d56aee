/**
 * State of one task, a map whose changes go to a compacted changelog topic in the same transaction as the outputs and
 * offsets. Values are replaced, never changed in place, and are plain JSON.
 */
export interface Store<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
  has(key: string): boolean
  entries(): IterableIterator<[string, V]>
  readonly size: number
}

/** One change for the changelog: null deletes. */
export interface StoreChange {
  store: string
  key: string
  value: string | null
}

/** The stores of one task and what changed in them since the last drain. */
export class TaskStores {
  readonly #maps = new Map<string, Map<string, unknown>>()
  readonly #dirty = new Map<string, Set<string>>()

  /** Gives the store of that name; the names of a stage are declared in its definition. */
  store<V>(name: string): Store<V> {
    const map = this.#mapOf(name) as Map<string, V>
    const dirty = this.#dirtyOf(name)
    return {
      get: (key) => map.get(key),
      set: (key, value) => {
        map.set(key, value)
        dirty.add(key)
      },
      delete: (key) => {
        if (map.delete(key)) dirty.add(key)
      },
      has: (key) => map.has(key),
      entries: () => map.entries(),
      get size() {
        return map.size
      },
    }
  }

  /** Puts back what a changelog says, before the first record. */
  restore(name: string, key: string, value: string | null): void {
    if (value === null) this.#mapOf(name).delete(key)
    else this.#mapOf(name).set(key, JSON.parse(value))
  }

  /** Gives the changes since the last drain, the newest value of each key once. */
  drain(): StoreChange[] {
    const changes: StoreChange[] = []
    for (const [store, keys] of this.#dirty) {
      const map = this.#mapOf(store)
      for (const key of keys) changes.push({ store, key, value: map.has(key) ? JSON.stringify(map.get(key)) : null })
      keys.clear()
    }
    return changes
  }

  #mapOf(name: string): Map<string, unknown> {
    let map = this.#maps.get(name)
    if (map === undefined) {
      map = new Map()
      this.#maps.set(name, map)
    }
    return map
  }

  #dirtyOf(name: string): Set<string> {
    let dirty = this.#dirty.get(name)
    if (dirty === undefined) {
      dirty = new Set()
      this.#dirty.set(name, dirty)
    }
    return dirty
  }
}

/** Topic of a store's changelog: compacted, as many partitions as the input. */
export function changelogTopic(stage: string, store: string): string {
  return `${stage}.${store}.changelog`
}

import type { Store } from '@tocsin/stage'
import { declaredColumns } from './frames/w3c.ts'

/** Columns that sources have declared in their lines, the last of each source; state of the task, so that a restart reads on as before. */
export class ColumnMemory {
  readonly #store: Store<readonly string[]>

  constructor(store: Store<readonly string[]>) {
    this.#store = store
  }

  of(sourceId: string): readonly string[] | undefined {
    return this.#store.get(sourceId)
  }

  /** Notes what a frame declares; says whether it declared something. */
  note(sourceId: string, octets: Buffer): boolean {
    // `#`: nothing else can be a declaration, and most frames are none.
    if (octets[0] !== 35) return false
    const columns = declaredColumns(octets.toString('latin1', 0, 4_200))
    if (columns === undefined) return false
    const known = this.#store.get(sourceId)
    if (known?.join() !== columns.join()) this.#store.set(sourceId, columns)
    return true
  }
}

import type { CaseSummary } from './case-view.ts'

/** One change that open pages are told: a case as it is now, or that it is gone (null). */
export interface LiveChange {
  seq: number
  caseId: string
  constituent: string
  summary: CaseSummary | null
}

/**
 * The latest changes in order, so that a page whose connection broke goes on where it was. `epoch` names this process: a
 * page that comes from another one, or from too long ago, gets everything anew.
 */
export class LiveLog {
  readonly #epoch: string
  readonly #max: number
  readonly #changes: LiveChange[] = []
  readonly #listeners = new Set<(change: LiveChange) => void>()
  #seq = 0

  constructor(epoch: string, max = 5_000) {
    this.#epoch = epoch
    this.#max = max
  }

  append(caseId: string, constituent: string, summary: CaseSummary | null): void {
    const change = { seq: ++this.#seq, caseId, constituent, summary }
    this.#changes.push(change)
    if (this.#changes.length > this.#max) this.#changes.shift()
    for (const listener of this.#listeners) listener(change)
  }

  /** Calls for every later change until the function given back is called. */
  subscribe(listener: (change: LiveChange) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Id of a change for the stream. */
  idOf(seq: number): string {
    return `${this.#epoch}.${seq}`
  }

  get lastId(): string {
    return this.idOf(this.#seq)
  }

  /** Changes after the id that a page saw last; null when they are no longer known and it must begin anew. */
  since(lastId: string | undefined): readonly LiveChange[] | null {
    const [epoch, text] = (lastId ?? '').split('.')
    if (epoch !== this.#epoch || text === undefined || !/^\d{1,15}$/.test(text)) return null
    const seq = Number(text)
    const first = this.#changes[0]?.seq ?? this.#seq + 1
    if (seq > this.#seq || seq < first - 1) return null
    return this.#changes.slice(seq - first + 1)
  }
}

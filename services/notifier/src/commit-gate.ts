/**
 * Holds effects back until the intent to make them is committed, so that after a crash the changelog tells which of them may
 * have happened. Fed by the stage's transactions (`onTransaction`): what was intended before a transaction began is in it.
 */
export class CommitGate {
  readonly #intended: (() => void)[] = []
  readonly #committing: (() => void)[] = []

  /** Runs `effect` when the transaction that holds what the stage has just recorded is committed. */
  afterCommit(effect: () => void): void {
    this.#intended.push(effect)
  }

  /** Takes the phases of the stage's transactions, in order; only one is open at a time. */
  onTransaction(phase: 'begin' | 'written' | 'committed'): void {
    switch (phase) {
      case 'begin':
        this.#committing.push(...this.#intended.splice(0))
        return
      case 'written':
        return
      case 'committed':
        for (const effect of this.#committing.splice(0)) effect()
        return
      default:
        phase satisfies never
    }
  }
}

/**
 * A bounded memory of answers: two generations, of which the older is forgotten when the younger is full, so that what is asked again stays and
 * nothing has to be counted. `version` says what the answers belong to; another version forgets all.
 */
export class GenerationCache<Answer> {
  readonly #size: number
  #young = new Map<string, Answer>()
  #old = new Map<string, Answer>()
  #version = ''

  /** `size`: answers of one generation; at most twice as many are kept. */
  constructor(size: number) {
    this.#size = size
  }

  /** The answer for a key, found by `find` where it is not remembered. */
  get(key: string, version: string, find: (key: string) => Answer): Answer {
    if (version !== this.#version) {
      this.#version = version
      this.#young = new Map()
      this.#old = new Map()
    }
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    const answer = old === undefined ? find(key) : old
    if (this.#young.size >= this.#size) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, answer)
    return answer
  }
}

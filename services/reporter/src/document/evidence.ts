import { createHash } from 'node:crypto'
import type { AskedQuery, Figure } from './document.ts'
import { type AnyRecord, answer, matches, type Query, type QueryTopic, queryText, type Where } from './query.ts'

/** Where the records of a topic come from. */
export type Answers = (topic: QueryTopic) => readonly AnyRecord[]

/**
 * Every number of a report is the answer to a query, asked here: so each can name its proof, and the hash of all queries,
 * answers and lists is the hash of the data (XC-9). The same question is asked once.
 */
export class Evidence {
  readonly #records: Answers
  readonly #asked = new Map<string, AskedQuery>()
  readonly #listed: string[] = []

  constructor(records: Answers) {
    this.#records = records
  }

  /** Counts records. */
  count(topic: QueryTopic, where: Where): Figure {
    return this.#ask({ topic, where })
  }

  /** Adds up a field. */
  sum(topic: QueryTopic, where: Where, sum: string): Figure {
    return this.#ask({ topic, where, sum })
  }

  /** The records themselves; they are part of the hash by what `identify` says of each. */
  list<Kind>(topic: QueryTopic, where: Where, identify: (record: Kind) => readonly unknown[]): Kind[] {
    const terms = Object.entries(where)
    const found = this.#records(topic).filter((record) => matches(record, terms)) as unknown as Kind[]
    this.note(queryText({ topic, where }), found.map((record) => JSON.stringify(identify(record))).sort())
    return found
  }

  /** Puts what is printed and is no answer into the hash. */
  note(what: string, values: readonly unknown[]): void {
    this.#listed.push(`${what}: ${JSON.stringify(values)}`)
  }

  /** Every query with its answer, in the order asked. */
  get asked(): AskedQuery[] {
    return [...this.#asked.values()]
  }

  /** SHA-256 over every query, answer and list, the same for the same data whatever the order, language or time. */
  get sha256(): string {
    const lines = [...[...this.#asked].map(([text, { value }]) => `${text} = ${value}`), ...this.#listed].sort()
    return createHash('sha256').update(lines.join('\n')).digest('hex')
  }

  #ask(query: Query): Figure {
    const text = queryText(query)
    let asked = this.#asked.get(text)
    if (asked === undefined) {
      asked = { id: `q${this.#asked.size + 1}`, query, value: answer(query, this.#records(query.topic)) }
      this.#asked.set(text, asked)
    }
    return { figure: asked.value, query: asked.id }
  }
}

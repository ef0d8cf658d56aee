import type { InputTally } from './collect-door.ts'

/** What the log says of an input. */
export interface News {
  code: string
  input: string
  /** Lines since the last time this was said. */
  count: number
  sentence: string
}

const QUIET_MS = 60_000

/** Tells what was refused or dropped at a collector's door: at once, then at most once a minute for each input, with the count. */
export class DoorNews {
  readonly #told = new Map<string, { count: number; atMs: number }>()

  /** Takes the counts since the start, the last refused sender, and the time; gives what is to be said now. */
  take(tallies: ReadonlyMap<string, InputTally>, lastRefused: string | null, nowMs: number): News[] {
    const news: News[] = []
    for (const [input, { refused, dropped }] of tallies) {
      const strangers = this.#since(`refused ${input}`, refused, nowMs)
      if (strangers > 0) {
        const sentence = `${strangers} lines of senders that listen.allow does not name were refused on ${input}, the last from ${lastRefused ?? 'a stranger'}; nothing of them is kept.`
        news.push({ code: 'collector_sender_refused', input, count: strangers, sentence })
      }
      const lost = this.#since(`dropped ${input}`, dropped, nowMs)
      if (lost > 0) {
        const sentence = `${lost} datagrams were lost on ${input}: the store has no room, the disk is slow, or the system's receive buffer is small.`
        news.push({ code: 'collector_datagrams_dropped', input, count: lost, sentence })
      }
    }
    return news
  }

  #since(what: string, count: number, nowMs: number): number {
    const told = this.#told.get(what)
    if (count === (told?.count ?? 0) || (told !== undefined && nowMs - told.atMs < QUIET_MS)) return 0
    this.#told.set(what, { count, atMs: nowMs })
    return count - (told?.count ?? 0)
  }
}

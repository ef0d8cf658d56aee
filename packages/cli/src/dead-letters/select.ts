import type { DeadLetter } from '@tocsin/events'
import { StackError } from '../stack/stack-error.ts'

/** Which dead letters are meant; what is not given does not narrow. */
export interface Selection {
  service?: string | undefined
  code?: string | undefined
  constituent?: string | undefined
  topic?: string | undefined
  /** Earliest time of giving up, UTC ms. */
  sinceMs?: number | undefined
  /** Latest time of giving up (not included), UTC ms. */
  untilMs?: number | undefined
}

/** Says whether a dead letter is among those meant. `topicPrefix` is what the cluster puts before every topic. */
export function isSelected(letter: DeadLetter, selection: Selection, topicPrefix: string): boolean {
  const { service, code, constituent, topic, sinceMs, untilMs } = selection
  return (
    (service === undefined || letter.service === service) &&
    (code === undefined || letter.code === code) &&
    (constituent === undefined || letter.constituent === constituent) &&
    (topic === undefined || letter.topic === topicPrefix + topic) &&
    (sinceMs === undefined || letter.at >= sinceMs) &&
    (untilMs === undefined || letter.at < untilMs)
  )
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Reads a time: `90m`, `2h`, `7d` before `nowMs`, or an ISO 8601 instant with its zone (`2026-03-01T00:00:00Z`).
 * Throws `bad_argument` naming the option.
 */
export function readTime(option: string, text: string, nowMs: number): number {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  if (amount !== undefined && unit !== undefined) return nowMs - Number(amount) * (UNIT_MS[unit] ?? 0)
  const isInstant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
  const instant = isInstant ? Date.parse(text) : Number.NaN
  if (Number.isNaN(instant)) {
    throw new StackError(
      'bad_argument',
      `--${option} has "${text}" where 90m, 2h, 7d or a time such as 2026-03-01T00:00:00Z is wanted.`,
    )
  }
  return instant
}

/** What is kept of a dead letter for a list: everything short. */
export interface LetterRow {
  deadLetterId: string
  at: number
  service: string
  stage: string
  code: string
  message: string
  constituent: string | null
  topic: string
  partition: number
  offset: number
  bytes: number
  attempts: number
}

/** The newest rows, at most so many: a topic of ninety days does not fit into memory. One dead letter written twice is one row. */
export class NewestRows {
  readonly #rows = new Map<string, LetterRow>()
  readonly #rowsMax: number
  /** Dead letters seen that fitted the selection. */
  seen = 0

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax
  }

  add(letter: DeadLetter): void {
    if (!this.#rows.has(letter.deadLetterId)) this.seen++
    this.#rows.set(letter.deadLetterId, rowOf(letter))
    if (this.#rows.size > this.#rowsMax * 2) this.#trim()
  }

  /** Oldest first. */
  rows(): LetterRow[] {
    this.#trim()
    return [...this.#rows.values()]
  }

  #trim(): void {
    const newest = [...this.#rows.values()].sort((a, b) => a.at - b.at).slice(-this.#rowsMax)
    this.#rows.clear()
    for (const row of newest) this.#rows.set(row.deadLetterId, row)
  }
}

function rowOf(letter: DeadLetter): LetterRow {
  const { deadLetterId, at, service, stage, code, message, constituent, topic, partition, offset, attempts } = letter
  const bytes = letter.original.length
  return { deadLetterId, at, service, stage, code, message, constituent, topic, partition, offset, bytes, attempts }
}

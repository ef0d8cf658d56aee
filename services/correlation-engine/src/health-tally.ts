import { type HealthEvent, idFrom } from '@tocsin/events'
import type { OutputTo } from '@tocsin/stage'

const SERVICE = 'correlation-engine'
const TELL_EVERY_MS = 10 * 60_000
const SUBJECTS_MAX = 1_000

/** Something that operators are told as a number instead of one by one. */
export interface Tally {
  code: 'state_evicted' | 'late_events' | 'rule_in_shadow'
  /** What is counted apart from its like: a rule, or a rule and a source. */
  subject: string
  level: HealthEvent['level']
  constituent: string | null
  sourceId: string | null
  /** The sentence for the count since it was last told. */
  message: (count: number) => string
  values: Record<string, string>
}

interface Subject {
  tally: Tally
  count: number
  total: number
  toldAtMs: number
  raised: boolean
}

/**
 * Counts what must not pass silently but must not flood either: each subject is told at once, then every ten minutes with its
 * count, and cleared after ten minutes without. At most 1,000 subjects are told apart; what is beyond is told as one.
 */
export class HealthTally {
  readonly #slot: string
  readonly #subjects = new Map<string, Subject>()

  constructor(slot: string) {
    this.#slot = slot
  }

  add(tally: Tally, count = 1): void {
    const known = this.#subjects.get(`${tally.code} ${tally.subject}`)
    const subject = known === undefined && this.#subjects.size >= SUBJECTS_MAX ? { ...tally, subject: 'others' } : tally
    const key = `${subject.code} ${subject.subject}`
    const found = this.#subjects.get(key)
    if (found === undefined) {
      const toldAtMs = Number.NEGATIVE_INFINITY
      this.#subjects.set(key, { tally: subject, count, total: count, toldAtMs, raised: false })
    } else {
      found.tally = subject
      found.count += count
      found.total += count
    }
  }

  /** What is due to be told at `nowMs`. */
  drain(nowMs: number): OutputTo<'health-events'>[] {
    const told: OutputTo<'health-events'>[] = []
    for (const [key, subject] of this.#subjects) {
      if (nowMs < subject.toldAtMs + TELL_EVERY_MS) continue
      if (subject.count > 0) told.push(this.#record(subject, 'raised', nowMs))
      else {
        if (subject.raised) told.push(this.#record(subject, 'cleared', nowMs))
        this.#subjects.delete(key)
        continue
      }
      subject.raised = true
      subject.count = 0
      subject.toldAtMs = nowMs
    }
    return told
  }

  #record({ tally, count, total }: Subject, state: 'raised' | 'cleared', atMs: number): OutputTo<'health-events'> {
    const { code, subject, level, constituent, sourceId, values } = tally
    const message = state === 'raised' ? tally.message(count) : `${tally.message(0)} It has stopped.`
    return {
      topic: 'health-events',
      key: constituent ?? SERVICE,
      value: {
        healthId: idFrom(SERVICE, code, this.#slot, subject, state, atMs),
        code,
        service: SERVICE,
        slot: this.#slot,
        constituent,
        sourceId,
        level: state === 'cleared' ? 'info' : level,
        state,
        at: atMs,
        message,
        values: { ...values, subject, count: String(count), total: String(total) },
      },
    }
  }
}

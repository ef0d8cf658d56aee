import { isDeepStrictEqual } from 'node:util'
import type { Incident } from '@tocsin/events'
import { localTime } from '@tocsin/obligations'
import { type Outcome, type Output, reject, type Store, type Task } from '@tocsin/stage'
import { AuditChain, type AuditFact, type ChainHead } from './audit.ts'
import type { CaseState } from './case.ts'
import { type Change, commitChange } from './change.ts'
import { settle } from './clocks.ts'
import { isEnded } from './handler.ts'
import type { Law, Registry } from './registry.ts'
import type { ResponseReach } from './response/filters.ts'
import { withPossibility } from './response/possibility.ts'
import { WakeIndex } from './wake-index.ts'

/** Cases whose clocks are looked at in one tick: bounds a transaction; the rest follow in the next tick. */
const MAX_WOKEN = 500
const FOLLOW_EVERY_MS = 60_000
/** Values of a regulation that one case remembers; more than that were entered by mistake. */
const MAX_REGULATIONS = 100

/**
 * The cases of one task, with their clocks, their numbers and the audit chain: the one place where a case is written. The
 * stores are the truth; the wake-up index is made from them and costs nothing for a case that waits for nothing.
 */
export class CaseLedger {
  readonly cases: Store<CaseState>
  readonly #name: string
  readonly #partition: number
  readonly #registry: Registry
  readonly #numbers: Store<number>
  readonly #audit: AuditChain
  readonly #reach: ResponseReach
  readonly #wakes = new WakeIndex()
  #followedAt = 0

  constructor(name: string, task: Task, registry: Registry, reach: ResponseReach) {
    this.#name = name
    this.#reach = reach
    this.#partition = task.partition
    this.#registry = registry
    this.cases = task.store('cases')
    this.#numbers = task.store('numbers')
    this.#audit = new AuditChain(`${name}-${task.partition}`, task.store<ChainHead>('audit'))
    for (const [caseId, state] of this.cases.entries()) this.#wakes.set(caseId, state.wakeAt)
  }

  /** Looks at the cases whose next instant has come: due times, warnings, repeats. */
  wakeDue(nowMs: number): Output[] {
    return this.#wakes.take(nowMs, MAX_WOKEN).flatMap((caseId) => this.#wake(caseId, nowMs))
  }

  /** A manager's own regulation was changed: the clocks of its open cases follow the new values at once (VN-5.3b). */
  followRegulations(nowMs: number): Output[] {
    if (nowMs - this.#followedAt < FOLLOW_EVERY_MS) return []
    this.#followedAt = nowMs
    const outputs: Output[] = []
    for (const [, state] of this.cases.entries()) {
      const limits = this.#registry.constituent(state.record.constituent)?.limits
      const law = limits === undefined || isEnded(state) ? undefined : this.lawOf(state.record)
      if (limits === undefined || law === undefined) continue
      const held = state.settingsSince?.at(-1)?.settings ?? state.settings
      if (isDeepStrictEqual(held, limits)) continue
      const settingsSince = [...(state.settingsSince ?? []), { at: nowMs, settings: limits }].slice(-MAX_REGULATIONS)
      const detail = Object.fromEntries(Object.entries(limits))
      const change = { action: 'regulation-changed', actor: this.#name, reason: null, detail }
      outputs.push(...this.commit({ ...state, settingsSince }, law, change, nowMs))
      if (outputs.length > MAX_WOKEN) {
        // The rest follows in the next tick.
        this.#followedAt = Number.NEGATIVE_INFINITY
        break
      }
    }
    return outputs
  }

  #wake(caseId: string, nowMs: number): Output[] {
    const state = this.cases.get(caseId)
    const law = state === undefined ? undefined : this.lawOf(state.record)
    // A pack that was refused at this start: the case keeps its wake-up and goes on when the pack is back.
    if (state === undefined || law === undefined) return []
    const settled = settle(state, law, this.#registry, nowMs)
    if (settled.happened.length === 0) {
      this.#put(settled.state)
      return []
    }
    const change = {
      action: clockAction(settled.happened),
      actor: this.#name,
      reason: null,
      detail: { clocks: settled.happened.join('; ') },
    }
    const committed = commitChange(settled.state, change, nowMs)
    this.#put(committed.state)
    return [...committed.outputs, ...settled.outputs]
  }

  /** Brings the clocks of a changed case up to now and writes its next revision. */
  commit(state: CaseState, law: Law, change: Change, nowMs: number): Output[] {
    const settled = settle(withPossibility(state, this.#reach), law, this.#registry, nowMs)
    const detail =
      settled.happened.length === 0 ? change.detail : { ...change.detail, clocks: settled.happened.join('; ') }
    const committed = commitChange(settled.state, { ...change, detail }, nowMs)
    this.#put(committed.state)
    return [...committed.outputs, ...settled.outputs]
  }

  #put(state: CaseState): void {
    this.cases.set(state.record.caseId, state)
    this.#wakes.set(state.record.caseId, state.wakeAt)
  }

  /** A case keeps the pack that was in force at its first instant (XC-2). */
  lawOf({ pack, packVersion }: Incident): Law | undefined {
    return this.#registry.law(pack, { version: packVersion })
  }

  /** The law of a pack that is in force at an instant, UTC ms. */
  lawNow(packId: string, at: number): Law | undefined {
    return this.#registry.law(packId, { at })
  }

  /** `KZ-2026-0-000042`: country, year there, partition that counts, number. Requests have a series of their own, `R-KZ-…`. */
  nextNumber(law: Law, nowMs: number, prefix = ''): string {
    const year = localTime(law.pack.timeZone, nowMs).slice(0, 4)
    const series = `${prefix}${law.pack.country}-${year}-${this.#partition}`
    const next = (this.#numbers.get(series) ?? 0) + 1
    this.#numbers.set(series, next)
    return `${series}-${String(next).padStart(6, '0')}`
  }

  /** Appends one entry to the audit chain; gives the record to write. */
  audited(fact: AuditFact): Output {
    return this.#audit.append(fact)
  }
}

/** Why a record of a body has to wait: its law is not there. */
export function packUnavailable(packId: string, constituent: string): Outcome {
  return reject(
    'pack_unavailable',
    `The pack ${packId} of ${constituent} is missing, was refused at the start, or was not in force then: repair it, start again and replay.`,
    constituent,
  )
}

/** The name of a change that clocks made by themselves: the gravest thing that happened. */
function clockAction(happened: readonly string[]): string {
  const words = ['escalated', 'breached', 'warned', 'started', 'met', 'cancelled']
  return `clock-${words.find((word) => happened.some((text) => text.split(/[ ,]/)[1] === word)) ?? 'corrected'}`
}

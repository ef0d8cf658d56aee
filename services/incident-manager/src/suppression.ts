import { caseGroupOf, type Detection, idFrom, type Suppression } from '@tocsin/events'
import type { OutputTo, Store } from '@tocsin/stage'
import { type CaseState, LEVELS } from './case.ts'

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 30
const MAX_DAYS = 365

/** A suppression asked for with a false positive, or why there can be none. */
export type SuppressionWish = Suppression | null | { reason: string }

/**
 * The suppression rule that a false positive asks for: detections of its rule and its group, up to its level, for `days`.
 * Null where none is asked for. It always ends, and a graver detection opens a case all the same.
 */
export function suppressionOf(
  state: CaseState,
  fields: Readonly<Record<string, string>>,
  actor: string,
  reason: string,
  at: number,
): SuppressionWish {
  if (fields.suppress === undefined || fields.suppress === 'no') return null
  if (fields.suppress !== 'yes') return { reason: `suppress is "yes" or "no", not "${fields.suppress}".` }
  if (state.origin !== 'rule') return { reason: 'Only a case that a rule made can be suppressed from now on.' }
  const days = fields.days === undefined ? DEFAULT_DAYS : Number(fields.days)
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS)
    return { reason: `A suppression lasts a whole number of days from 1 to ${MAX_DAYS}.` }
  const { constituent, ruleId, groupKey, caseId, exercise } = state.record
  return {
    suppressionId: suppressionIdOf(constituent, ruleId, groupKey),
    constituent,
    caseId,
    ruleId,
    groupKey,
    maxLevel: state.level,
    reason,
    exercise,
    createdAt: at,
    createdBy: actor,
    expiresAt: at + days * DAY_MS,
    liftedAt: null,
    liftedBy: null,
  }
}

function suppressionIdOf(constituent: string, ruleId: string, groupKey: string): string {
  return idFrom('suppression', constituent, ruleId, groupKey)
}

/** The suppressions in force, kept with the cases: what they drop is counted, what made them is in the audit. */
export class SuppressionList {
  readonly #store: Store<Suppression>

  constructor(store: Store<Suppression>) {
    this.#store = store
  }

  /** Makes or lifts one; gives the record to write. */
  put(suppression: Suppression): OutputTo<'suppressions'> {
    if (suppression.liftedAt === null) this.#store.set(suppression.suppressionId, suppression)
    else this.#store.delete(suppression.suppressionId)
    return { topic: 'suppressions', key: suppression.suppressionId, value: suppression }
  }

  /** True when a detection of this rule, group and level is suppressed at `nowMs`. */
  holdsBack(detection: Detection, nowMs: number): boolean {
    const { constituent, ruleId, level } = detection
    const found = this.#store.get(suppressionIdOf(constituent, ruleId, caseGroupOf(detection).key))
    return found !== undefined && nowMs < found.expiresAt && rank(level) <= rank(found.maxLevel)
  }

  /** The suppression that was made from a case and is in force, or undefined. */
  ofCase(state: CaseState): Suppression | undefined {
    const { constituent, ruleId, groupKey, caseId } = state.record
    const found = this.#store.get(suppressionIdOf(constituent, ruleId, groupKey))
    return found?.caseId === caseId ? found : undefined
  }

  /** Forgets what ended before `nowMs`. */
  prune(nowMs: number): void {
    for (const [id, { expiresAt }] of this.#store.entries()) if (expiresAt <= nowMs) this.#store.delete(id)
  }
}

/** A suppression that a person ends before its time. */
export function lifted(suppression: Suppression, actor: string, at: number): Suppression {
  return { ...suppression, liftedAt: at, liftedBy: actor }
}

function rank(level: string): number {
  return (LEVELS as readonly string[]).indexOf(level)
}

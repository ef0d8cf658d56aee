import type { Suppression } from '@tocsin/events'
import type { Output } from '@tocsin/stage'
import type { CaseState } from './case.ts'
import type { Change } from './change.ts'

/** Codes of a command's answer (schemas/command-result.avsc). */
export type AnswerCode =
  | 'accepted'
  | 'stale-revision'
  | 'unknown-case'
  | 'illegal-transition'
  | 'not-permitted'
  | 'invalid'

/** A command that takes no effect, with one clear sentence. */
export interface Refusal {
  code: Exclude<AnswerCode, 'accepted'>
  reason: string
}

/** One case and what is changed of it. */
export interface CaseChange {
  state: CaseState
  change: Change
}

/** What a command makes of a case, and of others where it concerns more than one. */
export interface Applied extends CaseChange {
  /** Other cases of the same body: the one merged into, the one split off, what else a shift hands over. */
  others?: readonly CaseChange[]
  /** Records beside those of the cases: a request. */
  outputs?: readonly Output[]
  /** Suppressions made or lifted. */
  suppressions?: readonly Suppression[]
  /** Detections that belong to another case from now on, so that their later revisions follow. */
  moved?: { detectionIds: readonly string[]; caseId: string }
  /** What the answer says instead of the action's name. */
  said?: string
}

export type Decision = Refusal | Applied

export function refuse(code: Refusal['code'], reason: string): Refusal {
  return { code, reason }
}

export function isRefusal(decision: Refusal | object): decision is Refusal {
  return 'code' in decision
}

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

/** What a command makes of a case. */
export interface Applied {
  state: CaseState
  change: Change
}

export type Decision = Refusal | Applied

export function refuse(code: Refusal['code'], reason: string): Refusal {
  return { code, reason }
}

export function isRefusal(decision: Decision): decision is Refusal {
  return 'code' in decision
}

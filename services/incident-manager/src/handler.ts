import type { Incident, IncidentCommand } from '@tocsin/events'
import type { CaseState, DetectionEntry } from './case.ts'
import { type Applied, type Decision, refuse } from './decision.ts'
import type { Law } from './registry.ts'
import type { ResponseReach } from './response/filters.ts'
import type { SuppressionList } from './suppression.ts'

/** What a command may look at beside its own case. */
export interface CaseBook {
  get(caseId: string): CaseState | undefined
  /** Every case of the body that is not closed, merged or a false positive. */
  openOf(constituent: string): CaseState[]
  detection(detectionId: string): DetectionEntry | undefined
  suppressions: Pick<SuppressionList, 'ofCase'>
  /** The packet filters that response actions may use, and what they never touch. */
  reach: ResponseReach
  /** The next human number; asking for one uses it up. */
  nextNumber(law: Law): string
}

/** Decides one command on a case that exists; `at` is the instant of what the person did. */
export type Handler = (state: CaseState, command: IncidentCommand, at: number, law: Law, book: CaseBook) => Decision

export const MAX_TEXT = 8000
const ENDED = ['closed', 'false-positive', 'merged']

/** True for a case in which nothing more is done. */
export function isEnded(state: CaseState): boolean {
  return ENDED.includes(state.record.status)
}

/** A command that a case which has ended refuses. */
export function whileOpen(handler: Handler): Handler {
  return (state, command, at, law, book) =>
    isEnded(state)
      ? refuse('illegal-transition', `The case is ${state.record.status}; ${command.action} is no longer possible.`)
      : handler(state, command, at, law, book)
}

/** Adds a fact that clocks look at, and what of the record changes with it. */
export function withFact(state: CaseState, name: string, at: number, record: Partial<Incident>): CaseState {
  return { ...state, facts: [...state.facts, { name, at }], record: { ...state.record, ...record } }
}

/** The decision that a command takes effect, with what its history says. */
export function applied(
  state: CaseState,
  command: IncidentCommand,
  action: string,
  detail: Record<string, string> = {},
): Applied {
  return { state, change: { action, actor: command.actor, reason: command.reason, detail } }
}

/** One argument of a command, trimmed and bounded; '' where it was not given. */
export function textOf(command: IncidentCommand, field: string, maxLength = MAX_TEXT): string {
  return (command.fields[field] ?? '').trim().slice(0, maxLength)
}

/** The reason of a command, trimmed; '' where none was given. */
export function reasonOf(command: IncidentCommand): string {
  return (command.reason ?? '').trim().slice(0, MAX_TEXT)
}

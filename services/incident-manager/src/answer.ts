import type { IncidentCommand } from '@tocsin/events'
import type { OutputTo } from '@tocsin/stage'
import { type AnswerCode, type Decision, isRefusal } from './decision.ts'

/** What a command was answered, kept so that a repeat of it is answered the same and does nothing. */
export interface Answer {
  caseId: string
  code: AnswerCode
  reason: string
  revision: number
  at: number
}

/** The answer to a decision; `revision` is the case's after the command. */
export function answerOf(decision: Decision, caseId: string, revision: number, at: number): Answer {
  if (isRefusal(decision)) return { caseId, code: decision.code, reason: decision.reason, revision, at }
  const reason = decision.said ?? `Done: ${decision.change.action}.`
  return { caseId, code: 'accepted', reason, revision, at }
}

/** The record for `command-results`, for which console and command line wait. */
export function resultOf(command: IncidentCommand, answer: Answer): OutputTo<'command-results'> {
  const { caseId, code, reason, revision, at } = answer
  return {
    topic: 'command-results',
    key: command.commandId,
    value: {
      commandId: command.commandId,
      constituent: command.constituent,
      caseId,
      accepted: code === 'accepted',
      code,
      reason,
      revision,
      at,
    },
  }
}

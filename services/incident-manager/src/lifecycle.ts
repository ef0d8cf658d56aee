import type { IncidentCommand } from '@tocsin/events'
import { actions } from './actions.ts'
import type { CaseState } from './case.ts'
import { type Creation, createByHand } from './create.ts'
import { type Decision, refuse } from './decision.ts'
import { handOver } from './hand-over.ts'
import type { CaseBook } from './handler.ts'
import { isAction, mayCommand } from './permissions.ts'
import type { Law } from './registry.ts'

/** What a decision may look at. */
export interface Setting {
  /** Null where the constituent, or its pack, is not known. */
  law: Law | null
  creation: Creation
  book: CaseBook
  nowMs: number
}

/**
 * Decides one command: known, permitted, about a case of that constituent, given in sight of the newest command, legal in the
 * case's state. Takes the case, or undefined; gives the changed case or the refusal. Nothing else is touched.
 */
export function decide(state: CaseState | undefined, command: IncidentCommand, setting: Setting): Decision {
  const { action, actorRoles, caseId, constituent, expectedRevision } = command
  const tooLarge = excessOf(command)
  if (tooLarge !== null) return refuse('invalid', tooLarge)
  if (!isAction(action)) return refuse('invalid', `There is no command "${action}".`)
  if (!mayCommand(action, actorRoles)) {
    return refuse(
      'not-permitted',
      `The roles of ${command.actor} (${actorRoles.join(', ') || 'none'}) do not allow ${action}.`,
    )
  }
  if (setting.law === null) {
    return refuse('invalid', `The pack of ${constituent} is not loaded, so nothing can be decided for it now.`)
  }
  if (action === 'create') return createByHand(command, setting.law, setting.creation, setting.nowMs)
  // A shift is handed over for all cases of the body at once.
  if (action === 'hand-over' && caseId === '') return handOver(undefined, command, setting.book)
  // A case of another body is as unknown as one that does not exist (design.md 2.6).
  if (state === undefined || state.record.constituent !== constituent) {
    return refuse('unknown-case', `${constituent} has no case ${caseId}, or it ended long ago and was put away.`)
  }
  if (expectedRevision !== null && expectedRevision < state.commandRevision) {
    return refuse(
      'stale-revision',
      `The case was changed by a command at revision ${state.commandRevision}; you saw ${expectedRevision}. Look again.`,
    )
  }
  if (expectedRevision !== null && expectedRevision > state.record.revision) {
    return refuse('stale-revision', `The case is at revision ${state.record.revision}, not yet at ${expectedRevision}.`)
  }
  if (action === 'hand-over') return handOver(state, command, setting.book)
  return actions[action](state, command, instantOf(command, state, setting.nowMs), setting.law, setting.book)
}

const LIMITS = { fields: 40, nameLength: 60, valueLength: 16_000, reasonLength: 8_000, actorLength: 200, roles: 20 }

/** What of a command is larger than a person types; null where nothing is. It comes from mails and forms too. */
export function excessOf({ fields, reason, actor, actorRoles, commandId }: IncidentCommand): string | null {
  const entries = Object.entries(fields)
  if (entries.length > LIMITS.fields) return `A command has at most ${LIMITS.fields} arguments, not ${entries.length}.`
  const large = entries.find(([name, value]) => name.length > LIMITS.nameLength || value.length > LIMITS.valueLength)
  if (large !== undefined)
    return `The argument ${large[0].slice(0, LIMITS.nameLength)} is longer than ${LIMITS.valueLength} characters.`
  if ((reason ?? '').length > LIMITS.reasonLength) return `A reason has at most ${LIMITS.reasonLength} characters.`
  return actor.length > LIMITS.actorLength || commandId.length > LIMITS.actorLength || actorRoles.length > LIMITS.roles
    ? `Actor and id of a command have at most ${LIMITS.actorLength} characters, and an actor ${LIMITS.roles} roles.`
    : null
}

/** The instant of what a person did: when they gave the command, never ahead of now and never before T0. */
function instantOf(command: IncidentCommand, state: CaseState, nowMs: number): number {
  return Math.max(Math.min(command.issuedAt, nowMs), state.record.detectedAt)
}

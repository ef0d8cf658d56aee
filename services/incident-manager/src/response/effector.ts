import { type HealthEvent, type IncidentCommand, idFrom, type ResponseAction } from '@tocsin/events'
import {
  drop,
  emit,
  type Outcome,
  type Output,
  type Stage,
  type StageDefinition,
  type Store,
  type Task,
} from '@tocsin/stage'
import { FILTER_ROLE } from '../permissions.ts'
import type { FilterAnswer, FilterGate } from './filter-gate.ts'

export const EFFECTOR = 'incident-manager.responses'
const SERVICE = 'incident-manager'

/** A filter that cannot be reached is tried again for so long; then people are told. */
export const GIVE_UP_AFTER_MS = 10 * 60_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
const MAX_IN_FLIGHT = 8

/** What is still to be done at a filter for one action: the newest of its states counts. */
export interface Wanted {
  action: ResponseAction
  attempts: number
  nextAt: number
  since: number
}

interface Finished {
  actionId: string
  revision: number
  answer: FilterAnswer
}

/**
 * Approved actions in, what their filters did out, as commands on the case. The effect happens beside the loop; its record is
 * written by a later tick, in one transaction with the state. A crash between the two asks the filter again with the same
 * action id, which does nothing twice (deploy/filter/tocsin-filter); the command's id follows from action and state, so it is
 * one record.
 */
export function responseEffector(gate: FilterGate): StageDefinition<'response-actions'> {
  return {
    name: EFFECTOR,
    inputs: ['response-actions'],
    stores: ['wanted'],
    create: (task) => new Effector(task, gate),
  }
}

class Effector implements Stage<'response-actions'> {
  readonly #wanted: Store<Wanted>
  readonly #gate: FilterGate
  readonly #inFlight = new Set<string>()
  readonly #finished: Finished[] = []

  constructor(task: Task, gate: FilterGate) {
    this.#wanted = task.store('wanted')
    this.#gate = gate
  }

  process({ value: action }: { value: ResponseAction }, nowMs: number): Outcome {
    const { actionId, state, exercise } = action
    // No exercise reaches a filter, whatever the record says.
    if (exercise || (state !== 'approved' && state !== 'reverting')) return drop('nothing-to-do')
    const before = this.#wanted.get(actionId)
    if (before !== undefined && before.action.revision >= action.revision) return drop('repeat')
    this.#wanted.set(actionId, { action, attempts: 0, nextAt: nowMs, since: nowMs })
    return emit()
  }

  tick(nowMs: number): Output[] {
    const outputs = this.#finished.splice(0).flatMap((finished) => this.#settle(finished, nowMs))
    for (const [actionId, wanted] of this.#wanted.entries()) {
      if (this.#inFlight.size >= MAX_IN_FLIGHT) break
      if (wanted.nextAt <= nowMs && !this.#inFlight.has(actionId)) this.#ask(actionId, wanted)
    }
    return outputs
  }

  /** One question at a time for an action, so that an undo never overtakes what it undoes. */
  #ask(actionId: string, { action }: Wanted): void {
    this.#inFlight.add(actionId)
    const done = (answer: FilterAnswer): void => {
      this.#finished.push({ actionId, revision: action.revision, answer })
    }
    void this.#gate(action).then(done, (error: unknown) => done({ kind: 'unreachable', reply: String(error) }))
  }

  #settle({ actionId, revision, answer }: Finished, nowMs: number): Output[] {
    this.#inFlight.delete(actionId)
    const wanted = this.#wanted.get(actionId)
    // Something newer was asked for meanwhile: this answer is of no use, the next tick asks for the newer one.
    if (wanted === undefined || wanted.action.revision !== revision) return []
    const { action, attempts, since } = wanted
    const isLate = nowMs - since >= GIVE_UP_AFTER_MS
    if (answer.kind === 'unreachable' && !isLate) {
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** attempts, LONGEST_PAUSE_MS)
      this.#wanted.set(actionId, { ...wanted, attempts: attempts + 1, nextAt: nowMs + pauseMs })
      return []
    }
    this.#wanted.delete(actionId)
    if (answer.kind === 'done') {
      return [effectOf(action, action.state === 'approved' ? 'applied' : 'reverted', answer.reply, nowMs)]
    }
    return [effectOf(action, 'failed', answer.reply, nowMs), alarmOf(action, answer.reply, nowMs)]
  }
}

/** The command that tells the case; its id follows from the state that was asked for, so that a repeat is recognised. */
function effectOf(action: ResponseAction, outcome: string, reply: string, nowMs: number): Output {
  const { actionId, revision, constituent, caseId } = action
  const value: IncidentCommand = {
    commandId: idFrom('response-effect', actionId, revision),
    constituent,
    caseId,
    action: 'response-effect',
    expectedRevision: null,
    actor: SERVICE,
    actorRoles: [FILTER_ROLE],
    channel: FILTER_ROLE,
    issuedAt: nowMs,
    reason: null,
    fields: { response: actionId, revision: String(revision), outcome, reply },
  }
  return { topic: 'incident-commands', key: constituent, value }
}

/** Operators are told of a measure that could not be carried out, or not be undone. */
function alarmOf(action: ResponseAction, reply: string, nowMs: number): Output {
  const { actionId, revision, constituent, kind, target, viaSourceId, state } = action
  const wish = state === 'approved' ? 'carried out' : 'undone'
  const value: HealthEvent = {
    healthId: idFrom('response_failed', actionId, revision),
    code: 'response_failed',
    service: SERVICE,
    slot: '0',
    constituent,
    sourceId: viaSourceId,
    level: 'critical',
    state: 'raised',
    at: nowMs,
    message: `The measure ${kind} ${target} could not be ${wish} at the packet filter ${viaSourceId ?? ''}: ${reply}`,
    values: { response: actionId, kind, target, filter: viaSourceId ?? '', reply },
  }
  return { topic: 'health-events', key: constituent, value }
}

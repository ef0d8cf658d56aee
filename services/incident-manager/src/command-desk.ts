import type { IncidentCommand } from '@tocsin/events'
import { drop, emit, type Outcome, type Output, type Store } from '@tocsin/stage'
import { type Answer, answerOf, resultOf } from './answer.ts'
import type { DetectionEntry } from './case.ts'
import type { CaseLedger } from './case-ledger.ts'
import { type Applied, isRefusal, refuse } from './decision.ts'
import { openOf } from './grouping.ts'
import type { CaseBook } from './handler.ts'
import { decide, excessOf } from './lifecycle.ts'
import type { Law, Registry } from './registry.ts'
import { isRequestAction } from './requests/request-actions.ts'
import type { RequestDesk } from './requests/request-desk.ts'
import type { ResponseReach } from './response/filters.ts'
import type { SuppressionList } from './suppression.ts'

/** What commands look at and change. */
export interface CommandParts {
  ledger: CaseLedger
  registry: Registry
  detections: Store<DetectionEntry>
  commands: Store<Answer>
  suppressions: SuppressionList
  requests: RequestDesk
  reach: ResponseReach
}

/** Decides the commands that people give, each once, and answers each; what was decided is written by the ledger. */
export class CommandDesk {
  readonly #parts: CommandParts

  constructor(parts: CommandParts) {
    this.#parts = parts
  }

  /** A repeat of a command is answered as the first time and does nothing. */
  process(command: IncidentCommand, nowMs: number): Outcome {
    // What became of a notice is the notifier's to take; it answers.
    if (command.action === 'notice-outcome') return drop('for-the-notifier')
    const key = `${command.constituent}/${command.commandId}`
    const before = this.#parts.commands.get(key)
    if (before !== undefined) return emit(resultOf(command, before))
    const { answer, outputs } = this.#isOfRequest(command) ? this.#request(command, nowMs) : this.#case(command, nowMs)
    this.#parts.commands.set(key, answer)
    return emit(...outputs, resultOf(command, answer), this.#audited(command, answer, nowMs))
  }

  #isOfRequest({ action, caseId }: IncidentCommand): boolean {
    return isRequestAction(action) || (action === 'acknowledge-notice' && this.#parts.requests.has(caseId))
  }

  #request(command: IncidentCommand, nowMs: number): { answer: Answer; outputs: Output[] } {
    const { registry, ledger, requests } = this.#parts
    const packId = registry.constituent(command.constituent)?.pack
    const law = (packId === undefined ? undefined : ledger.lawNow(packId, nowMs)) ?? null
    const tooLarge = excessOf(command)
    const { decision, requestId, outputs } =
      tooLarge === null
        ? requests.command(command, law, nowMs)
        : { decision: refuse('invalid', tooLarge), requestId: command.caseId, outputs: [] }
    const [code, reason] = isRefusal(decision)
      ? [decision.code, decision.reason]
      : (['accepted', decision.said] as const)
    return { answer: { caseId: requestId, code, reason, revision: 0, at: nowMs }, outputs }
  }

  #case(command: IncidentCommand, nowMs: number): { answer: Answer; outputs: Output[] } {
    const { registry, ledger } = this.#parts
    const state = ledger.cases.get(command.caseId)
    const body = registry.constituent(command.constituent)
    const fresh = body === undefined ? undefined : ledger.lawNow(body.pack, nowMs)
    const law = (state === undefined ? fresh : ledger.lawOf(state.record)) ?? null
    const creation = { settings: body?.limits ?? {}, nextNumber: (of: Law) => ledger.nextNumber(of, nowMs) }
    const decision = decide(state, command, { law, creation, book: this.#book(nowMs), nowMs })
    const isDone = !isRefusal(decision) && law !== null
    const outputs = isDone ? this.#apply(decision, law, nowMs) : []
    const caseId = isDone ? decision.state.record.caseId : command.caseId
    const after = ledger.cases.get(caseId)?.record
    const revision = after?.constituent === command.constituent ? after.revision : 0
    return { answer: answerOf(decision, caseId, revision, nowMs), outputs }
  }

  #audited(command: IncidentCommand, { caseId, code, reason: said }: Answer, at: number): Output {
    const { action, actor, actorRoles: roles, constituent } = command
    const outcome = code === 'accepted' ? 'allowed' : code === 'not-permitted' ? 'denied' : 'failed'
    const reason = code === 'accepted' ? command.reason : said
    const fact = { at, constituent, actor, roles, action: `incident.${action}`, object: caseId, outcome, reason }
    return this.#parts.ledger.audited(fact)
  }

  /** Writes what a command did: its case, the others that it concerns, and the records beside them. */
  #apply(decision: Applied, law: Law, nowMs: number): Output[] {
    const { others = [], outputs = [], suppressions = [], moved } = decision
    for (const id of moved?.detectionIds ?? []) {
      const entry = this.#parts.detections.get(id)
      if (entry !== undefined) this.#parts.detections.set(id, { ...entry, caseId: moved?.caseId ?? entry.caseId })
    }
    return [
      ...[decision, ...others].flatMap(({ state, change }) => {
        const commandRevision = state.record.revision + 1
        return this.#parts.ledger.commit({ ...state, commandRevision }, law, change, nowMs)
      }),
      ...outputs,
      ...suppressions.map((suppression) => this.#parts.suppressions.put(suppression)),
    ]
  }

  #book(nowMs: number): CaseBook {
    return {
      get: (caseId) => this.#parts.ledger.cases.get(caseId),
      detection: (detectionId) => this.#parts.detections.get(detectionId),
      openOf: (constituent) => openOf(this.#parts.ledger.cases, constituent),
      suppressions: this.#parts.suppressions,
      reach: this.#parts.reach,
      nextNumber: (law) => this.#parts.ledger.nextNumber(law, nowMs),
    }
  }
}

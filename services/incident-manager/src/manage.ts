import {
  caseGroupOf,
  type Delivery,
  type Detection,
  type Incident,
  type IncidentCommand,
  type Suppression,
} from '@tocsin/events'
import { localTime } from '@tocsin/obligations'
import {
  drop,
  emit,
  type Outcome,
  type Output,
  type Received,
  reject,
  type Stage,
  type StageDefinition,
  type Store,
  type Task,
} from '@tocsin/stage'
import { type Answer, answerOf, resultOf } from './answer.ts'
import { AuditChain, type ChainHead } from './audit.ts'
import type { CaseState, DetectionEntry } from './case.ts'
import { type Change, commitChange } from './change.ts'
import { settle } from './clocks.ts'
import { type Applied, isRefusal } from './decision.ts'
import { applyDelivery, ticketUploaded, uploadOf } from './deliveries.ts'
import { forget } from './forget.ts'
import { openOf, placeOf } from './grouping.ts'
import type { CaseBook } from './handler.ts'
import { noticesOfHealth } from './health-notices.ts'
import { takeIn } from './intake.ts'
import { kindsOfDetection } from './legal.ts'
import { decide } from './lifecycle.ts'
import { followMerges } from './merge.ts'
import type { Law, Registry } from './registry.ts'
import { NO_REACH, type ResponseReach } from './response/filters.ts'
import { withPossibility } from './response/possibility.ts'
import { SuppressionList } from './suppression.ts'
import type { Upload } from './tickets.ts'
import { WakeIndex } from './wake-index.ts'

export const STAGE = 'incident-manager'
const INPUTS = ['detections', 'incident-commands', 'deliveries', 'health-events'] as const
type Inputs = (typeof INPUTS)[number]

/** Cases whose clocks are looked at in one tick: bounds a transaction; the rest follow in the next tick. */
const MAX_WOKEN = 500

const DAY_MS = 24 * 3_600_000
const PRUNE_EVERY_MS = DAY_MS
/** Longer than `detections` and `incident-commands` are kept: a replay cannot bring what was forgotten. */
const REMEMBER_MS = 401 * DAY_MS

/**
 * Detections and commands in, cases with their legal clocks out (design.md 1). One task owns all cases of its constituents:
 * its stores are the truth, its wake-up index is made from them and costs nothing for a case that waits for nothing.
 */
export function incidentManager(
  registry: Registry,
  { keepEndedMs = REMEMBER_MS, reach = NO_REACH } = {},
): StageDefinition<Inputs> {
  return {
    name: STAGE,
    inputs: INPUTS,
    stores: ['cases', 'detections', 'commands', 'numbers', 'audit', 'suppressions', 'uploads'],
    create: (task) => new IncidentManager(task, registry, keepEndedMs, reach),
  }
}

class IncidentManager implements Stage<Inputs> {
  readonly #partition: number
  readonly #registry: Registry
  readonly #cases: Store<CaseState>
  readonly #detections: Store<DetectionEntry>
  readonly #commands: Store<Answer>
  readonly #numbers: Store<number>
  /** Uploads of tickets whose detection has not come yet: topics are not read in step. */
  readonly #uploads: Store<Upload>
  readonly #audit: AuditChain
  readonly #suppressions: SuppressionList
  readonly #wakes = new WakeIndex()
  readonly #keepEndedMs: number
  readonly #reach: ResponseReach
  #prunedAt = 0

  constructor(task: Task, registry: Registry, keepEndedMs: number, reach: ResponseReach) {
    this.#reach = reach
    this.#keepEndedMs = keepEndedMs
    this.#partition = task.partition
    this.#registry = registry
    this.#cases = task.store('cases')
    this.#detections = task.store('detections')
    this.#commands = task.store('commands')
    this.#numbers = task.store('numbers')
    this.#uploads = task.store('uploads')
    this.#audit = new AuditChain(`${STAGE}-${task.partition}`, task.store<ChainHead>('audit'))
    this.#suppressions = new SuppressionList(task.store<Suppression>('suppressions'))
    for (const [caseId, state] of this.#cases.entries()) this.#wakes.set(caseId, state.wakeAt)
  }

  process(record: Received<Inputs>, nowMs: number): Outcome {
    switch (record.topic) {
      case 'detections':
        return this.#detection(record.value, nowMs)
      case 'incident-commands':
        return this.#command(record.value, nowMs)
      case 'deliveries':
        return this.#delivery(record.value, nowMs)
      case 'health-events':
        return noticesOfHealth(record.value, this.#registry, nowMs)
    }
  }

  /** Looks at the cases whose next instant has come: due times, warnings, repeats. */
  tick(nowMs: number): Output[] {
    this.#prune(nowMs)
    return this.#wakes.take(nowMs, MAX_WOKEN).flatMap((caseId) => this.#wake(caseId, nowMs))
  }

  /** Once a day: forgets what no topic can bring again, and cases that ended long ago. */
  #prune(nowMs: number): void {
    if (nowMs - this.#prunedAt < PRUNE_EVERY_MS) return
    this.#prunedAt = nowMs
    const byTime = { commands: this.#commands, uploads: this.#uploads }
    forget(
      { cases: this.#cases, detections: this.#detections, ...byTime },
      nowMs - REMEMBER_MS,
      nowMs - this.#keepEndedMs,
    )
    this.#suppressions.prune(nowMs)
  }

  #wake(caseId: string, nowMs: number): Output[] {
    const state = this.#cases.get(caseId)
    const law = state === undefined ? undefined : this.#lawOf(state.record)
    // A pack that was refused at this start: the case keeps its wake-up and goes on when the pack is back.
    if (state === undefined || law === undefined) return []
    const settled = settle(state, law, this.#registry, nowMs)
    if (settled.happened.length === 0) {
      this.#put(settled.state)
      return []
    }
    const change = {
      action: clockAction(settled.happened),
      actor: STAGE,
      reason: null,
      detail: { clocks: settled.happened.join('; ') },
    }
    const committed = commitChange(settled.state, change, nowMs)
    this.#put(committed.state)
    return [...committed.outputs, ...settled.outputs]
  }

  #detection(detection: Detection, nowMs: number): Outcome {
    const { detectionId, constituent: constituentId } = detection
    const known = this.#detections.get(detectionId)
    if (known !== undefined && detection.revision <= known.revision) return drop('repeated-detection')
    const constituent = this.#registry.constituent(constituentId)
    if (constituent === undefined) {
      return reject(
        'unknown_constituent',
        `Detection ${detectionId} is about ${constituentId}, which is not in the registry: register it and replay.`,
        constituentId,
      )
    }
    const own = known === undefined ? undefined : this.#cases.get(known.caseId)?.record
    const law = own === undefined ? this.#lawNow(constituent.pack, detection.detectedAt) : this.#lawOf(own)
    if (law === undefined) return packUnavailable(own?.pack ?? constituent.pack, constituentId)
    const kinds = kindsOfDetection(law, detection, constituent)
    if (!kinds.event && known === undefined) return drop('not-a-legal-event')
    if (known === undefined && this.#isHeldBack(detection, nowMs)) return drop('suppressed')

    if (known !== undefined && this.#cases.get(known.caseId) === undefined) return drop('case-put-away')

    const nextNumber = (): string => this.#nextNumber(law, nowMs)
    const upload = this.#uploads.get(detectionId) ?? null
    if (upload !== null) this.#uploads.delete(detectionId)
    const settings = constituent.limits
    const cases = this.#cases
    const { state, action } = takeIn(detection, { law, kinds, known, cases, upload, settings, nextNumber, nowMs })
    const { caseId } = state.record
    const { revision, eventCount } = detection
    // T0 is what was committed first for this id, whatever a replay says now (design.md 2.3).
    const detectedAt = known?.detectedAt ?? detection.detectedAt
    this.#detections.set(detectionId, { caseId, revision, eventCount, detectedAt })
    const detail = { detection: detectionId, rule: detection.ruleId, level: detection.level }
    const outputs = this.#commit(
      state,
      this.#lawOf(state.record) ?? law,
      { action, actor: STAGE, reason: null, detail },
      nowMs,
    )
    if (action !== 'detection-added')
      outputs.push(this.#audited(action, caseId, constituentId, STAGE, [], 'allowed', null, nowMs))
    return emit(...outputs)
  }

  /** A suppression opens no case; what belongs to one that is open, because something graver came, still joins it. */
  #isHeldBack(detection: Detection, nowMs: number): boolean {
    if (!this.#suppressions.holdsBack(detection, nowMs)) return false
    return placeOf(caseGroupOf(detection), this.#cases).existing === null
  }

  #delivery(delivery: Delivery, nowMs: number): Outcome {
    const uploaded = uploadOf(delivery)
    if (uploaded !== null) return this.#upload(delivery, uploaded.detectionId, uploaded.upload, nowMs)
    const state = delivery.caseId === null ? undefined : this.#cases.get(delivery.caseId)
    if (state === undefined || state.record.constituent !== delivery.constituent) return drop('not-of-a-case')
    const law = this.#lawOf(state.record)
    if (law === undefined) return packUnavailable(state.record.pack, delivery.constituent)
    const changed = applyDelivery(state, delivery)
    if (changed === null) return drop('nothing-new')
    const detail = {
      delivery: delivery.deliveryId,
      notice: delivery.noticeId ?? '',
      role: delivery.recipientRole,
      state: delivery.state,
      channel: delivery.channel,
    }
    const change = { action: `notice-${delivery.state}`, actor: 'notifier', reason: delivery.reply, detail }
    return emit(...this.#commit(changed, law, change, nowMs))
  }

  /** The file of a ticket was taken. The case is that of its detection now, whatever it was when the ticket was cut. */
  #upload(delivery: Delivery, detectionId: string, upload: Upload, nowMs: number): Outcome {
    const entry = this.#detections.get(detectionId)
    if (entry === undefined) {
      const known = this.#uploads.get(detectionId)
      if (known === undefined || upload.at < known.at) this.#uploads.set(detectionId, upload)
      return emit()
    }
    const found = this.#cases.get(entry.caseId)
    if (found === undefined) return drop('not-of-a-case')
    const state = followMerges(found, this.#cases)
    if (state.record.constituent !== delivery.constituent) return drop('not-of-a-case')
    const law = this.#lawOf(state.record)
    if (law === undefined) return packUnavailable(state.record.pack, delivery.constituent)
    const changed = ticketUploaded(state, detectionId, upload)
    if (changed === null) return drop('nothing-new')
    const detail = {
      delivery: delivery.deliveryId,
      ticket: delivery.subjectId,
      detection: detectionId,
      state: delivery.state,
    }
    return emit(
      ...this.#commit(
        changed,
        law,
        { action: 'ticket-uploaded', actor: 'national-feed-exporter', reason: delivery.reply, detail },
        nowMs,
      ),
    )
  }

  #command(command: IncidentCommand, nowMs: number): Outcome {
    const key = `${command.constituent}/${command.commandId}`
    const before = this.#commands.get(key)
    if (before !== undefined) return emit(resultOf(command, before))
    const state = this.#cases.get(command.caseId)
    const packId = this.#registry.constituent(command.constituent)?.pack
    const fresh = packId === undefined ? undefined : this.#lawNow(packId, nowMs)
    const law = (state === undefined ? fresh : this.#lawOf(state.record)) ?? null
    const settings = this.#registry.constituent(command.constituent)?.limits ?? {}
    const creation = { settings, nextNumber: (of: Law) => this.#nextNumber(of, nowMs) }
    const decision = decide(state, command, { law, creation, book: this.#book(nowMs), nowMs })
    const refused = isRefusal(decision)
    const outputs: Output[] = []
    let caseId = command.caseId
    if (!refused && law !== null) {
      outputs.push(...this.#apply(decision, law, nowMs))
      caseId = decision.state.record.caseId
    }
    const revision =
      this.#cases.get(caseId)?.record.constituent === command.constituent ? this.#cases.get(caseId)?.record.revision : 0
    const answer = answerOf(decision, caseId, revision ?? 0, nowMs)
    this.#commands.set(key, answer)
    const { action, actor, actorRoles, constituent } = command
    const outcome = !refused ? 'allowed' : answer.code === 'not-permitted' ? 'denied' : 'failed'
    const reason = refused ? answer.reason : command.reason
    outputs.push(
      resultOf(command, answer),
      this.#audited(action, caseId, constituent, actor, actorRoles, outcome, reason, nowMs),
    )
    return emit(...outputs)
  }

  /** Writes what a command did: its case, the others that it concerns, and the records beside them. */
  #apply(decision: Applied, law: Law, nowMs: number): Output[] {
    const { others = [], outputs = [], suppressions = [], moved } = decision
    for (const id of moved?.detectionIds ?? []) {
      const entry = this.#detections.get(id)
      if (entry !== undefined) this.#detections.set(id, { ...entry, caseId: moved?.caseId ?? entry.caseId })
    }
    return [
      ...[decision, ...others].flatMap(({ state, change }) => {
        const commandRevision = state.record.revision + 1
        return this.#commit({ ...state, commandRevision }, law, change, nowMs)
      }),
      ...outputs,
      ...suppressions.map((suppression) => this.#suppressions.put(suppression)),
    ]
  }

  #book(nowMs: number): CaseBook {
    return {
      get: (caseId) => this.#cases.get(caseId),
      detection: (detectionId) => this.#detections.get(detectionId),
      openOf: (constituent) => openOf(this.#cases, constituent),
      suppressions: this.#suppressions,
      reach: this.#reach,
      nextNumber: (law) => this.#nextNumber(law, nowMs),
    }
  }

  /** Brings the clocks of a changed case up to now and writes its next revision. */
  #commit(state: CaseState, law: Law, change: Change, nowMs: number): Output[] {
    const settled = settle(withPossibility(state, this.#reach), law, this.#registry, nowMs)
    const detail =
      settled.happened.length === 0 ? change.detail : { ...change.detail, clocks: settled.happened.join('; ') }
    const committed = commitChange(settled.state, { ...change, detail }, nowMs)
    this.#put(committed.state)
    return [...committed.outputs, ...settled.outputs]
  }

  #put(state: CaseState): void {
    this.#cases.set(state.record.caseId, state)
    this.#wakes.set(state.record.caseId, state.wakeAt)
  }

  /** A case keeps the pack that was in force at its first instant (XC-2). */
  #lawOf({ pack, packVersion }: Incident): Law | undefined {
    return this.#registry.law(pack, { version: packVersion })
  }

  #lawNow(packId: string, at: number): Law | undefined {
    return this.#registry.law(packId, { at })
  }

  /** `KZ-2026-0-000042`: country, year there, partition that counts, number. */
  #nextNumber(law: Law, nowMs: number): string {
    const year = localTime(law.pack.timeZone, nowMs).slice(0, 4)
    const series = `${law.pack.country}-${year}-${this.#partition}`
    const next = (this.#numbers.get(series) ?? 0) + 1
    this.#numbers.set(series, next)
    return `${series}-${String(next).padStart(6, '0')}`
  }

  #audited(
    action: string,
    object: string,
    constituent: string,
    actor: string,
    roles: string[],
    outcome: string,
    reason: string | null,
    at: number,
  ): Output {
    return this.#audit.append({ at, constituent, actor, roles, action: `incident.${action}`, object, outcome, reason })
  }
}

function packUnavailable(packId: string, constituent: string): Outcome {
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

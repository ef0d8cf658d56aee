import { caseGroupOf, type Detection } from '@tocsin/events'
import { drop, emit, type Outcome, type Output, reject, type Store } from '@tocsin/stage'
import type { DetectionEntry } from './case.ts'
import { type CaseLedger, packUnavailable } from './case-ledger.ts'
import { placeOf } from './grouping.ts'
import { takeIn } from './intake.ts'
import { kindsOfDetection } from './legal.ts'
import type { Registry } from './registry.ts'
import type { SuppressionList } from './suppression.ts'
import type { Upload } from './tickets.ts'

/** What detections look at and change. */
export interface DetectionParts {
  name: string
  ledger: CaseLedger
  registry: Registry
  detections: Store<DetectionEntry>
  /** Uploads of tickets whose detection has not come yet: topics are not read in step. */
  uploads: Store<Upload>
  suppressions: SuppressionList
}

/** Takes detections into cases: which are legal events, which open a case, which belong to one. */
export class DetectionDesk {
  readonly #parts: DetectionParts

  constructor(parts: DetectionParts) {
    this.#parts = parts
  }

  /** Puts a detection into its case, and opens one where the law asks for it. */
  process(detection: Detection, nowMs: number): Outcome {
    const { detectionId, constituent: constituentId } = detection
    const known = this.#parts.detections.get(detectionId)
    if (known !== undefined && detection.revision <= known.revision) return drop('repeated-detection')
    const constituent = this.#parts.registry.constituent(constituentId)
    if (constituent === undefined) {
      return reject(
        'unknown_constituent',
        `Detection ${detectionId} is about ${constituentId}, which is not in the registry: register it and replay.`,
        constituentId,
      )
    }
    const own = known === undefined ? undefined : this.#parts.ledger.cases.get(known.caseId)?.record
    const law =
      own === undefined
        ? this.#parts.ledger.lawNow(constituent.pack, detection.detectedAt)
        : this.#parts.ledger.lawOf(own)
    if (law === undefined) return packUnavailable(own?.pack ?? constituent.pack, constituentId)
    const kinds = kindsOfDetection(law, detection, constituent)
    if (!kinds.event && known === undefined) return drop('not-a-legal-event')
    if (known === undefined && this.#isHeldBack(detection, nowMs)) return drop('suppressed')

    if (known !== undefined && this.#parts.ledger.cases.get(known.caseId) === undefined) return drop('case-put-away')

    const nextNumber = (): string => this.#parts.ledger.nextNumber(law, nowMs)
    const upload = this.#parts.uploads.get(detectionId) ?? null
    if (upload !== null) this.#parts.uploads.delete(detectionId)
    const settings = constituent.limits
    const cases = this.#parts.ledger.cases
    const { state, action } = takeIn(detection, { law, kinds, known, cases, upload, settings, nextNumber, nowMs })
    const { caseId } = state.record
    const { revision, eventCount } = detection
    // T0 is what was committed first for this id, whatever a replay says now (design.md 2.3).
    const detectedAt = known?.detectedAt ?? detection.detectedAt
    this.#parts.detections.set(detectionId, { caseId, revision, eventCount, detectedAt })
    const detail = { detection: detectionId, rule: detection.ruleId, level: detection.level }
    const outputs = this.#parts.ledger.commit(
      state,
      this.#parts.ledger.lawOf(state.record) ?? law,
      { action, actor: this.#parts.name, reason: null, detail },
      nowMs,
    )
    if (action !== 'detection-added') outputs.push(this.#audited(action, caseId, constituentId, nowMs))
    return emit(...outputs)
  }

  /** A suppression opens no case; what belongs to one that is open, because something graver came, still joins it. */
  #isHeldBack(detection: Detection, nowMs: number): boolean {
    if (!this.#parts.suppressions.holdsBack(detection, nowMs)) return false
    return placeOf(caseGroupOf(detection), this.#parts.ledger.cases).existing === null
  }

  /** A case that was opened or promoted by itself stands in the audit chain, as one by command does. */
  #audited(action: string, object: string, constituent: string, at: number): Output {
    const { ledger, name } = this.#parts
    const fact = { at, constituent, actor: name, roles: [], action: `incident.${action}`, object }
    return ledger.audited({ ...fact, outcome: 'allowed', reason: null })
  }
}

import type { Delivery } from '@tocsin/events'
import { drop, emit, type Outcome, type Store } from '@tocsin/stage'
import type { DetectionEntry } from './case.ts'
import { type CaseLedger, packUnavailable } from './case-ledger.ts'
import { applyDelivery, ticketUploaded, uploadOf } from './deliveries.ts'
import { followMerges } from './merge.ts'
import type { RequestDesk } from './requests/request-desk.ts'
import type { Upload } from './tickets.ts'

/** What deliveries look at and change. */
export interface DeliveryParts {
  ledger: CaseLedger
  detections: Store<DetectionEntry>
  uploads: Store<Upload>
  requests: RequestDesk
}

/** Takes proofs: a notice of a case or of a request reached somebody, the file of a ticket was taken. */
export class DeliveryDesk {
  readonly #parts: DeliveryParts

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  /** What became of a notice or of an upload, as the sender proves it. */
  process(delivery: Delivery, nowMs: number): Outcome {
    const uploaded = uploadOf(delivery)
    if (uploaded !== null) return this.#upload(delivery, uploaded.detectionId, uploaded.upload, nowMs)
    const ofRequest = this.#parts.requests.delivery(delivery, nowMs)
    if (ofRequest !== null) return emit(...ofRequest)
    const state = delivery.caseId === null ? undefined : this.#parts.ledger.cases.get(delivery.caseId)
    if (state === undefined || state.record.constituent !== delivery.constituent) return drop('not-of-a-case')
    const law = this.#parts.ledger.lawOf(state.record)
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
    return emit(...this.#parts.ledger.commit(changed, law, change, nowMs))
  }

  /** The file of a ticket was taken. The case is that of its detection now, whatever it was when the ticket was cut. */
  #upload(delivery: Delivery, detectionId: string, upload: Upload, nowMs: number): Outcome {
    const entry = this.#parts.detections.get(detectionId)
    if (entry === undefined) {
      const known = this.#parts.uploads.get(detectionId)
      if (known === undefined || upload.at < known.at) this.#parts.uploads.set(detectionId, upload)
      return emit()
    }
    const found = this.#parts.ledger.cases.get(entry.caseId)
    if (found === undefined) return drop('not-of-a-case')
    const state = followMerges(found, this.#parts.ledger.cases)
    if (state.record.constituent !== delivery.constituent) return drop('not-of-a-case')
    const law = this.#parts.ledger.lawOf(state.record)
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
      ...this.#parts.ledger.commit(
        changed,
        law,
        { action: 'ticket-uploaded', actor: 'national-feed-exporter', reason: delivery.reply, detail },
        nowMs,
      ),
    )
  }
}

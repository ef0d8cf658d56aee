import {
  caseGroupOf,
  caseIdOf,
  type Detection,
  type Incident,
  type RegistryConstituent,
  type RegistrySource,
} from '@tocsin/events'
import { drop, emit, type Outcome, type Output } from '@tocsin/stage'
import type { Lists } from './feeds/tw-nccst-1.3/lists.ts'
import type { Profile } from './feeds/tw-nccst-1.3/profile.ts'
import { taipeiDay } from './feeds/tw-nccst-1.3/taipei-time.ts'
import { type CutTicket, cutTicket } from './feeds/tw-nccst-1.3/ticket.ts'
import { eventIdOf } from './feeds/tw-nccst-1.3/ticket-number.ts'
import type { SchemaValidator } from './feeds/tw-nccst-1.3/validate.ts'
import { healthEvent } from './health-event.ts'
import type { Candidate, ExporterState, TicketEntry } from './state.ts'

/** Looks a record up by its key: a registry topic, or a map in tests. */
export interface Lookup<Value> {
  get(key: string): Value | undefined
}

/** What cutting tickets needs. */
export interface TicketDeskParts {
  profile: Profile
  validator: SchemaValidator
  /** Profile and schema in force when a ticket is cut (XC-2); absent: those above, always. */
  editionAt?: (issuedAt: number) => { profile: Profile; validator: SchemaValidator }
  constituents: Lookup<RegistryConstituent>
  sources: Lookup<RegistrySource>
  lists: () => Lists
}

/** A detection waits this long for the case that it belongs to; a ticket must leave though incident-manager be away. */
export const CASE_WAIT_MS = 10_000
/** A detection of a body that no registry knows is kept this long. */
export const UNKNOWN_BODY_WAIT_MS = 86_400_000
/** Repeats of a detection are recognised this long: the retention of the topic `detections`. */
export const KEEP_CUT_MS = 400 * 86_400_000
const PRUNE_EVERY_MS = 3_600_000

/** Cuts tickets from detections, each once, with the case that it belongs to (TW-1.2). */
export class TicketDesk {
  readonly #parts: TicketDeskParts
  readonly #state: ExporterState
  readonly #partition: number
  /** Detections without a ticket yet: few, where the store holds those of a year. */
  readonly #waiting = new Set<string>()
  #prunedAt = 0

  constructor(parts: TicketDeskParts, state: ExporterState, partition: number) {
    this.#parts = parts
    this.#state = state
    this.#partition = partition
    for (const [id, { ticketId }] of state.candidates.entries()) if (ticketId === null) this.#waiting.add(id)
  }

  /** Takes one detection record: the first revision that the pack calls a ticket is kept or cut at once; repeats do nothing. */
  takeDetection(detection: Detection, nowMs: number): Outcome {
    const constituent = this.#parts.constituents.get(detection.constituent)
    if (constituent !== undefined && constituent.country !== 'TW') return drop('other_country')
    const known = this.#state.candidates.get(detection.detectionId)
    if (known !== undefined) return this.#takeRevision(known, detection)
    if (!this.#parts.profile.isTicket(detection)) return drop('below_ticket_predicate')
    const candidate: Candidate = { detection, since: nowMs, ticketId: null }
    this.#state.candidates.set(detection.detectionId, candidate)
    this.#waiting.add(detection.detectionId)
    const caseId = this.#state.caseOf.get(detection.detectionId)
    if (caseId === undefined || constituent === undefined) return emit()
    return emit(...this.#cut(detection, constituent, caseId, nowMs))
  }

  #takeRevision(known: Candidate, detection: Detection): Outcome {
    // What has its file is never re-sent (AMB-TW13); what still waits takes the newer counts and end.
    if (known.ticketId !== null || known.detection === null) return drop('ticket_already_cut')
    if (detection.revision <= known.detection.revision) return drop('repeat')
    this.#state.candidates.set(detection.detectionId, { ...known, detection })
    return emit()
  }

  /** Learns which detections a case has, and cuts those that waited for it. */
  takeCase(incident: Incident, nowMs: number): Output[] {
    const { candidates, cases, caseOf } = this.#state
    if (this.#parts.constituents.get(incident.constituent)?.country !== 'TW') return []
    const known = cases.get(incident.caseId)
    const fresh = incident.detectionIds.filter((id) => caseOf.get(id) !== incident.caseId)
    if (fresh.length === 0) return []
    const ticketIds = [...(known?.ticketIds ?? [])]
    for (const id of fresh) {
      caseOf.set(id, incident.caseId)
      const ticketId = candidates.get(id)?.ticketId ?? null
      if (ticketId !== null && !ticketIds.includes(ticketId)) ticketIds.push(ticketId)
    }
    cases.set(incident.caseId, { detectionIds: incident.detectionIds, ticketIds })
    return fresh.flatMap((id) => this.#cutCandidate(id, incident.caseId, nowMs))
  }

  /** Cuts what has waited long enough for a case, and forgets what is old. */
  tick(nowMs: number): Output[] {
    this.#prune(nowMs)
    const outputs: Output[] = []
    for (const id of this.#waiting) {
      const { detection = null, since = nowMs } = this.#state.candidates.get(id) ?? {}
      const ageMs = nowMs - since
      if (detection === null || ageMs < CASE_WAIT_MS) continue
      const constituent = this.#parts.constituents.get(detection.constituent)
      if (constituent?.country === 'TW') {
        outputs.push(
          ...this.#cutCandidate(id, this.#state.caseOf.get(id) ?? caseIdOf(caseGroupOf(detection), 0), nowMs),
        )
      } else if (constituent !== undefined || ageMs > UNKNOWN_BODY_WAIT_MS) {
        this.#waiting.delete(id)
        this.#state.candidates.delete(id)
      }
    }
    return outputs
  }

  #prune(nowMs: number): void {
    if (nowMs - this.#prunedAt < PRUNE_EVERY_MS) return
    this.#prunedAt = nowMs
    for (const [id, { detection, since }] of this.#state.candidates.entries()) {
      if (detection === null && nowMs - since > KEEP_CUT_MS) this.#state.candidates.delete(id)
    }
  }

  /** Cuts a quarantined ticket again with its number and first instant: the lists may have changed since (TW-3.2). */
  recut(entry: TicketEntry): CutTicket | null {
    const { ticket } = entry
    const detection = this.#state.candidates.get(ticket.detectionId)?.detection ?? null
    const constituent = this.#parts.constituents.get(ticket.constituent)
    if (detection === null || constituent === undefined) return null
    return this.#build(
      detection,
      constituent,
      ticket.caseId,
      ticket.ticketId,
      ticket.number,
      ticket.baseTicketId,
      ticket.issuedAt,
    )
  }

  #cutCandidate(detectionId: string, caseId: string, nowMs: number): Output[] {
    const { detection = null, ticketId = null } = this.#state.candidates.get(detectionId) ?? {}
    if (detection === null || ticketId !== null) return []
    const constituent = this.#parts.constituents.get(detection.constituent)
    return constituent === undefined ? [] : this.#cut(detection, constituent, caseId, nowMs)
  }

  #cut(detection: Detection, constituent: RegistryConstituent, caseId: string, nowMs: number): Output[] {
    const { counters, candidates, cases, tickets } = this.#state
    const { prefix } = this.#parts.profile
    const counterKey = `${prefix}/${taipeiDay(nowMs)}`
    const counter = counters.get(counterKey) ?? 0
    const { eventId, number } = eventIdOf(prefix, nowMs, counter, this.#partition)
    counters.set(counterKey, counter + 1)
    const known = cases.get(caseId) ?? { detectionIds: [detection.detectionId], ticketIds: [] }
    const cut = this.#build(detection, constituent, caseId, eventId, number, known.ticketIds[0] ?? null, nowMs)
    cases.set(caseId, { ...known, ticketIds: [...known.ticketIds, eventId] })
    candidates.set(detection.detectionId, { detection, since: nowMs, ticketId: eventId })
    this.#waiting.delete(detection.detectionId)
    tickets.set(eventId, { ticket: cut.ticket, attachment: cut.attachment, retryAt: 0 })
    const outputs: Output[] = [{ topic: 'tickets', key: eventId, value: cut.ticket }]
    if (cut.ticket.state === 'quarantined') outputs.push(quarantineAlarm(cut.ticket, nowMs))
    return outputs
  }

  #build(
    detection: Detection,
    constituent: RegistryConstituent,
    caseId: string,
    eventId: string,
    number: number,
    baseEventId: string | null,
    issuedAt: number,
  ): CutTicket {
    const { lists, sources } = this.#parts
    const { profile, validator } = this.#parts.editionAt?.(issuedAt) ?? this.#parts
    const source = detection.sourceIds.map((id) => sources.get(id)).find((found) => found !== undefined) ?? null
    return cutTicket({ eventId, number, baseEventId, caseId, detection, constituent, source }, issuedAt, {
      profile,
      validator,
      lists: lists().index,
    })
  }
}

/** Tells the operators that a ticket does not leave, with the field's name. */
export function quarantineAlarm(ticket: CutTicket['ticket'], nowMs: number): Output {
  return healthEvent('ticket_quarantined', ticket.ticketId, ticket.constituent, nowMs, {
    level: 'warning',
    message: `Ticket ${ticket.ticketId} is not uploaded: ${ticket.reason}. Correct the registry or the rule set; it is checked again when they change.`,
  })
}

import { type Delivery, idFrom } from '@tocsin/events'
import type { Output } from '@tocsin/stage'
import { checkReferences } from './feeds/tw-nccst-1.3/check.ts'
import type { FieldValues } from './feeds/tw-nccst-1.3/fields.ts'
import type { Lists } from './feeds/tw-nccst-1.3/lists.ts'
import { healthEvent } from './health-event.ts'
import type { ListDesk } from './list-desk.ts'
import type { ExporterState, TicketEntry } from './state.ts'
import { quarantineAlarm, type TicketDesk } from './ticket-desk.ts'
import type { SendResult, Transport, UploadFile } from './transport.ts'
import { backOffMs, choose, isDone, type ProfileState, step, type UploadEvent, withholdingOf } from './upload.ts'

/** What uploading needs. */
export interface UploadDeskParts {
  profileState: () => ProfileState
  /** False until a named person has confirmed the files of a new profile (TW-2.1b); always true where no account is kept. */
  isConfirmed?: () => boolean
  transport: Transport
  lists: () => Lists
}

/** Tickets of one task that may be on the way at once; the transport sends them one after another. */
export const MAX_IN_FLIGHT = 20

/**
 * Sends the tickets of one task. A tick never waits for the network: it takes what came back, then starts the next ones.
 *
 * What is chosen in one tick is sent in a later one, which runs after the commit before the choice: number and file are
 * durable before the first octet leaves. When a process dies on the way, its successor finds `uploading` and
 * sends the same octets under the same name again, unless the server already holds them (adapters/ftps.ts looks first).
 */
export class UploadDesk {
  readonly #parts: UploadDeskParts
  readonly #state: ExporterState
  readonly #tickets: TicketDesk
  readonly #listDesk: ListDesk
  readonly #inFlight = new Set<string>()
  #finished: { ticketId: string; result: SendResult }[] = []
  #checkedVersion: string | null = null
  /** Said once an outage, not once an attempt; after a restart it is said again. */
  #isAwayTold = false

  constructor(parts: UploadDeskParts, state: ExporterState, tickets: TicketDesk, listDesk: ListDesk) {
    this.#parts = parts
    this.#state = state
    this.#tickets = tickets
    this.#listDesk = listDesk
  }

  tick(nowMs: number): Output[] {
    const outputs: Output[] = []
    for (const { ticketId, result } of this.#finished.splice(0)) this.#takeResult(ticketId, result, nowMs, outputs)
    this.#checkAgain(nowMs, outputs)
    const listsUploaded = this.#listDesk.uploaded()
    const profileState = this.#parts.profileState()
    const confirmed = this.#parts.isConfirmed?.() ?? true
    for (const [, entry] of this.#state.tickets.entries()) {
      const withholding = withholdingOf(profileState, entry.ticket.exercise, listsUploaded, confirmed)
      if (entry.ticket.state === 'uploading') {
        if (this.#inFlight.has(entry.ticket.ticketId)) continue
        if (withholding === null) this.#send(entry)
        else this.#apply(entry, { kind: 'not-tried', retryAt: 0 }, nowMs, outputs)
      } else this.#apply(entry, { kind: 'gate', withholding }, nowMs, outputs)
    }
    const entries = [...this.#state.tickets.entries()].map(([, entry]) => entry)
    const underWay = entries.filter((entry) => entry.ticket.state === 'uploading').length
    for (const entry of choose(entries, nowMs, MAX_IN_FLIGHT - underWay)) {
      this.#apply(entry, { kind: 'chosen' }, nowMs, outputs)
    }
    return outputs
  }

  #send(entry: TicketEntry): void {
    const { ticketId, fileName, xml } = entry.ticket
    const files: UploadFile[] = []
    // Attachment first, then the file that names it (TW-S6b); an empty attachment is none (vsftpd drops the session).
    if (entry.attachment !== null && entry.attachment.content !== '') {
      files.push({ path: `attachment/${entry.attachment.name}`, content: Buffer.from(entry.attachment.content) })
    }
    files.push({ path: `incident/${fileName}`, content: Buffer.from(xml) })
    this.#inFlight.add(ticketId)
    void this.#parts.transport.send({ id: ticketId, files }).then((result) => {
      this.#inFlight.delete(ticketId)
      this.#finished.push({ ticketId, result })
    })
  }

  #takeResult(ticketId: string, result: SendResult, nowMs: number, outputs: Output[]): void {
    const entry = this.#state.tickets.get(ticketId)
    if (entry === undefined) return
    if (result.kind === 'not-tried') {
      this.#apply(entry, { kind: 'not-tried', retryAt: result.retryAt }, nowMs, outputs)
      return
    }
    const attempt = entry.ticket.attempts + 1
    outputs.push({
      topic: 'deliveries',
      key: entry.ticket.constituent,
      value: deliveryOf(entry, attempt, result, this.#parts.transport.address),
    })
    outputs.push(...this.#outage(result, entry.ticket.constituent, nowMs))
    const event: UploadEvent =
      result.kind === 'delivered'
        ? { kind: 'delivered', verified: result.verified, reply: result.reply }
        : { kind: 'failed', reply: result.reply, retryAt: nowMs + backOffMs(attempt) }
    this.#apply(entry, event, nowMs, outputs)
  }

  /** Tells the operators that the endpoint went away, and that it is back. */
  #outage(result: Exclude<SendResult, { kind: 'not-tried' }>, constituent: string, nowMs: number): Output[] {
    const isAway = result.kind === 'failed' && result.code === 'endpoint_away'
    if (isAway === this.#isAwayTold || (!isAway && result.kind === 'failed')) return []
    this.#isAwayTold = isAway
    const { address } = this.#parts.transport
    const message = isAway
      ? `The endpoint ${address} is away (${result.reply.slice(0, MAX_REPLY_CHARACTERS)}); tickets wait and are sent when it is back. Look at host, port, certificate and account.`
      : `The endpoint ${address} is back; what waited is being sent, oldest first.`
    const level = isAway ? 'critical' : 'info'
    const state = isAway ? 'raised' : 'cleared'
    return [healthEvent('endpoint_away', address, constituent, nowMs, { level, message, state })]
  }

  /** When the lists change, what cites them is checked again: a mismatch stops, a mended one goes (TW-3.2). */
  #checkAgain(nowMs: number, outputs: Output[]): void {
    const { version, index } = this.#parts.lists()
    if (version === this.#checkedVersion) return
    this.#checkedVersion = version
    for (const [, entry] of this.#state.tickets.entries()) {
      if (entry.ticket.state === 'quarantined') {
        const again = this.#tickets.recut(entry)
        if (again !== null && again.ticket.state === 'queued') {
          this.#apply(
            { ...entry, attachment: again.attachment },
            { kind: 'released', ticket: again.ticket },
            nowMs,
            outputs,
          )
        }
        continue
      }
      const mismatch = checkReferences(entry.ticket.fields as FieldValues, index)
      if (mismatch === null || entry.ticket.state === 'uploading') continue
      const next = this.#apply(
        entry,
        { kind: 'quarantined', reason: `${mismatch.field} ${mismatch.problem}` },
        nowMs,
        outputs,
      )
      outputs.push(quarantineAlarm(next.ticket, nowMs))
    }
  }

  #apply(entry: TicketEntry, event: UploadEvent, nowMs: number, outputs: Output[]): TicketEntry {
    const next = step(entry, event, nowMs)
    if (next === entry) return entry
    const { ticketId, detectionId, state } = next.ticket
    outputs.push({ topic: 'tickets', key: ticketId, value: next.ticket })
    if (!isDone(state)) {
      this.#state.tickets.set(ticketId, next)
      return next
    }
    // The ledger is the topic; the store holds only what still has to leave.
    this.#state.tickets.delete(ticketId)
    const candidate = this.#state.candidates.get(detectionId)
    if (candidate !== undefined) this.#state.candidates.set(detectionId, { ...candidate, detection: null })
    return next
  }
}

const MAX_REPLY_CHARACTERS = 512

function deliveryOf(
  { ticket }: TicketEntry,
  attempt: number,
  result: Exclude<SendResult, { kind: 'not-tried' }>,
  address: string,
): Delivery {
  const delivered = result.kind === 'delivered'
  const reply = result.reply.slice(0, MAX_REPLY_CHARACTERS)
  return {
    deliveryId: idFrom(ticket.ticketId, 'ftps', address, attempt),
    noticeId: null,
    contactId: null,
    digestId: null,
    subjectId: ticket.ticketId,
    caseId: ticket.caseId,
    constituent: ticket.constituent,
    recipientRole: 'nccst',
    exercise: ticket.exercise,
    channel: 'ftps',
    address,
    attempt,
    state: !delivered ? 'retrying' : result.verified ? 'delivered' : 'sent-unverified',
    at: result.at,
    startedAt: result.startedAt,
    reply,
    proof: delivered ? (result.verified ? 'size check' : 'reply 226') : null,
    sha256: ticket.sha256,
    bytes: ticket.bytes,
    // incident-manager finds the ticket's clocks by its detection, whatever became of the case meanwhile.
    clockId: `ticket:${ticket.detectionId}`,
    errorCode: delivered ? null : result.code,
  }
}

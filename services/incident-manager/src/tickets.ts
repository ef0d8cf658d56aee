import type { Detection } from '@tocsin/events'
import type { CaseState } from './case.ts'

/** What the clocks of one ticket look at. */
export interface TicketClocks {
  detectionId: string
  /** Null for the first ticket of a case, else what tells its clocks from those of the others. */
  part: string | null
  detectedAt: number
  /** True first record (AMB-TW4). */
  firstRecordAt: number
  /** Its file lies on the server. */
  upload: Upload | null
}

/** The proof that a ticket's file was taken. */
export interface Upload {
  at: number
  ref: string
}

const MAX_TICKETS = 1000
const PART_LENGTH = 12

/** Adds the ticket that is cut from a detection, unless the case has it: its hour runs from its own first record (TW-A5.2-2). */
export function withTicket(
  state: CaseState,
  detection: Detection,
  detectedAt: number,
  upload: Upload | null,
): CaseState {
  const { detectionId, firstEvent } = detection
  const isKnown = state.tickets.some((ticket) => ticket.detectionId === detectionId)
  if (isKnown || state.tickets.length >= MAX_TICKETS) return state
  const part = state.tickets.length === 0 ? null : detectionId.slice(0, PART_LENGTH)
  const ticket: TicketClocks = { detectionId, part, detectedAt, firstRecordAt: firstEvent, upload }
  return { ...state, tickets: [...state.tickets, ticket] }
}

/** The tickets of a case and of one that joins it: each keeps its instants, and the names of its clocks stay apart. */
export function joinTickets(own: readonly TicketClocks[], joined: readonly TicketClocks[]): TicketClocks[] {
  const apart = joined.map((ticket) => ({ ...ticket, part: ticket.part ?? ticket.detectionId.slice(0, PART_LENGTH) }))
  return [...own, ...(own.length === 0 ? joined : apart)].slice(0, MAX_TICKETS)
}

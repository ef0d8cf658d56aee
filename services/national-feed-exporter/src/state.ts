import type { Detection } from '@tocsin/events'
import type { Store, Task } from '@tocsin/stage'
import type { Attachment } from './feeds/tw-nccst-1.3/attachment.ts'
import type { Queued } from './upload.ts'

/** A detection that is, or may become, a ticket. */
export interface Candidate {
  /** Kept until its ticket has left, so that a quarantined one can be cut again; null afterwards. */
  detection: Detection | null
  /** When it came, UTC ms. */
  since: number
  /** Its ticket, once cut. */
  ticketId: string | null
}

/** What the exporter knows of a case. */
export interface KnownCase {
  detectionIds: readonly string[]
  /** Its tickets, first one first: the first is the Base_Event_ID of the others. */
  ticketIds: readonly string[]
}

/** A ticket on its way, with what goes beside it. */
export interface TicketEntry extends Queued {
  attachment: Attachment | null
}

/** What was last put on the server of that address. */
export interface UploadedLists {
  version: string
  at: number
}

/** The last record that an agency got of a case. */
export interface Issued {
  feedId: string
  contentHash: string
  revoked: boolean
}

/** Names of the stores, as in deploy/topics/topics.yaml. */
export const STORES = ['tickets', 'candidates', 'cases', 'counters', 'lists', 'feeds'] as const

/** The stores of one task. */
export interface ExporterState {
  tickets: Store<TicketEntry>
  candidates: Store<Candidate>
  cases: Store<KnownCase>
  /** Next number by `<prefix>/<day>`. */
  counters: Store<number>
  lists: Store<UploadedLists>
  feeds: Store<Issued>
  /** Detection id → case id; made from `cases` when the task begins. */
  caseOf: Map<string, string>
}

/** Opens the stores of a task. */
export function openState(task: Task): ExporterState {
  const cases = task.store<KnownCase>('cases')
  const caseOf = new Map<string, string>()
  for (const [caseId, known] of cases.entries()) for (const id of known.detectionIds) caseOf.set(id, caseId)
  return {
    tickets: task.store('tickets'),
    candidates: task.store('candidates'),
    cases,
    counters: task.store('counters'),
    lists: task.store('lists'),
    feeds: task.store('feeds'),
    caseOf,
  }
}

import type { Delivery, Ticket } from '@tocsin/events'
import { taipeiDay } from './taipei-time.ts'

/** One file as it lies with the receiver. */
export interface FoundFile {
  name: string
  bytes: number
  sha256: string
  /** Event_ID inside, where the content could be read; null: not read, or none. */
  eventId?: string | null
}

/** One thing that does not agree. */
export interface Finding {
  kind:
    | 'missing'
    | 'altered'
    | 'doubled'
    | 'left-over'
    | 'unknown'
    | 'not-sent'
    | 'no-ledger-row'
    | 'ledger-without-ticket'
    | 'ledger-differs'
  file: string
  detail: string
}

/** Tickets of one agency on one day (TW-3.1). */
export interface AuditRow {
  day: string
  constituent: string
  tickets: number
  uploaded: number
  unverified: number
  quarantined: number
  waiting: number
}

/** What a consistency audit found (TW-3.1, TW-A6.2-1). */
export interface Audit {
  tickets: number
  byState: Readonly<Record<string, number>>
  byConstituent: Readonly<Record<string, number>>
  files: number
  /** Rows of the ledger that were compared; null when no ledger was given. */
  ledgerRows: number | null
  rows: readonly AuditRow[]
  findings: readonly Finding[]
}

/** What is compared. Absent: not asked. */
export interface AuditInput {
  /** Every record of the topic `tickets` in the period, newest last. */
  tickets: Iterable<Ticket>
  /** What the receiver has. */
  files?: Iterable<FoundFile>
  /** The delivery ledger: records of `deliveries` about these tickets. */
  deliveries?: Iterable<Delivery>
}

/**
 * Compares tickets, ledger and the receiver's files by count and by content. Each fault is found whatever hides it: a file that is gone,
 * one that was altered by a byte, one that lies there twice under two names, a ledger row without ticket or file. A ticket
 * that has not left is told apart from one that is missing.
 */
export function auditTickets({ tickets: records, files, deliveries }: AuditInput): Audit {
  const tickets = new Map<string, Ticket>()
  for (const ticket of records) tickets.set(ticket.fileName, ticket)
  const found = files === undefined ? null : [...files]
  const ledger = deliveries === undefined ? null : [...deliveries]
  return {
    tickets: tickets.size,
    byState: countBy(tickets.values(), ({ state }) => state),
    byConstituent: countBy(tickets.values(), ({ constituent }) => constituent),
    files: found?.length ?? 0,
    ledgerRows: ledger?.length ?? null,
    rows: rowsOf(tickets.values()),
    findings: [
      ...(found === null ? [] : fileFindings(tickets, found)),
      ...(ledger === null ? [] : ledgerFindings(tickets, ledger)),
    ],
  }
}

const hasLeft = ({ state }: Ticket): boolean => state === 'uploaded' || state === 'sent-unverified'

function fileFindings(tickets: ReadonlyMap<string, Ticket>, files: readonly FoundFile[]): Finding[] {
  const found = new Map(files.map((file) => [file.name, file]))
  const findings: Finding[] = []
  for (const [name, ticket] of tickets) {
    const file = found.get(name)
    if (file === undefined) {
      findings.push(
        hasLeft(ticket)
          ? { kind: 'missing', file: name, detail: `the ticket is ${ticket.state}` }
          : { kind: 'not-sent', file: name, detail: `${ticket.state} ${ticket.reason ?? ''}`.trim() },
      )
    } else if (file.sha256 !== ticket.sha256) {
      findings.push({ kind: 'altered', file: name, detail: `${file.bytes} bytes, ${ticket.bytes} were sent` })
    }
  }
  const byHash = new Map([...tickets.values()].map((ticket) => [ticket.sha256, ticket]))
  for (const file of files) {
    if (tickets.has(file.name)) continue
    const same = byHash.get(file.sha256) ?? tickets.get(`${file.eventId ?? ''}.xml`)
    if (file.name.endsWith('.part')) {
      findings.push({ kind: 'left-over', file: file.name, detail: 'a temporary name that was not renamed' })
    } else if (same !== undefined) {
      findings.push({
        kind: 'doubled',
        file: file.name,
        detail: `holds ${same.ticketId}, which lies there as ${same.fileName}`,
      })
    } else findings.push({ kind: 'unknown', file: file.name, detail: 'no ticket has this name' })
  }
  return findings
}

function ledgerFindings(tickets: ReadonlyMap<string, Ticket>, deliveries: readonly Delivery[]): Finding[] {
  const findings: Finding[] = []
  const delivered = new Set<string>()
  for (const { subjectId, proof, sha256, deliveryId } of deliveries) {
    const ticket = tickets.get(`${subjectId}.xml`)
    if (ticket === undefined) {
      findings.push({ kind: 'ledger-without-ticket', file: `${subjectId}.xml`, detail: `ledger row ${deliveryId}` })
      continue
    }
    if (proof === null) continue
    delivered.add(subjectId)
    if (sha256 !== ticket.sha256) {
      findings.push({
        kind: 'ledger-differs',
        file: ticket.fileName,
        detail: `row ${deliveryId} has another hash than the ticket`,
      })
    } else if (!hasLeft(ticket)) {
      findings.push({
        kind: 'ledger-differs',
        file: ticket.fileName,
        detail: `row ${deliveryId} says delivered, the ticket ${ticket.state}`,
      })
    }
  }
  for (const ticket of tickets.values()) {
    if (hasLeft(ticket) && !delivered.has(ticket.ticketId)) {
      findings.push({ kind: 'no-ledger-row', file: ticket.fileName, detail: `${ticket.state}, and no row proves it` })
    }
  }
  return findings
}

function rowsOf(tickets: Iterable<Ticket>): AuditRow[] {
  const rows = new Map<string, AuditRow>()
  for (const { issuedAt, constituent, state } of tickets) {
    const day = taipeiDay(issuedAt)
    const key = `${day} ${constituent}`
    const row = rows.get(key) ?? {
      day,
      constituent,
      tickets: 0,
      uploaded: 0,
      unverified: 0,
      quarantined: 0,
      waiting: 0,
    }
    row.tickets++
    if (state === 'uploaded') row.uploaded++
    else if (state === 'sent-unverified') row.unverified++
    else if (state === 'quarantined') row.quarantined++
    else row.waiting++
    rows.set(key, row)
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

function countBy(tickets: Iterable<Ticket>, keyOf: (ticket: Ticket) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const ticket of tickets) counts[keyOf(ticket)] = (counts[keyOf(ticket)] ?? 0) + 1
  return counts
}

/** The worst and the late ones by the true first record (TW-A5.2-2): minutes from first record to proof, exceptions by rule. */
export function delaysOf(tickets: Iterable<Ticket>): {
  sent: number
  worstMinutes: number
  late: Record<string, number>
} {
  let sent = 0
  let worstMs = 0
  const late: Record<string, number> = {}
  for (const ticket of tickets) {
    if (!hasLeft(ticket)) continue
    sent++
    worstMs = Math.max(worstMs, ticket.stateAt - ticket.firstRecordAt)
    const rule = ticket.fields['Correlated_Rule_Name'] ?? ''
    if (ticket.stateAt > ticket.dueAt) late[rule] = (late[rule] ?? 0) + 1
  }
  return { sent, worstMinutes: Math.ceil(worstMs / 60_000), late }
}

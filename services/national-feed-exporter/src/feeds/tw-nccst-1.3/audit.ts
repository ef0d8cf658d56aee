import type { Ticket } from '@tocsin/events'

/** One file as it lies with the receiver. */
export interface FoundFile {
  name: string
  bytes: number
  sha256: string
}

/** One thing that does not agree. */
export interface Finding {
  kind: 'missing' | 'altered' | 'unknown' | 'not-sent'
  file: string
  detail: string
}

/** What a consistency audit found (TW-3.1, TW-A6.2-1). */
export interface Audit {
  tickets: number
  byState: Readonly<Record<string, number>>
  byConstituent: Readonly<Record<string, number>>
  files: number
  findings: readonly Finding[]
}

/**
 * Compares the ledger (every record of the topic `tickets`, newest last) with the files of the receiver, by count and by
 * content. A ticket that has not left is told apart from one that is missing.
 */
export function auditTickets(ledger: Iterable<Ticket>, files: Iterable<FoundFile>): Audit {
  const tickets = new Map<string, Ticket>()
  for (const ticket of ledger) tickets.set(ticket.fileName, ticket)
  const found = new Map([...files].map((file) => [file.name, file]))
  const findings: Finding[] = []
  for (const [name, ticket] of tickets) {
    const file = found.get(name)
    const sent = ticket.state === 'uploaded' || ticket.state === 'sent-unverified'
    if (file === undefined) {
      findings.push(
        sent
          ? { kind: 'missing', file: name, detail: `the ledger says ${ticket.state}` }
          : { kind: 'not-sent', file: name, detail: `${ticket.state} ${ticket.reason ?? ''}`.trim() },
      )
    } else if (file.sha256 !== ticket.sha256) {
      findings.push({ kind: 'altered', file: name, detail: `${file.bytes} bytes, ${ticket.bytes} were sent` })
    }
  }
  for (const name of found.keys()) {
    if (!tickets.has(name)) findings.push({ kind: 'unknown', file: name, detail: 'no ticket has this name' })
  }
  return {
    tickets: tickets.size,
    byState: countBy(tickets.values(), ({ state }) => state),
    byConstituent: countBy(tickets.values(), ({ constituent }) => constituent),
    files: found.size,
    findings,
  }
}

function countBy(tickets: Iterable<Ticket>, keyOf: (ticket: Ticket) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const ticket of tickets) counts[keyOf(ticket)] = (counts[keyOf(ticket)] ?? 0) + 1
  return counts
}

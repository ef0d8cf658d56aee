import type { Delivery, Ticket } from '@tocsin/events'
import { type Audit, auditTickets, delaysOf, type FoundFile } from './feeds/tw-nccst-1.3/audit.ts'

/** A half-year in Asia/Taipei, `[from, to)` in UTC ms. */
export interface HalfYear {
  /** 2026H2 */
  id: string
  from: number
  to: number
}

/** The last half-year that is over at `nowMs`: from 1 January the second of the old year, from 1 July the first of this one (TW-3.3). */
export function lastHalfYear(nowMs: number): HalfYear {
  const year = new Date(nowMs + 8 * 3_600_000).getUTCFullYear()
  const start = (of: number, month: '01' | '07') => Date.parse(`${of}-${month}-01T00:00:00+08:00`)
  return nowMs >= start(year, '07')
    ? { id: `${year}H1`, from: start(year, '01'), to: start(year, '07') }
    : { id: `${year - 1}H2`, from: start(year - 1, '07'), to: start(year, '01') }
}

/** What the half-yearly self-check found (Appendix 6, items 2-1 and 2-2). */
export interface SelfCheck {
  period: HalfYear
  at: number
  /** Where the receiver's files came from; null: the account may not read, so files were not compared. */
  server: string | null
  audit: Audit
  delays: ReturnType<typeof delaysOf>
  lists: ListDelays
}

/** How long changed lists took to the server (TW-A6.2-2): from the first attempt for a version to its proof. */
export interface ListDelays {
  versions: number
  worstMinutes: number
  /** Versions that never arrived. */
  missing: number
}

/** Takes the ledger whole and what the server has (null: it cannot be read); gives the check of the period. */
export function selfCheck(
  period: HalfYear,
  at: number,
  ledger: { tickets: readonly Ticket[]; deliveries: readonly Delivery[]; lists: readonly Delivery[] },
  server: string | null,
  files: readonly FoundFile[] | null,
): SelfCheck {
  const inPeriod = ({ issuedAt }: Ticket) => issuedAt >= period.from && issuedAt < period.to
  const tickets = ledger.tickets.filter(inPeriod)
  const outside = new Set(ledger.tickets.filter((ticket) => !inPeriod(ticket)).map(({ ticketId }) => ticketId))
  const isOutside = (id: string): boolean => outside.has(id)
  const latest = [...new Map(tickets.map((ticket) => [ticket.ticketId, ticket])).values()]
  return {
    period,
    at,
    server: files === null ? null : server,
    audit: auditTickets({
      tickets,
      deliveries: ledger.deliveries.filter(({ subjectId }) => !isOutside(subjectId)),
      ...(files === null ? {} : { files: files.filter(({ name }) => !isOutside(name.slice(0, -'.xml'.length))) }),
    }),
    delays: delaysOf(latest),
    lists: listDelays(ledger.lists.filter(({ startedAt }) => startedAt >= period.from && startedAt < period.to)),
  }
}

/** Takes the ledger rows about lists; gives the worst delay of a version. */
export function listDelays(rows: readonly Delivery[]): ListDelays {
  const versions = new Map<string, { began: number; proved: number | null }>()
  for (const { sha256, startedAt, at, proof } of rows) {
    const known = versions.get(sha256 ?? '') ?? { began: startedAt, proved: null }
    versions.set(sha256 ?? '', {
      began: Math.min(known.began, startedAt),
      proved: proof === null ? known.proved : Math.min(known.proved ?? at, at),
    })
  }
  let worstMs = 0
  let missing = 0
  for (const { began, proved } of versions.values()) {
    if (proved === null) missing++
    else worstMs = Math.max(worstMs, proved - began)
  }
  return { versions: versions.size, worstMinutes: Math.ceil(worstMs / 60_000), missing }
}

/** One sentence for the operators. */
export function selfCheckSentence({ period, audit, delays, lists, server }: SelfCheck, path: string): string {
  const faults = audit.findings.filter(({ kind }) => kind !== 'not-sent').length
  const late = Object.values(delays.late).reduce((sum, count) => sum + count, 0)
  return [
    `The self-check of ${period.id} (Appendix 6) is stored as ${path}:`,
    `${audit.tickets} tickets, ${server === null ? 'files not readable' : `${audit.files} files`}, ${faults} disagreements,`,
    `${late} later than one hour, lists at worst ${lists.worstMinutes} minutes. Look at it and send the form.`,
  ].join(' ')
}

import { parseArgs } from 'node:util'
import type { Ticket } from '@tocsin/events'
import type { Command } from '@tocsin/runtime'
import { writeUnder } from './adapters/feed-files.ts'
import { filesOf, ledgerOf, placesOf } from './adapters/receiver-files.ts'
import { auditTickets, delaysOf } from './feeds/tw-nccst-1.3/audit.ts'
import { toCsv } from './feeds/tw-nccst-1.3/csv.ts'

const OPTIONS = {
  dir: { type: 'string' },
  received: { type: 'string', multiple: true },
  server: { type: 'boolean', default: false },
  ledger: { type: 'string' },
  deliveries: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  out: { type: 'string' },
} as const

/** `tocsin feed audit`: the consistency check that the receiver may ask for at any time (TW-3.1) and the half-yearly one. */
export const audit: Command = {
  name: 'feed audit',
  summary: 'Compare tickets, ledger and the files that the receiver has, by count and content.',
  usage:
    'tocsin feed audit (--server | --dir DIR | --received FILE…) [--ledger FILE|-] [--deliveries FILE] [--from TIME] [--to TIME] [--out DIR]',
  examples: [
    'tocsin feed audit --server --from 2026-07-01 --to 2027-01-01',
    'tocsin feed audit --received answer/received-20261122.csv',
    'tocsin feed audit --dir received/incident --ledger tickets.ndjson --from 2026-07-01 --to 2027-01-01',
  ],
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS })
    const from = values.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(values.from)
    const to = values.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(values.to)
    if (placesOf(values) !== 1 || Number.isNaN(from) || Number.isNaN(to)) {
      io.stderr.write(`Usage: ${this.usage}\n`)
      return 2
    }
    const ledger = await ledgerOf(values.ledger, values.deliveries, io)
    const inPeriod = ({ issuedAt }: Ticket) => issuedAt >= from && issuedAt < to
    const tickets = ledger.tickets.filter(inPeriod)
    // Files and rows of tickets outside the period are neither missing nor unknown.
    const outside = new Set(ledger.tickets.filter((ticket) => !inPeriod(ticket)).map(({ ticketId }) => ticketId))
    const files = await filesOf(values, io)
    const { findings, rows, ...totals } = auditTickets({
      tickets,
      files: files.filter(({ name }) => !outside.has(name.slice(0, -'.xml'.length))),
      ...(ledger.deliveries === null
        ? {}
        : { deliveries: ledger.deliveries.filter(({ subjectId }) => !outside.has(subjectId)) }),
    })
    for (const finding of findings) io.stdout.write(`${JSON.stringify(finding)}\n`)
    const latest = [...new Map(tickets.map((ticket) => [ticket.ticketId, ticket])).values()]
    io.stdout.write(`${JSON.stringify({ ...totals, delays: delaysOf(latest) })}\n`)
    if (values.out !== undefined) {
      writeUnder(
        values.out,
        'reconciliation.csv',
        toCsv([Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row).map(String))]),
      )
      writeUnder(values.out, 'files.csv', filesCsv(latest))
      // What has not left, as it would: the sealed queue of a terminated account can be handed over (TW-3.5).
      for (const { state, fileName, xml } of latest) {
        if (state !== 'uploaded' && state !== 'sent-unverified')
          writeUnder(values.out, `waiting/incident/${fileName}`, xml)
      }
    }
    return findings.some(({ kind }) => kind !== 'not-sent') ? 1 : 0
  },
}

/** A row a ticket, with its hash (TW-3.1). */
function filesCsv(tickets: readonly Ticket[]): string {
  return toCsv([
    ['name', 'sha256', 'bytes', 'state', 'reason', 'constituent', 'issued_at', 'attempts', 'reply'],
    ...tickets.map(({ fileName, sha256, bytes, state, reason, constituent, issuedAt, attempts, reply }) => [
      fileName,
      sha256,
      String(bytes),
      state,
      reason ?? '',
      constituent,
      new Date(issuedAt).toISOString(),
      String(attempts),
      (reply ?? '').replace(/\s+/g, ' '),
    ]),
  ])
}

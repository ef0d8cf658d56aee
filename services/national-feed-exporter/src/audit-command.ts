import { parseArgs } from 'node:util'
import type { Delivery, Ticket } from '@tocsin/events'
import { type Command, type CommandIo, loadConfig, TocsinError } from '@tocsin/runtime'
import { foundFiles, readLines, readText, writeUnder } from './adapters/feed-files.ts'
import { readServer } from './adapters/ftps-reader.ts'
import { isAboutTicket, readLedgerOnce } from './adapters/ledger.ts'
import { endpointOf, ftpsSettingsOf, settings } from './config.ts'
import { auditTickets, delaysOf, type FoundFile } from './feeds/tw-nccst-1.3/audit.ts'
import { fromCsv, toCsv } from './feeds/tw-nccst-1.3/csv.ts'

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
    const places = [values.dir, values.received, values.server || undefined].filter((place) => place !== undefined)
    if (places.length !== 1 || Number.isNaN(from) || Number.isNaN(to)) {
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

async function ledgerOf(
  ledger: string | undefined,
  deliveries: string | undefined,
  io: CommandIo,
): Promise<{ tickets: Ticket[]; deliveries: Delivery[] | null }> {
  if (ledger === undefined) return readLedgerOnce(io.env)
  const rows = deliveries === undefined ? null : await readLines<Delivery>(deliveries, io.stdin)
  return { tickets: await readLines<Ticket>(ledger, io.stdin), deliveries: rows?.filter(isAboutTicket) ?? null }
}

async function filesOf(
  { dir, received, server }: { dir?: string; received?: string[]; server: boolean },
  io: CommandIo,
): Promise<FoundFile[]> {
  if (dir !== undefined) return foundFiles(dir, '')
  if (!server) return (received ?? []).flatMap((path) => listedFiles(readText(path)))
  const config = loadConfig(settings, io.env, 'national-feed-exporter')
  const endpoint = endpointOf(config)
  if (endpoint === null) {
    throw new TocsinError(
      'bad_settings',
      'No FTPS endpoint is set (NATIONAL_FEED_EXPORTER_FTPS_HOST); there is no server to read.',
    )
  }
  const files = await readServer(ftpsSettingsOf(config, endpoint, readText))
  if (files !== null) return files
  throw new TocsinError(
    'server_unreadable',
    `The account of ${endpoint.host} may not list or fetch; audit with --received and the receiver's listing instead.`,
  )
}

/** Reads the listing that a receiver gives (`answer/received-YYYYMMDD.csv`): what it accepted, tickets only. */
function listedFiles(csv: string): FoundFile[] {
  return fromCsv(csv)
    .slice(1)
    .filter(([name = '', , , , verdict]) => name.endsWith('.xml') && verdict === 'accepted')
    .map(([name = '', sha256 = '', bytes]) => ({ name, sha256, bytes: Number(bytes) }))
}

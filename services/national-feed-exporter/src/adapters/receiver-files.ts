import type { Delivery, Ticket } from '@tocsin/events'
import { type CommandIo, loadConfig, TocsinError } from '@tocsin/runtime'
import { endpointOf, ftpsSettingsOf, settings } from '../config.ts'
import type { FoundFile } from '../feeds/tw-nccst-1.3/audit.ts'
import { fromCsv } from '../feeds/tw-nccst-1.3/csv.ts'
import { foundFiles, readLines, readText } from './feed-files.ts'
import { readServer } from './ftps-reader.ts'
import { isAboutLists, isAboutTicket, readLedgerOnce } from './ledger.ts'

/** The ledger: from files where they are named, else from the topics. */
export async function ledgerOf(
  ledger: string | undefined,
  deliveries: string | undefined,
  io: CommandIo,
): Promise<{ tickets: Ticket[]; deliveries: Delivery[] | null; lists: Delivery[] }> {
  if (ledger === undefined) return readLedgerOnce(io.env)
  const rows = deliveries === undefined ? null : await readLines<Delivery>(deliveries, io.stdin)
  return {
    tickets: await readLines<Ticket>(ledger, io.stdin),
    deliveries: rows?.filter(isAboutTicket) ?? null,
    lists: rows?.filter(isAboutLists) ?? [],
  }
}

/** Where the receiver's files are looked for: one of these. */
export interface Places {
  dir?: string
  received?: string[]
  server: boolean
}

/** How many places were named. */
export const placesOf = ({ dir, received, server }: Places): number =>
  [dir, received, server || undefined].filter((place) => place !== undefined).length

/** What the receiver has. Throws `bad_settings`, `server_unreadable`, `unreadable_file`. */
export async function filesOf({ dir, received, server }: Places, io: CommandIo): Promise<FoundFile[]> {
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

import { z } from 'zod'
import { type Network, networkHolding, networkOf } from './address.ts'

/** A packet filter that can be reached, and for whose bodies it stands. */
export interface PacketFilter {
  sourceId: string
  constituents: readonly string[]
  host: string
  port: number
  user: string
  keyFile: string
  knownHostsFile: string
}

/** What response actions may reach: which filter stands for a body, and what is never touched. */
export interface ResponseReach {
  /** False where no filter is set up at all: then people say on each incident whether measures are possible. */
  isSetUp: boolean
  /** The filter of a body: the one named, or the only one. */
  filterOf(constituent: string, sourceId: string | null): PacketFilter | Unreachable
  /** The network that protects an address from being blocked, as text; null where none does. */
  protectionOf(address: string): string | null
}

/** Why no filter can be used, in one sentence; `isChoice` where there are several and one must be named. */
export interface Unreachable {
  why: string
  isChoice?: boolean
}

// Never written first with a hyphen: they stand among the words of a command line.
const HOST = /^[a-zA-Z0-9][a-zA-Z0-9.:-]{0,252}$/
const USER = /^[a-z_][a-z0-9_-]{0,31}$/
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
const MAX_FILTERS = 1_000
const MAX_NETWORKS = 10_000

const network = z.string().transform((text, context): Network => {
  const found = networkOf(text)
  if (found !== null) return found
  context.addIssue(`"${text.slice(0, 60)}" is no address and no network.`)
  return z.NEVER
})

/** The file that `INCIDENT_MANAGER_FILTERS` names (docs/operations/response.md). */
export const filtersFileSchema = z.strictObject({
  filters: z
    .array(
      z.strictObject({
        sourceId: z.string().regex(NAME),
        constituents: z.array(z.string().regex(NAME)).min(1).max(10_000),
        host: z.string().regex(HOST),
        port: z.int().min(1).max(65_535).default(22),
        user: z.string().regex(USER),
        keyFile: z.string().startsWith('/'),
        knownHostsFile: z.string().startsWith('/'),
      }),
    )
    .max(MAX_FILTERS)
    .refine((filters) => new Set(filters.map(({ sourceId }) => sourceId)).size === filters.length, {
      message: 'Each filter has a sourceId of its own.',
    }),
  neverBlock: z.array(network).max(MAX_NETWORKS).default([]),
})
export type FiltersFile = z.infer<typeof filtersFileSchema>

/** Addresses that mean this host, the link, everybody, or an IPv4 address in other clothes: no filter is asked for them. */
const NEVER = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  'fe80::/10',
  'ff00::/8',
].map((text) => networkOf(text) as Network)

/** Makes the reach from the file; the built-in protections hold besides what it says. */
export function reachOf({ filters, neverBlock }: FiltersFile): ResponseReach {
  const networks = [...NEVER, ...neverBlock]
  return {
    isSetUp: true,
    filterOf: (constituent, sourceId) => {
      const own = filters.filter(({ constituents }) => constituents.includes(constituent))
      const found = sourceId === null ? own : own.filter((filter) => filter.sourceId === sourceId)
      const [first, second] = found
      if (first === undefined)
        return {
          why:
            sourceId === null
              ? `No packet filter of ${constituent} is connected.`
              : `${constituent} has no packet filter "${sourceId}".`,
        }
      return second === undefined
        ? first
        : {
            why: `${constituent} has the packet filters ${own.map((one) => one.sourceId).join(', ')}: name one (via).`,
            isChoice: true,
          }
    },
    protectionOf: (address) => networkHolding(address, networks)?.text ?? null,
  }
}

/** The reach where nothing is set up. */
export const NO_REACH: ResponseReach = {
  isSetUp: false,
  filterOf: (constituent) => ({ why: `No packet filter of ${constituent} is connected.` }),
  protectionOf: (address) => networkHolding(address, NEVER)?.text ?? null,
}

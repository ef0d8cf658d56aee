import { z } from 'zod'
import { parseRange } from '../address.ts'

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1 to 40 of a-z, 0-9 and -')
const port = z.number().int().min(0).max(65_535).optional()
const file = z.string().min(1)
const range = z.string().refine((text) => parseRange(text) !== null, 'is no address or CIDR')
const hostPort = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):\d{1,5}$/, 'must be host:port')

const store = z.strictObject({
  folder: file,
  maxMib: z.number().min(1).max(100_000_000).default(51_200),
  keepDays: z.number().min(0).max(36_500).default(30),
  full: z.enum(['refuse', 'drop-oldest']).default('refuse'),
  segmentMib: z.number().min(0.01).max(256).default(16),
})

const listen = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  udp: port,
  tcp: port,
  tls: port,
  relp: port,
  relpTls: port,
  /** Who may send; others are refused, counted, and nothing of them is kept. */
  allow: z.array(range).min(1, 'must name who may send, for example 10.0.0.0/8'),
  certFile: file.optional(),
  keyFile: file.optional(),
  clientCaFile: file.optional(),
  maxFrameBytes: z.number().int().min(480).max(262_144).default(64_000),
})

const followed = z.strictObject({ name, path: file })
const journal = z.strictObject({
  name: name.default('journal'),
  units: z.array(z.string().min(1).max(200)).default([]),
})

const centre = z.strictObject({
  protocol: z.enum(['relp', 'syslog']).default('relp'),
  /** Tried in turn. */
  addresses: z.array(hostPort).min(1),
  caFile: file.optional(),
  certFile: file.optional(),
  keyFile: file.optional(),
  serverName: z.string().min(1).optional(),
  /** Without TLS; for a centre on this machine, or inside a tunnel that is named in the file's comment. */
  plaintext: z.boolean().default(false),
  /** Lines that may wait for the centre's answer. */
  window: z.number().int().min(1).max(10_000).default(1_000),
  /** Only for syslog, which has no answers: so long after it was sent a line counts as arrived. */
  settleSeconds: z.number().min(1).max(3_600).default(60),
})

/** The configuration file of a collector. */
export const collectSchema = z.strictObject({
  collector: name,
  circuit: z.enum(['inner', 'outer']),
  store,
  listen: listen.optional(),
  files: z.array(followed).max(1_000).default([]),
  journal: journal.optional(),
  centre,
  admin: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: z.number().int().min(0).max(65_535).default(9_610) })
    .default({ host: '127.0.0.1', port: 9_610 }),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

export type CollectConfig = z.infer<typeof collectSchema>

/** Names that the collector itself gives to inputs. */
const OWN_INPUTS = ['udp', 'tcp', 'tls', 'relp', 'relp-tls', 'self']

/** Takes a configuration that fits the schema; gives what is wrong between its settings, with the path of each. */
export function configProblems(config: CollectConfig): { path: PropertyKey[]; message: string }[] {
  const problems: { path: PropertyKey[]; message: string }[] = []
  const say = (path: PropertyKey[], message: string) => problems.push({ path, message })
  const { listen: door, files, journal: followedJournal, centre: to } = config
  if (door === undefined && files.length === 0 && followedJournal === undefined)
    say([], 'nothing is collected: name listen, files or journal')
  const names = [...files.map((each) => each.name), ...(followedJournal === undefined ? [] : [followedJournal.name])]
  for (const [index, each] of names.entries()) {
    if (OWN_INPUTS.includes(each) || names.indexOf(each) !== index)
      say(
        index < files.length ? ['files', index, 'name'] : ['journal', 'name'],
        `${each} is already the name of an input`,
      )
  }
  if (door !== undefined) {
    const secure = door.tls !== undefined || door.relpTls !== undefined
    if (secure && (door.certFile === undefined || door.keyFile === undefined))
      say(['listen', 'certFile'], 'tls and relpTls need certFile and keyFile')
  }
  if ((to.certFile === undefined) !== (to.keyFile === undefined))
    say(['centre', 'certFile'], 'certFile and keyFile go together')
  if (to.plaintext && to.caFile !== undefined) say(['centre', 'plaintext'], 'plaintext and caFile exclude each other')
  return problems
}

import { isIP } from 'node:net'
import { z } from 'zod'

/** Sections of the registry, in the order in which they are published: a body before what belongs to it. */
export const SECTIONS = ['constituents', 'systems', 'assets', 'sources', 'contacts'] as const
export type Section = (typeof SECTIONS)[number]

/** One entry of the registry as it stands in a file: every field there, instants as ISO 8601 in UTC. */
export type Entry = { readonly id: string } & Readonly<Record<string, unknown>>

/** One thing that is wrong in a registry file, with its place. */
export interface RegistryFault {
  place: string
  reason: string
}

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens, at most 63')
const text = z.string().trim().max(10_000)
const given = text.min(1, 'must not be empty')
const item = given.regex(/^[^\r\n]*$/, 'must stand on one line')
const texts = z.record(z.string().regex(/^[^\s=]{1,60}$/, 'must be one word without ='), item).default({})
const list = z.array(item).default([])
/** Absent and empty are one: a cell of a table cannot tell them apart. */
const optional = text
  .nullable()
  .default(null)
  .transform((value) => (value === '' ? null : value))
const address = given.refine(isAddress, 'must be an IPv4 or IPv6 address, or a network such as 192.0.2.0/24')
const addresses = z.array(address).default([])
const timeZone = z.string().refine(isTimeZone, 'must be an IANA time zone')
const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'must be a date or an instant in ISO 8601')
  .transform((value) => new Date(value).toISOString())
  .nullable()

const constituent = z.strictObject({
  id,
  name: given,
  names: texts,
  country: z.string().length(2),
  pack: given,
  roles: z.array(item).min(1, 'must name at least one'),
  oid: optional,
  nationalIds: texts,
  systemClass: z.number().int().min(1).max(5).nullable().default(null),
  agencyLevel: optional,
  sector: optional,
  parentId: optional,
  legalScope: list,
  integratedWithEgov: z.boolean().nullable().default(null),
  servesEGovernment: z.boolean().nullable().default(null),
  limits: z
    .record(
      z.string(),
      z.string().regex(/^P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$/, 'must be an ISO 8601 duration such as PT6H'),
    )
    .default({}),
  group: z.string().regex(/^[a-z0-9_]{1,60}$/, 'must be lower-case letters, digits and underscores, at most 60'),
  timeZone,
  languages: z.array(item).min(1, 'must name at least one'),
})
const system = z.strictObject({
  id,
  constituent: id,
  name: given,
  description: text.default(''),
  systemClass: z.number().int().min(1).max(5),
  ips: addresses,
  domains: list,
  services: list,
  os: list,
  webApps: list,
  monitoringPosition: optional,
  linkCapacityMbps: z.array(z.number()).default([]),
  expectedInputs: list,
  internetConnections: z.array(id).default([]),
  usesHttps: z.boolean().default(false),
  httpsMeasure: z
    .enum(['terminating-proxy-log', 'waf-after-decryption', 'server-log', 'tls-metadata', 'decrypting-mirror'])
    .nullable()
    .default(null),
  surveillanceMode: z.enum(['direct', 'indirect', 'both']).default('direct'),
  performedBy: z.enum(['self', 'provider', 'ministry']).default('self'),
  legalScope: list,
  state: z.enum(['planned', 'active', 'retired']).default('active'),
})
const asset = z.strictObject({
  id,
  constituent: id,
  circuit: z.enum(['inner', 'outer']),
  ip: address,
  hostname: optional,
  unit: optional,
  floor: optional,
  office: optional,
  responsible: optional,
  os: optional,
  systemId: optional,
  criticality: z.number().int().min(0).max(100).default(50),
})
const source = z.strictObject({
  id,
  constituent: id,
  name: given,
  addresses,
  certificateSubjects: list,
  listeners: list,
  circuit: z.enum(['inner', 'outer']),
  kind: z.enum(['application', 'system', 'security-device', 'web-server', 'firewall', 'monitoring']),
  sourceChannel: z.enum(['basic', 'equipment', 'indirect', 'other']).default('basic'),
  timeZone,
  charset: given.default('utf-8'),
  formatHint: optional,
  expectedIntervalSeconds: z.number().int().positive().nullable().default(null),
  systemIds: list,
  connections: z.array(id).default([]),
  contactIds: z.array(id).default([]),
  maintainedBy: optional,
  position: optional,
  version: optional,
  configHash: optional,
  legalScope: list,
  deviceName: optional,
  exercise: z.boolean().default(false),
})
/** Ways to reach a contact (services/notifier/README.md): the six of VN-8.3c, and those of machines and chats. */
const CHANNELS = [
  'mail',
  'webhook',
  'sms',
  'chat',
  'telegram',
  'telephone',
  'fax',
  'official-dispatch',
  'website',
  'console',
] as const

const contact = z.strictObject({
  id,
  constituent: id,
  kind: z.enum(['person', 'department']).default('department'),
  role: given,
  name: text.default(''),
  department: optional,
  position: optional,
  address: optional,
  phone: optional,
  mobile: optional,
  email: z.email('must be an e-mail address').nullable().default(null),
  webhook: z.url('must be a URL').nullable().default(null),
  language: z.string().min(2),
  certificate: optional,
  certificateExpiresAt: instant.default(null),
  addresses: texts,
  channels: z.array(z.enum(CHANNELS)).min(1, 'must name at least one'),
  test: z.boolean().default(false),
})

/** What an entry of each section must be. */
export const schemas = {
  constituents: constituent,
  systems: system,
  assets: asset,
  sources: source,
  contacts: contact,
} as const satisfies Record<Section, z.ZodObject>

/** Entries as their own types, by section. */
export type Entries = { [S in Section]: z.output<(typeof schemas)[S]> }

/** Names of the fields of a section, in the order in which a table shows them. */
export function fieldsOf(section: Section): string[] {
  return Object.keys(schemas[section].shape)
}

/** Takes what a file says; gives the entry with every field filled in, or the faults, each with the path of its field. */
export function readEntry(
  section: Section,
  raw: unknown,
): { entry: Entry } | { faults: readonly { path: readonly PropertyKey[]; reason: string }[] } {
  const result = schemas[section].safeParse(raw)
  if (result.success) return { entry: result.data }
  return { faults: result.error.issues.map((issue) => ({ path: issue.path, reason: sentenceOf(issue) })) }
}

/** What zod found, in words for a person who has the file open. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`
    case 'unrecognized_keys':
      return `there is no field ${issue.keys.join(', ')}`
    case 'invalid_type':
      return issue.input === undefined && issue.message.endsWith('received undefined')
        ? 'must not be empty'
        : issue.message
    default:
      return issue.message
  }
}

/** IPv4, IPv6, or either with the length of a network. */
function isAddress(value: string): boolean {
  const [, base = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(value) ?? []
  const version = isIP(base)
  return version !== 0 && (length === undefined || Number(length) <= (version === 4 ? 32 : 128))
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

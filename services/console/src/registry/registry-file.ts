import type {
  RegistryAsset,
  RegistryConstituent,
  RegistryContact,
  RegistrySource,
  RegistrySystem,
} from '@tocsin/events'
import type { Output } from '@tocsin/stage'
import { parse } from 'yaml'
import { z } from 'zod'

/** Who changed the registry, when and why: stands in every record. */
export interface Change {
  changedBy: string
  changedAt: number
  reason: string
}

/** One thing that is wrong in a registry file, with its place. */
export interface RegistryFault {
  place: string
  reason: string
}

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens, at most 63')
const texts = z.record(z.string(), z.string()).default({})
const list = z.array(z.string()).default([])
const optional = z.string().nullable().default(null)
const instant = z
  .union([z.iso.datetime(), z.iso.date()])
  .transform((text) => Date.parse(text))
  .nullable()

const constituent = z.strictObject({
  id,
  name: z.string().min(1),
  names: texts,
  country: z.string().length(2),
  pack: z.string().min(1),
  roles: z.array(z.string()).min(1),
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
  group: z.string().regex(/^[a-z0-9_]{1,60}$/),
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone'),
  languages: z.array(z.string()).min(1),
})
const system = z.strictObject({
  id,
  constituent: id,
  name: z.string().min(1),
  description: z.string().default(''),
  systemClass: z.number().int().min(1).max(5),
  ips: list,
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
})
const asset = z.strictObject({
  id,
  constituent: id,
  circuit: z.enum(['inner', 'outer']),
  ip: z.string().min(1),
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
  name: z.string().min(1),
  addresses: list,
  certificateSubjects: list,
  listeners: list,
  circuit: z.enum(['inner', 'outer']),
  kind: z.enum(['application', 'system', 'security-device', 'web-server', 'firewall', 'monitoring']),
  sourceChannel: z.enum(['basic', 'equipment', 'indirect', 'other']).default('basic'),
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone'),
  charset: z.string().default('utf-8'),
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
const contact = z.strictObject({
  id,
  constituent: id,
  role: z.string().min(1),
  name: z.string().min(1),
  position: optional,
  address: optional,
  phone: optional,
  mobile: optional,
  email: z.email().nullable().default(null),
  webhook: z.url().nullable().default(null),
  language: z.string().min(2),
  certificate: optional,
  certificateExpiresAt: instant.default(null),
  channels: z.array(z.enum(['mail', 'webhook', 'sms', 'console'])).min(1),
  test: z.boolean().default(false),
})
const file = z.strictObject({
  constituents: z.array(z.unknown()).default([]),
  systems: z.array(z.unknown()).default([]),
  assets: z.array(z.unknown()).default([]),
  sources: z.array(z.unknown()).default([]),
  contacts: z.array(z.unknown()).default([]),
})

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/**
 * Reads a registry file (YAML or JSON) with the sections constituents, systems, assets, sources and contacts. Gives the
 * records to write and the faults by place; a faulty entry is left out and stops no other.
 */
export function readRegistryFile(text: string, change: Change): { outputs: Output[]; faults: RegistryFault[] } {
  const faults: RegistryFault[] = []
  const outputs: Output[] = []
  const common = { ...change, deleted: false }
  const valid = { validFrom: 0, validTo: null }
  const parsed = file.safeParse(parse(text))
  if (!parsed.success)
    return {
      outputs,
      faults: parsed.error.issues.map((issue) => ({ place: issue.path.join('.'), reason: issue.message })),
    }
  const each = <T>(section: keyof z.infer<typeof file>, schema: z.ZodType<T>, take: (entry: T) => void) => {
    for (const [index, entry] of parsed.data[section].entries()) {
      const result = schema.safeParse(entry)
      if (result.success) take(result.data)
      else
        faults.push(
          ...result.error.issues.map((issue) => ({
            place: [`${section}[${index}]`, ...issue.path].join('.'),
            reason: issue.message,
          })),
        )
    }
  }
  each('constituents', constituent, ({ id: constituentId, ...rest }) => {
    const value: RegistryConstituent = { constituentId, ...rest, ...valid, ...common }
    outputs.push({ topic: 'registry-constituents', key: constituentId, value })
  })
  each('systems', system, ({ id: systemId, ...rest }) => {
    const value: RegistrySystem = { systemId, ...rest, ...common }
    outputs.push({ topic: 'registry-systems', key: systemId, value })
  })
  each('assets', asset, ({ id: assetId, ...rest }) => {
    const value: RegistryAsset = { assetId, ...rest, ...valid, ...common }
    outputs.push({ topic: 'registry-assets', key: assetId, value })
  })
  each('sources', source, ({ id: sourceId, ...rest }) => {
    const value: RegistrySource = { sourceId, ...rest, ...common }
    outputs.push({ topic: 'registry-sources', key: sourceId, value })
  })
  each('contacts', contact, ({ id: contactId, ...rest }) => {
    const value: RegistryContact = { contactId, ...rest, ...valid, ...common }
    outputs.push({ topic: 'registry-contacts', key: contactId, value })
  })
  return { outputs, faults }
}

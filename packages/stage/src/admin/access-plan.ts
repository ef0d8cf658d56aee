import { TocsinError } from '@tocsin/runtime'
import { parse } from 'yaml'
import { changelogTopic } from '../store.ts'

/** One right of one user, from any host. Kafka adds `describe` to `read` and to `write` by itself. */
export interface Right {
  /** As the broker sees the user, `User:…`. */
  principal: string
  resource: 'topic' | 'group' | 'transactional-id'
  name: string
  pattern: 'literal' | 'prefixed'
  operation: 'read' | 'write' | 'describe'
}

/** Kafka's quota keys to bytes a second and broker, or percent of a broker's request threads. */
export type Quota = Readonly<Record<string, number>>

/** Rights and quotas as they should be. */
export interface AccessPlan {
  rights: Right[]
  /** By user, without `User:`. */
  quotas: Map<string, Quota>
}

interface TopicsFile {
  topics: { name: string; writers: string[]; readers: string[] }[]
  changelogs: { stage: string; stores: string[] }[]
  feeds: { agencies: string[] }
}

interface AccessFile {
  principals: { service: string; agency: string }
  quotas: { every: FileQuota; agencies: Record<string, FileQuota>; services: Record<string, FileQuota> }
  services: string[]
}

type FileQuota = Record<string, number>

const KEYS: Readonly<Record<string, string>> = {
  consumerByteRate: 'consumer_byte_rate',
  producerByteRate: 'producer_byte_rate',
  requestPercentage: 'request_percentage',
}
const EVERY_SERVICE = 'every service'
/** The records for agencies: whoever writes them writes the feeds. */
const FEED_RECORDS = 'feed-records'
/** No dot: a group's prefix is the name and a dot, and must not reach into another's groups. */
const NAME = /^[a-z0-9][a-z0-9-]{1,40}$/

/**
 * Takes the texts of topics.yaml and access.yaml; gives every right and quota as it should be, for topics, groups and
 * transactions under `prefix`. Throws `TocsinError('bad_access')` naming what is wrong.
 */
export function planAccess(topicsText: string, accessText: string, prefix: string): AccessPlan {
  const topics = parse(topicsText) as TopicsFile
  const access = checked(parse(accessText) as AccessFile, topics.feeds.agencies)
  const principal = (kind: 'service' | 'agency', name: string) => access.principals[kind].replaceAll('{name}', name)
  const { agencies } = topics.feeds
  const rights = [
    ...access.services.flatMap((name) => rightsOfService(principal('service', name), name, topics, prefix)),
    ...agencies.flatMap((name) => rightsOfAgency(principal('agency', name), name, prefix)),
  ]
  const quotas = new Map<string, Quota>()
  const limit = (user: string, quota: FileQuota) => quotas.set(user.replace(/^User:/, ''), kafkaNames(quota))
  for (const name of agencies) limit(principal('agency', name), access.quotas.agencies[name] ?? access.quotas.every)
  for (const [name, quota] of Object.entries(access.quotas.services)) limit(principal('service', name), quota)
  return { rights, quotas }
}

function rightsOfService(principal: string, service: string, topics: TopicsFile, prefix: string): Right[] {
  const on = (resource: Right['resource'], operation: Right['operation'], name: string, pattern: Right['pattern']) => ({
    principal,
    resource,
    name: prefix + name,
    pattern,
    operation,
  })
  const named = (who: readonly string[]) => who.includes(service) || who.includes(EVERY_SERVICE)
  const own = topics.changelogs
    .filter(({ stage }) => stage === service || stage.startsWith(`${service}.`))
    .flatMap(({ stage, stores }) => stores.map((store) => changelogTopic(stage, store)))
  const feeds = topics.topics.some(({ name, writers }) => name === FEED_RECORDS && named(writers))
    ? topics.feeds.agencies.map((agency) => `feed.${agency}`)
    : []
  const reads = [...topics.topics.filter(({ readers }) => named(readers)).map(({ name }) => name), ...own]
  const writes = [...topics.topics.filter(({ writers }) => named(writers)).map(({ name }) => name), ...own, ...feeds]
  return [
    ...reads.map((name) => on('topic', 'read', name, 'literal')),
    ...writes.map((name) => on('topic', 'write', name, 'literal')),
    on('group', 'read', service, 'literal'),
    on('group', 'read', `${service}.`, 'prefixed'),
    on('transactional-id', 'write', `${service}.`, 'prefixed'),
    on('transactional-id', 'describe', `${service}.`, 'prefixed'),
  ]
}

function rightsOfAgency(principal: string, agency: string, prefix: string): Right[] {
  const read = { principal, operation: 'read' } as const
  return [
    { ...read, resource: 'topic', name: `${prefix}feed.${agency}`, pattern: 'literal' },
    { ...read, resource: 'group', name: `${prefix}${agency}.`, pattern: 'prefixed' },
  ]
}

function checked(file: AccessFile, agencies: readonly string[]): AccessFile {
  const wrong = (what: string): never => {
    throw new TocsinError('bad_access', `The file of access is wrong: ${what}. Correct access.yaml.`)
  }
  const { principals, quotas, services } = file
  for (const kind of ['service', 'agency'] as const) {
    const pattern = principals?.[kind]
    if (typeof pattern !== 'string' || !/^User:.*\{name\}/.test(pattern)) wrong(`principals.${kind} is no User:…{name}`)
  }
  const names = [...(Array.isArray(services) ? services : wrong('services is no list')), ...agencies]
  for (const name of names) if (!NAME.test(name)) wrong(`"${name}" is no name of a service or an agency`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) wrong(`${twice} is there twice, as a service or an agency`)
  const limits = { every: quotas?.every, ...quotas?.agencies, ...quotas?.services }
  for (const [name, quota] of Object.entries(limits)) {
    if (name !== 'every' && !names.includes(name)) wrong(`quotas name ${name}, which is no service and no agency`)
    for (const [key, value] of Object.entries(quota ?? wrong('quotas.every is missing'))) {
      if (!Object.hasOwn(KEYS, key))
        wrong(`the quota of ${name} has ${key}: write one of ${Object.keys(KEYS).join(', ')}`)
      if (!(Number.isFinite(value) && value > 0)) wrong(`${key} of ${name} is no number above 0`)
    }
  }
  return file
}

function kafkaNames(quota: FileQuota): Quota {
  return Object.fromEntries(Object.entries(quota).map(([key, value]) => [KEYS[key] ?? key, value]))
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity } from '../supervisor/process-identity.ts'
import type { Program } from '../supervisor/program.ts'
import type { Address } from '../supervisor/run-file.ts'
import { elasticsearchProgram } from './elasticsearch.ts'
import { kafkaProgram } from './kafka.ts'
import { pinnedNode, projectRoot } from './places.ts'
import type { PortWish } from './ports.ts'
import { answersHttp } from './probe.ts'
import { registryProgram, registryUrl } from './registry.ts'
import { type ServiceEntry, services } from './services.ts'
import { StackError } from './stack-error.ts'

/** What one stack consists of; `up` makes it, the supervisor reads it from `plan.json` in the data folder. */
export interface Plan {
  dataFolder: string
  /** Services in order, each with its number of processes. */
  services: readonly { name: string; replicas: number }[]
  ports: Readonly<Record<string, number>>
  /** False for a stack of servers alone: no topics, no schemas, no rules are put into it. */
  runSteps: boolean
  /** A stack for tests: it ends with this process, however that ends, and takes its data folder with it. */
  livesWith: ProcessIdentity | null
}

const serverPorts: readonly PortWish[] = [
  { name: 'kafka', defaultPort: 19092, protocols: ['tcp'] },
  { name: 'registry', defaultPort: 18081, protocols: ['tcp'] },
  { name: 'elasticsearch', defaultPort: 19200, protocols: ['tcp'] },
  { name: 'kafka-controller', defaultPort: 19093, protocols: ['tcp'] },
  { name: 'registry-management', defaultPort: 18082, protocols: ['tcp'] },
  { name: 'elasticsearch-transport', defaultPort: 19300, protocols: ['tcp'] },
]

const firstAdminPort = 19601

/** The services asked for with their processes: all that exist for null. Throws `bad_argument` for a name that is none. */
export function selectServices(
  asked: readonly string[] | null,
  replicas: ReadonlyMap<string, number>,
): Plan['services'] {
  const known = services.map((service) => service.name)
  const strange = [...(asked ?? []), ...replicas.keys()].find((name) => !known.includes(name))
  if (strange !== undefined) {
    throw new StackError('bad_argument', `There is no service called "${strange}"; known are ${known.join(', ')}.`)
  }
  const wanted = new Set(asked ?? known)
  // Both send to the outside world, which the embedded stack brings along.
  if (wanted.has('notifier') || wanted.has('national-feed-exporter')) wanted.add('sinks')
  return known
    .filter((name) => wanted.has(name) && existsSync(mainOf(name)))
    .map((name) => ({ name, replicas: replicas.get(name) ?? 1 }))
}

/** Every port that a stack with these services needs, in a fixed order, so that a second start gets the same ones. */
export function portWishes(selected: Plan['services']): PortWish[] {
  const names = new Set(selected.map((service) => service.name))
  const sockets = services.filter((service) => names.has(service.name)).flatMap((service) => service.ports)
  const admin = selected.flatMap(({ name, replicas }) =>
    Array.from({ length: replicas }, (_, slot) => programName(name, slot)),
  )
  return [
    ...serverPorts,
    ...sockets,
    ...admin.map(
      (name, index): PortWish => ({ name: adminPort(name), defaultPort: firstAdminPort + index, protocols: ['tcp'] }),
    ),
  ]
}

/** The programs of a plan in starting order. Throws where Java or the jars are missing. */
export function programsOf(plan: Plan, env: NodeJS.ProcessEnv): Program[] {
  const { dataFolder } = plan
  const port = portOf(plan)
  const servers = [
    kafkaProgram({
      port: port('kafka'),
      controllerPort: port('kafka-controller'),
      dataFolder: join(dataFolder, 'kafka'),
      env,
    }),
    registryProgram({
      port: port('registry'),
      managementPort: port('registry-management'),
      kafkaBrokers: `127.0.0.1:${port('kafka')}`,
      dataFolder: join(dataFolder, 'registry'),
      env,
    }),
    elasticsearchProgram({
      port: port('elasticsearch'),
      transportPort: port('elasticsearch-transport'),
      dataFolder: join(dataFolder, 'elasticsearch'),
      env,
    }),
  ]
  const serverNames = servers.map((server) => server.name)
  const hasSinks = plan.services.some((service) => service.name === 'sinks')
  return [
    ...servers,
    ...plan.services.flatMap(({ name, replicas }) =>
      Array.from({ length: replicas }, (_, slot) =>
        serviceProgram(plan, name, slot, name === 'sinks' || !hasSinks ? serverNames : [...serverNames, 'sinks']),
      ),
    ),
  ]
}

/** What commands and services learn about the stack from their environment. */
export function stackEnvironment(plan: Plan): Record<string, string> {
  const port = portOf(plan)
  return {
    TOCSIN_PROFILE: 'embedded',
    KAFKA_BROKERS: `127.0.0.1:${port('kafka')}`,
    REGISTRY_URL: registryUrl(port('registry')),
    ELASTICSEARCH_URL: `http://127.0.0.1:${port('elasticsearch')}`,
    TOCSIN_CLOCK_FILE: join(plan.dataFolder, 'clock'),
  }
}

/** Every address of a plan in the order in which they are printed. */
export function addressesOf(plan: Plan): Address[] {
  const port = portOf(plan)
  const env = stackEnvironment(plan)
  const selected = services.filter((entry) => plan.services.some((service) => service.name === entry.name))
  const sockets = selected.flatMap((entry) => Object.entries(entry.addresses(port)))
  const metrics = plan.services.flatMap(({ name, replicas }) =>
    Array.from({ length: replicas }, (_, slot): [string, string] => {
      const program = programName(name, slot)
      return [`${program} metrics`, `http://127.0.0.1:${port(adminPort(program))}/metrics`]
    }),
  )
  return [
    ['Kafka', env.KAFKA_BROKERS ?? ''] as const,
    ['schema registry', env.REGISTRY_URL ?? ''] as const,
    ['Elasticsearch', env.ELASTICSEARCH_URL ?? ''] as const,
    ...sockets,
    ...metrics,
  ].map(([name, address]) => ({ name, address }))
}

function serviceProgram(plan: Plan, name: string, slot: number, after: readonly string[]): Program {
  const program = programName(name, slot)
  const dataFolder = join(plan.dataFolder, 'data', program)
  const port = portOf(plan)
  const admin = port(adminPort(program))
  return {
    name: program,
    kind: 'service',
    command: pinnedNode,
    args: [mainOf(name)],
    env: {
      ...stackEnvironment(plan),
      TOCSIN_SLOT: String(slot),
      TOCSIN_DATA: dataFolder,
      TOCSIN_ADMIN_PORT: String(admin),
      ...entryOf(name).env(port, { projectRoot, dataFolder, sinksFolder: join(plan.dataFolder, 'data', 'sinks') }),
    },
    workingFolder: projectRoot,
    dataFolder,
    isReady: () => answersHttp(`http://127.0.0.1:${admin}/ready`),
    readyTimeoutMs: 120_000,
    after,
  }
}

function entryOf(name: string): ServiceEntry {
  const entry = services.find((service) => service.name === name)
  if (entry === undefined) throw new StackError('bad_argument', `There is no service called "${name}".`)
  return entry
}

function mainOf(service: string): string {
  return join(projectRoot, entryOf(service).main ?? `services/${service}/src/main.ts`)
}

function programName(service: string, slot: number): string {
  return slot === 0 ? service : `${service}-${slot}`
}

function adminPort(program: string): string {
  return `${program}-admin`
}

function portOf(plan: Plan): (name: string) => number {
  return (name) => {
    const port = plan.ports[name]
    if (port === undefined) throw new StackError('bad_argument', `The plan has no port called "${name}".`)
    return port
  }
}

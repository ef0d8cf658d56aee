import type { CoverageInput, RegistrySource, RegistrySystem } from '@tocsin/events'
import { type Coverage, inputOf, servesSystem } from './coverage-input.ts'
import { kazakhCoverageOf } from './kazakh-coverage.ts'
import type { SourceWorld } from './source-world.ts'

/** Inputs that every system of class 3 and above owes (VN-5.1d); each is a kind of source. */
const MANDATORY = ['web-server', 'monitoring', 'firewall'] as const
const LEAST_CLASS = 3
/** Sources that can be the basic monitoring equipment of a connection. */
const SENSOR_KINDS: readonly string[] = ['monitoring', 'security-device']
/** A connection is covered when a sensor on it was heard in this time (VN-5.2b). */
const CONNECTION_WITHIN_MS = 24 * 3_600_000
/** Which kinds of sources a measure against encryption gives its lines through (VN-5.2d). */
const MEASURE_KINDS: Readonly<Record<string, readonly string[]>> = {
  'terminating-proxy-log': ['application', 'security-device', 'web-server', 'firewall'],
  'waf-after-decryption': ['security-device', 'monitoring'],
  'server-log': ['web-server', 'application'],
  'tls-metadata': ['monitoring', 'security-device', 'firewall'],
  'decrypting-mirror': ['monitoring', 'security-device'],
}

/** Coverage of every system and every Internet connection of the registry. */
export function coverageOf(world: SourceWorld, nowMs: number): Coverage[] {
  const sources = [...world.sources()]
  const systems = [...world.systems()]
  return [
    ...systems.filter(({ systemClass }) => systemClass >= LEAST_CLASS).map((one) => inputsOf(one, sources, world)),
    ...systems.filter(({ usesHttps }) => usesHttps).map((one) => httpsOf(one, sources, world)),
    ...connectionsOf(systems, sources, world, nowMs),
    ...systems
      .filter(({ expectedInputs }) => expectedInputs.length > 0)
      .map((one) => requiredLogsOf(one, sources, world)),
    ...kazakhCoverageOf(systems, sources, world),
  ]
}

function inputsOf(system: RegistrySystem, sources: readonly RegistrySource[], world: SourceWorld): Coverage {
  const inputs = MANDATORY.map((kind) =>
    inputOf(
      kind,
      sources.filter((source) => servesSystem(source, system) && source.kind === kind),
      world,
    ),
  )
  return coverage('mandatory-inputs', system, ['VN-5.1d'], inputs, null, world)
}

function httpsOf(system: RegistrySystem, sources: readonly RegistrySource[], world: SourceWorld): Coverage {
  const kinds = MEASURE_KINDS[system.httpsMeasure ?? ''] ?? []
  const able = sources.filter((source) => servesSystem(source, system) && kinds.includes(source.kind))
  return coverage('https', system, ['VN-5.2d'], [inputOf('https-measure', able, world)], system.httpsMeasure, world)
}

/** The logs that the object's list asks for (KZ-10.3a): each `kind:protocol` has a source of its kind. */
function requiredLogsOf(system: RegistrySystem, sources: readonly RegistrySource[], world: SourceWorld): Coverage {
  const inputs = system.expectedInputs.map((input) => {
    const kind = kindOfInput(input)
    const able = sources.filter((source) => servesSystem(source, system) && source.kind === kind)
    return inputOf(input, able, world)
  })
  const kazakh = world.constituent(system.constituent)?.country === 'KZ' ? ['KZ-10.3a'] : []
  return { ...coverage('required-logs', system, [], inputs, null, world), requirementIds: [...kazakh, 'XC-8'] }
}

/** `web-server:syslog` asks for a source of kind `web-server`. */
export function kindOfInput(input: string): string {
  return input.split(':', 1)[0]?.trim() ?? ''
}

/** One row for each connection of a body; systems may share one. */
function connectionsOf(
  systems: readonly RegistrySystem[],
  sources: readonly RegistrySource[],
  world: SourceWorld,
  nowMs: number,
): Coverage[] {
  const byConnection = new Map<string, RegistrySystem[]>()
  for (const system of systems) {
    for (const connection of system.internetConnections) {
      const key = `${system.constituent}\n${connection}`
      byConnection.set(key, [...(byConnection.get(key) ?? []), system])
    }
  }
  return [...byConnection].map(([key, served]) => {
    const [constituent = '', connection = ''] = key.split('\n')
    const sensors = sources.filter(
      (source) =>
        source.constituent === constituent &&
        source.connections.includes(connection) &&
        SENSOR_KINDS.includes(source.kind),
    )
    const input = inputOf('sensor', sensors, world)
    const isFresh = input.lastSeenAt !== null && nowMs - input.lastSeenAt < CONNECTION_WITHIN_MS
    const state = sensors.length === 0 ? 'missing' : isFresh ? 'covered' : 'silent'
    return {
      coverageId: `internet-connection:${constituent}:${connection}`,
      constituent,
      kind: 'internet-connection',
      subject: connection,
      systemIds: served.map(({ systemId }) => systemId).sort(),
      requirementIds: requirementsOf(world, constituent, ['VN-5.2b']),
      state,
      inputs: [{ ...input, state }],
      measure: null,
    }
  })
}

function coverage(
  kind: string,
  { systemId, constituent }: RegistrySystem,
  requirementIds: readonly string[],
  inputs: CoverageInput[],
  measure: string | null,
  world: SourceWorld,
): Coverage {
  const worst = (['missing', 'silent'] as const).find((state) => inputs.some((input) => input.state === state))
  return {
    coverageId: `${kind}:${systemId}`,
    constituent,
    kind,
    subject: systemId,
    systemIds: [systemId],
    requirementIds: requirementsOf(world, constituent, requirementIds),
    state: kind === 'https' && measure === null ? 'missing' : (worst ?? 'covered'),
    inputs,
    measure,
  }
}

/** The table is kept for every body; the Vietnamese articles are named where they hold. */
function requirementsOf(world: SourceWorld, constituent: string, vietnamese: readonly string[]): string[] {
  return [...(world.constituent(constituent)?.country === 'VN' ? vietnamese : []), 'XC-8']
}

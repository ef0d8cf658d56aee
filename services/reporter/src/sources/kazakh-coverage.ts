import type { CoverageInput, RegistrySource, RegistrySystem } from '@tocsin/events'
import { type Coverage, inputOf, servesSystem } from './coverage-input.ts'
import type { SourceWorld } from './source-world.ts'

/** Kinds whose lines are an object's own, and kinds that are sources in the sense of the order: means of protection (KZ-6.1). */
const OBJECT_KINDS: readonly string[] = ['application', 'system', 'web-server']
const SOURCE_KINDS: readonly string[] = ['security-device', 'firewall', 'monitoring']
const STS = 'STS'

/**
 * What the Kazakh order asks of collecting beyond the list of logs: of each object both its own logs and those of its
 * sources (KZ-10.3d), and of each body the sources that STS maintains, each heard in its interval (KZ-10.3b).
 */
export function kazakhCoverageOf(
  systems: readonly RegistrySystem[],
  sources: readonly RegistrySource[],
  world: SourceWorld,
): Coverage[] {
  const isKazakh = ({ constituent }: { constituent: string }): boolean =>
    world.constituent(constituent)?.country === 'KZ'
  const maintained = sources.filter((source) => isKazakh(source) && source.maintainedBy === STS)
  const bodies = [...new Set(maintained.map(({ constituent }) => constituent))]
  return [
    ...systems.filter(isKazakh).map((system) => bothKindsOf(system, sources, world)),
    ...bodies.map((body) =>
      maintainedOf(
        body,
        maintained.filter(({ constituent }) => constituent === body),
        world,
      ),
    ),
  ]
}

function bothKindsOf(system: RegistrySystem, sources: readonly RegistrySource[], world: SourceWorld): Coverage {
  const { systemId, constituent } = system
  const serving = sources.filter((source) => servesSystem(source, system))
  const inputs = [
    inputOf(
      'object-log',
      serving.filter(({ kind }) => OBJECT_KINDS.includes(kind)),
      world,
    ),
    inputOf(
      'source-log',
      serving.filter(({ kind }) => SOURCE_KINDS.includes(kind)),
      world,
    ),
  ]
  return rowOf('object-and-source-logs', systemId, constituent, [systemId], ['KZ-10.3d'], inputs)
}

function maintainedOf(body: string, sources: readonly RegistrySource[], world: SourceWorld): Coverage {
  const inputs = sources.map((source) => inputOf(source.sourceId, [source], world))
  const systemIds = [...new Set(sources.flatMap((source) => source.systemIds))].sort()
  return rowOf('maintained-sources', body, body, systemIds, ['KZ-10.3b'], inputs)
}

function rowOf(
  kind: string,
  subject: string,
  constituent: string,
  systemIds: string[],
  requirementIds: string[],
  inputs: CoverageInput[],
): Coverage {
  const worst = (['missing', 'silent'] as const).find((state) => inputs.some((input) => input.state === state))
  const state = worst ?? 'covered'
  return {
    coverageId: `${kind}:${subject}`,
    constituent,
    kind,
    subject,
    systemIds,
    requirementIds,
    state,
    inputs,
    measure: null,
  }
}

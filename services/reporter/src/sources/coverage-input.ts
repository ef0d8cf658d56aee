import type { CoverageInput, CoverageState, RegistrySource, RegistrySystem } from '@tocsin/events'
import type { SourceWorld } from './source-world.ts'

/** What coverage says at an instant; when it began and was written is added by who publishes it. */
export type Coverage = Omit<CoverageState, 'since' | 'updatedAt'>

/** Whether a source gives its lines for a system of its own body. */
export function servesSystem(source: RegistrySource, system: RegistrySystem): boolean {
  return source.constituent === system.constituent && source.systemIds.includes(system.systemId)
}

/** One input: missing without a source, silent when any of its sources is; a part that is not heard is not covered. */
export function inputOf(input: string, sources: readonly RegistrySource[], world: SourceWorld): CoverageInput {
  const states = sources.map(({ sourceId }) => world.state(sourceId))
  const seen = states.map((state) => state?.lastSeenAt ?? null).filter((at) => at !== null)
  const isHeard = states.every((state) => state?.state === 'heard')
  return {
    input,
    state: sources.length === 0 ? 'missing' : isHeard ? 'covered' : 'silent',
    sourceIds: sources.map(({ sourceId }) => sourceId).sort(),
    lastSeenAt: seen.length === 0 ? null : Math.max(...seen),
  }
}

import type { RegistrySource, RegistrySystem, SourceState } from '@tocsin/events'
import { kindOfInput } from './coverage.ts'
import { servesSystem } from './coverage-input.ts'

/** One log of an object: what comes, or should come, from it (KZ-10.3a). */
export interface ListedLog {
  systemId: string
  constituent: string
  /** Null where a required log has no source. */
  sourceId: string | null
  /** Kind of source, which is the type of log. */
  logType: string
  /** As the source is registered, or as the list asks for; null: found by the lines themselves. */
  format: string | null
  required: boolean
  maintainedBy: string | null
  /** As of the source, or `missing`. */
  state: string
}

/** The list of event logs of each object: its sources, and what is required of it and missing. */
export function logListOf(
  systems: Iterable<RegistrySystem>,
  sources: Iterable<RegistrySource>,
  stateOf: (sourceId: string) => SourceState | undefined,
): ListedLog[] {
  const all = [...sources]
  return [...systems].flatMap((system) => {
    const { systemId, constituent, expectedInputs } = system
    const required = new Map(expectedInputs.map((input) => [kindOfInput(input), input.split(':').slice(1).join(':')]))
    const serving = all.filter((source) => servesSystem(source, system))
    const listed = serving.map(
      ({ sourceId, kind, formatHint, maintainedBy }): ListedLog => ({
        systemId,
        constituent,
        sourceId,
        logType: kind,
        format: formatHint ?? (required.get(kind) || null),
        required: required.has(kind),
        maintainedBy,
        state: stateOf(sourceId)?.state ?? 'never-heard',
      }),
    )
    const missing = [...required].filter(([kind]) => !serving.some((source) => source.kind === kind))
    return [
      ...listed,
      ...missing.map(([logType, format]): ListedLog => {
        const none = { sourceId: null, maintainedBy: null, required: true, state: 'missing' } as const
        return { systemId, constituent, logType, format: format || null, ...none }
      }),
    ]
  })
}

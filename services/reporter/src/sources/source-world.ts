import type { RegistryConstituent, RegistrySource, RegistrySystem, SourceState } from '@tocsin/events'

/** What the watch over sources knows of the registry; main.ts answers from the tables. */
export interface SourceWorld {
  source(id: string): RegistrySource | undefined
  sources(): Iterable<RegistrySource>
  systems(): Iterable<RegistrySystem>
  constituent(id: string): RegistryConstituent | undefined
  /** The state that was published last, by whichever partition watches the source. */
  state(sourceId: string): SourceState | undefined
}

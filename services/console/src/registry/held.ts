import { type Entry, SECTIONS, type Section } from './entries.ts'

/** An entry in force, and when it was last changed, UTC milliseconds. */
export interface Held {
  entry: Entry
  changedAt: number
}

/** The registry at one instant: what is in force, by section and id. */
export type Registry = Readonly<Record<Section, ReadonlyMap<string, Held>>>

/** A registry that can be filled. */
export type OpenRegistry = Record<Section, Map<string, Held>>

/** An empty registry. */
export function emptyRegistry(): OpenRegistry {
  return Object.fromEntries(SECTIONS.map((section) => [section, new Map<string, Held>()])) as OpenRegistry
}

/** A registry with what another holds; changing it leaves the other as it is. */
export function copyOf(registry: Registry): OpenRegistry {
  return Object.fromEntries(SECTIONS.map((section) => [section, new Map(registry[section])])) as OpenRegistry
}

/** Entries of a section in order of their ids. */
export function entriesOf(registry: Registry, section: Section): Entry[] {
  return [...registry[section].values()].map(({ entry }) => entry).sort((a, b) => (a.id < b.id ? -1 : 1))
}

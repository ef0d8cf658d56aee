import { inForce } from '@tocsin/obligations'
import type { Law } from './registry.ts'

/** Which version of a pack is asked for: the one that a case was made under, or the one in force at an instant, UTC ms. */
export type Edition = { version: string } | { at: number }

/**
 * The packs that are loaded, several versions of one beside each other: a case keeps the law that was in force at its first
 * instant (XC-2).
 */
export class LawBook {
  readonly #editions = new Map<string, Law[]>()

  constructor(laws: readonly Law[]) {
    for (const law of laws) this.#editions.set(law.pack.id, [...(this.#editions.get(law.pack.id) ?? []), law])
    for (const editions of this.#editions.values()) editions.sort(byAge)
  }

  /** Every version of every pack. */
  get all(): Law[] {
    return [...this.#editions.values()].flat()
  }

  /** The same, as `id version`. */
  get names(): string[] {
    return this.all.map(({ pack }) => `${pack.id} ${pack.version}`)
  }

  /**
   * The law of a pack. A version that is no longer there, because it was corrected, gives way to the newest; at an instant
   * at which none was in force there is none.
   */
  law(packId: string, edition: Edition): Law | undefined {
    const editions = this.#editions.get(packId) ?? []
    if ('at' in edition) return editions.findLast(({ pack }) => inForce(pack, edition.at))
    return editions.find(({ pack }) => pack.version === edition.version) ?? editions.at(-1)
  }
}

/** The later one comes later into force; of two that do so on one day, the higher version counts. */
function byAge({ pack: a }: Law, { pack: b }: Law): number {
  return a.inForceFrom - b.inForceFrom || a.version.localeCompare(b.version, 'en', { numeric: true })
}

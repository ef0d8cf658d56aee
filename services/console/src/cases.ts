import type { Incident } from '@tocsin/events'

const ENDED: readonly string[] = ['closed', 'false-positive', 'merged']

/**
 * The present of every case, by body: what the page shows. Bounded for each body; where there are more, the oldest ended
 * ones go first, then the oldest. What goes is still on `incidents` and in the search.
 */
export class Cases {
  readonly #maxPerConstituent: number
  readonly #byId = new Map<string, Incident>()
  readonly #byConstituent = new Map<string, Map<string, Incident>>()
  #left = 0

  constructor(maxPerConstituent: number) {
    this.#maxPerConstituent = maxPerConstituent
  }

  /** Takes a record of `incidents` (null: deleted); gives the ids of cases that left the memory with it. */
  apply(caseId: string, incident: Incident | null): { caseId: string; constituent: string }[] {
    if (incident === null) {
      const known = this.#byId.get(caseId)
      if (known === undefined) return []
      this.#remove(known)
      return [{ caseId, constituent: known.constituent }]
    }
    const before = this.#byId.get(caseId)
    if (before !== undefined && before.constituent !== incident.constituent) this.#remove(before)
    this.#byId.set(caseId, incident)
    const own = this.#byConstituent.get(incident.constituent) ?? new Map<string, Incident>()
    this.#byConstituent.set(incident.constituent, own)
    own.set(caseId, incident)
    if (own.size <= this.#maxPerConstituent) return []
    const oldest = oldestOf(own.values())
    if (oldest === undefined) return []
    this.#remove(oldest)
    this.#left++
    return [{ caseId: oldest.caseId, constituent: oldest.constituent }]
  }

  get(caseId: string): Incident | undefined {
    return this.#byId.get(caseId)
  }

  /** Cases of the bodies that pass, newest change first. */
  list(isVisible: (constituent: string) => boolean): Incident[] {
    const found: Incident[] = []
    for (const [constituent, own] of this.#byConstituent) if (isVisible(constituent)) found.push(...own.values())
    return found.sort((a, b) => b.modifiedAt - a.modifiedAt)
  }

  /** Cases in memory, and how many left it for want of room. */
  get counts(): { kept: number; left: number } {
    return { kept: this.#byId.size, left: this.#left }
  }

  #remove(incident: Incident): void {
    this.#byId.delete(incident.caseId)
    this.#byConstituent.get(incident.constituent)?.delete(incident.caseId)
  }
}

function oldestOf(incidents: Iterable<Incident>): Incident | undefined {
  let oldest: Incident | undefined
  for (const incident of incidents) if (oldest === undefined || goesBefore(incident, oldest)) oldest = incident
  return oldest
}

function goesBefore(a: Incident, b: Incident): boolean {
  const aEnded = ENDED.includes(a.status)
  const bEnded = ENDED.includes(b.status)
  return aEnded === bEnded ? a.modifiedAt < b.modifiedAt : aEnded
}

import type { IncidentChange } from '@tocsin/events'
import type { CaseFacts, Fact, Pack, Timeline } from '@tocsin/obligations'
import { clockViewOf } from './change.ts'
import { clockSubjectsOf } from './clocks.ts'
import type { Registry } from './registry.ts'

/** Which cases of the history are run under another law. */
export interface ReplayWish {
  /** Detected in [from, until), UTC ms. */
  from: number
  until: number
  /** Cases that were made under this pack; null for those of the new pack's own country. */
  of: string | null
}

/**
 * The timeline of what really happened, for a pack that is not in force yet: facts come from the newest snapshot of each case
 * on `incident-changes`. A delivery of a clock that the new pack does not have proves for any of its clocks that the role was
 * told; which message it was the new law cannot know. Changes that are no snapshot of ours are left out and counted.
 */
export function timelineOfCases(
  changes: readonly IncidentChange[],
  pack: Pack,
  registry: Pick<Registry, 'constituent'>,
  { from, until, of }: ReplayWish,
): { timeline: Timeline; unreadable: number } {
  const newest = new Map<string, IncidentChange>()
  for (const change of changes)
    if ((newest.get(change.caseId)?.revision ?? 0) < change.revision) newest.set(change.caseId, change)
  const cases: CaseFacts[] = []
  let unreadable = 0
  for (const change of newest.values()) {
    const country = registry.constituent(change.constituent)?.country
    if (of === null ? country !== pack.country : change.pack !== of) continue
    try {
      const view = clockViewOf(change.snapshot)
      if (view.record.detectedAt < from || view.record.detectedAt >= until) continue
      cases.push(...clockSubjectsOf(view, registry).map((subject) => underPack(subject, pack)))
    } catch {
      unreadable += 1
    }
  }
  return { timeline: { until, cases: cases.sort((a, b) => (a.caseId < b.caseId ? -1 : 1)) }, unreadable }
}

function underPack(subject: CaseFacts, pack: Pack): CaseFacts {
  const known = new Set(pack.clocks.map(({ id }) => id))
  const every = pack.clocks.flatMap(({ id, kinds }) => kinds.map((kind) => `${id}/${kind}`))
  const facts = subject.facts.map((fact): Fact => {
    const own = fact.clocks ?? []
    const isStrange = own.some((key) => !known.has(key.split('/')[0] ?? ''))
    return fact.name === 'delivery' && isStrange ? { ...fact, clocks: [...own, ...every] } : fact
  })
  return { ...subject, facts }
}

import type { Participant, RawRef } from '@tocsin/events'

/** Upper bound of every list of a case (schemas/incident.avsc). */
export const MAX_MEMBERS = 100

/**
 * Merges who took part. One side is one (role, address, port, host, domain, account); its count is the highest that any
 * detection named, so that updates and repeats of one detection never count twice. The sides named most often are kept.
 */
export function mergeParticipants(known: readonly Participant[], more: readonly Participant[]): Participant[] {
  const sides = new Map<string, Participant>()
  for (const side of [...known, ...more]) {
    const key = JSON.stringify([side.role, side.ip, side.port, side.host, side.domain, side.account])
    const before = sides.get(key)
    if (before === undefined || side.count > before.count) sides.set(key, side)
  }
  return [...sides.entries()]
    .sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
    .slice(0, MAX_MEMBERS)
    .map(([, side]) => side)
}

/** Merges evidence; the earliest records stay, by event id, which begins with the time of receipt. */
export function mergeRawRefs(known: readonly RawRef[], more: readonly RawRef[]): RawRef[] {
  const refs = new Map<string, RawRef>()
  for (const ref of [...known, ...more]) if (!refs.has(ref.eventId)) refs.set(ref.eventId, ref)
  return [...refs.values()].sort((a, b) => (a.eventId < b.eventId ? -1 : 1)).slice(0, MAX_MEMBERS)
}

/** Merges two lists of ids: sorted, each once, bounded. */
export function mergeIds(known: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...known, ...more])].sort().slice(0, MAX_MEMBERS)
}

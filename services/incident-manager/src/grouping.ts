import { type CaseGroup, caseIdOf } from '@tocsin/events'
import type { CaseState } from './case.ts'
import { isEnded } from './handler.ts'
import { followMerges } from './merge.ts'

/** True while detections may still join the case. */
export function isOpen(state: CaseState): boolean {
  return !isEnded(state)
}

/** Every open case of a body. */
export function openOf(cases: { entries(): Iterable<[string, CaseState]> }, constituent: string): CaseState[] {
  return [...cases.entries()]
    .map(([, state]) => state)
    .filter((state) => state.record.constituent === constituent && isOpen(state))
}

/** Where a detection of a group belongs. */
export interface Place {
  caseId: string
  /** The open case, or null where it is to be opened under `caseId`. */
  existing: CaseState | null
  /** Case of the same group in the window before, if there was one. */
  before: string | null
}

/**
 * Finds the one open case of a group. Case ids are hashes of (group, window, how many of them were closed before), so two
 * open cases of one group and window cannot exist: they would be the same case. Nothing has to be remembered for that.
 */
export function placeOf(group: CaseGroup, cases: { get(caseId: string): CaseState | undefined }): Place {
  const earlier = caseIdOf({ ...group, window: group.window - 1 }, 0)
  const before = cases.get(earlier) === undefined ? null : earlier
  for (let ordinal = 0; ; ordinal += 1) {
    const caseId = caseIdOf(group, ordinal)
    const found = cases.get(caseId)
    if (found === undefined) return { caseId, existing: null, before }
    // A case that was merged goes on under the other number, while that one is open.
    const existing = followMerges(found, cases)
    if (isOpen(existing)) return { caseId: existing.record.caseId, existing, before }
  }
}

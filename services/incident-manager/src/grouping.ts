import { type Detection, idFrom } from '@tocsin/events'
import type { CaseState } from './case.ts'
import { isEnded } from './handler.ts'
import { followMerges } from './merge.ts'

/** Detections of one group join one case within a window of this length. */
export const GROUP_WINDOW_MS = 24 * 3_600_000

/** What a detection is grouped by. */
export interface Group {
  /** Constituent, entities, technique and exercise, readable. */
  key: string
  /** Number of the window that T0 falls in; windows are counted from 1970, so every process and every replay cuts alike. */
  window: number
}

/**
 * The group of a detection: who (the group-by values of a correlation, otherwise the source, otherwise the target), what
 * (its ATT&CK technique without the sub-technique, otherwise its RSIT class), where (constituent) and whether it is an
 * exercise. It depends on the detection alone and not on what came before: that is what makes doubles impossible.
 */
export function groupOf(detection: Detection): Group {
  const { constituent, exercise, techniques, rsitClass, rsitType, detectedAt } = detection
  const technique = techniques[0]?.split('.')[0] ?? `${rsitClass}/${rsitType}`
  const key = [constituent, exercise ? 'exercise' : 'live', technique, entityOf(detection)].join('|').slice(0, 400)
  return { key, window: Math.floor(detectedAt / GROUP_WINDOW_MS) }
}

const SOURCE_NAMES = ['source.ip', 'source_ip']

function entityOf(detection: Detection): string {
  const grouped = Object.entries(detection.groupBy).sort(([a], [b]) => (a < b ? -1 : 1))
  const address = grouped.find(([name]) => SOURCE_NAMES.includes(name))?.[1]
  if (address !== undefined && address !== '') return `source=${address}`
  if (grouped.length > 0) return grouped.map(([name, value]) => `${name}=${value}`).join(',')
  const named = (role: string): string | null => {
    const side = detection.participants.find((participant) => participant.role === role)
    return side === undefined ? null : (side.ip ?? side.host ?? side.domain ?? side.account)
  }
  const source = named('source')
  if (source !== null) return `source=${source}`
  const target = named('target')
  return target !== null ? `target=${target}` : `device=${detection.deviceName ?? detection.sourceIds[0] ?? ''}`
}

/** True while detections may still join the case. */
export function isOpen(state: CaseState): boolean {
  return !isEnded(state)
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
export function placeOf(group: Group, cases: { get(caseId: string): CaseState | undefined }): Place {
  const idOf = (window: number, ordinal: number): string => idFrom('case', group.key, window, ordinal)
  const earlier = idOf(group.window - 1, 0)
  const before = cases.get(earlier) === undefined ? null : earlier
  for (let ordinal = 0; ; ordinal += 1) {
    const caseId = idOf(group.window, ordinal)
    const found = cases.get(caseId)
    if (found === undefined) return { caseId, existing: null, before }
    // A case that was merged goes on under the other number, while that one is open.
    const existing = followMerges(found, cases)
    if (isOpen(existing)) return { caseId: existing.record.caseId, existing, before }
  }
}

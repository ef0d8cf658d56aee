import { idFrom } from './ids.ts'
import type { Detection } from './records.gen.ts'

/** Detections of one group join one case within a window of this length. */
export const CASE_WINDOW_MS = 24 * 3_600_000

/** What a detection is grouped by. */
export interface CaseGroup {
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
export function caseGroupOf(detection: Detection): CaseGroup {
  const { constituent, exercise, techniques, rsitClass, rsitType, detectedAt } = detection
  const technique = techniques[0]?.split('.')[0] ?? `${rsitClass}/${rsitType}`
  const key = [constituent, exercise ? 'exercise' : 'live', technique, entityOf(detection)].join('|').slice(0, 400)
  return { key, window: Math.floor(detectedAt / CASE_WINDOW_MS) }
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

/**
 * Id of the case of a group: a hash of (group, window, how many of its cases were closed before). Everybody who knows the
 * first detection knows the id of its case, without having asked incident-manager.
 */
export function caseIdOf(group: CaseGroup, ordinal: number): string {
  return idFrom('case', group.key, group.window, ordinal)
}

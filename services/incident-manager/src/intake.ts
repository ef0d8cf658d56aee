import { caseGroupOf, type Detection } from '@tocsin/events'
import type { LegalKinds } from '@tocsin/obligations'
import { addDetection, type CaseState, type DetectionEntry, openCase, promote, reopened } from './case.ts'
import { placeOf } from './grouping.ts'
import { followMerges } from './merge.ts'
import type { Law } from './registry.ts'
import { type Upload, withTicket } from './tickets.ts'

/** What a detection made of the cases: a new one, a fuller one, or an event that became an incident. */
export interface Intake {
  state: CaseState
  action: 'created' | 'detection-added' | 'promoted'
}

/** What an intake may look at. */
export interface IntakeSetting {
  law: Law
  kinds: LegalKinds
  /** What is known of this detection from an earlier revision. */
  known: DetectionEntry | undefined
  cases: { get(caseId: string): CaseState | undefined }
  /** The upload of the ticket of this detection, where it was known before the detection itself. */
  upload: Upload | null
  nextNumber(): string
  /** Time limits of the body's own regulation now (VN-5.3b). */
  settings: Readonly<Record<string, string>>
  nowMs: number
}

/**
 * Puts a legal detection where it belongs: into the case that an earlier revision of it is in, else into the open case of its
 * group, else into a new one.
 */
export function takeIn(detection: Detection, setting: IntakeSetting): Intake {
  const { law, kinds, known, cases, nowMs } = setting
  const joined = known === undefined ? undefined : cases.get(known.caseId)
  if (joined !== undefined) return join(followMerges(joined, cases), detection, setting)
  const group = caseGroupOf(detection)
  const { caseId, existing, before } = placeOf(group, cases)
  if (existing !== null) return join(existing, detection, setting)
  const related = before === null ? [] : [`continues:${before}`]
  const number = setting.nextNumber()
  const opened = openCase(detection, {
    caseId,
    number,
    groupKey: group.key,
    law,
    kinds,
    related,
    settings: setting.settings,
    nowMs,
  })
  return { state: ticketed(opened, detection, setting), action: 'created' }
}

/** A detection that the pack calls a ticket has one; its T0 is what was committed first. */
function ticketed(state: CaseState, detection: Detection, { kinds, known, upload }: IntakeSetting): CaseState {
  return kinds.ticket ? withTicket(state, detection, known?.detectedAt ?? detection.detectedAt, upload) : state
}

function join(existing: CaseState, detection: Detection, setting: IntakeSetting): Intake {
  const { law, kinds, known, nowMs } = setting
  const state = ticketed(addDetection(existing, detection, known, law), detection, setting)
  if (!kinds.incident || state.record.kind !== 'event' || state.record.status === 'false-positive') {
    return { state, action: 'detection-added' }
  }
  // An update keeps the T0 of its first record, so the moment of becoming an incident is now, not then (AMB-KZ6).
  const at = known === undefined ? detection.detectedAt : nowMs
  return { state: promote(reopened(state, nowMs), at), action: 'promoted' }
}

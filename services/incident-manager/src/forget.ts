import type { Store } from '@tocsin/stage'
import type { Answer } from './answer.ts'
import type { CaseState, DetectionEntry } from './case.ts'
import { isEnded } from './handler.ts'
import { actionsOf, holdsAddress } from './response/action.ts'
import type { Upload } from './tickets.ts'

/** What grows with time and may be forgotten. */
export interface Memory {
  cases: Store<CaseState>
  detections: Store<DetectionEntry>
  commands: Store<Answer>
  uploads: Store<Upload>
}

/**
 * Forgets ids that are older than anything a topic can still bring (`horizon`, UTC ms), and cases that ended before
 * `endedBefore`, wait for nothing and block no address: the topics keep them.
 */
export function forget({ cases, detections, commands, uploads }: Memory, horizon: number, endedBefore: number): void {
  for (const [id, { detectedAt }] of detections.entries()) if (detectedAt < horizon) detections.delete(id)
  for (const [id, { at }] of commands.entries()) if (at < horizon) commands.delete(id)
  for (const [id, { at }] of uploads.entries()) if (at < horizon) uploads.delete(id)
  for (const [caseId, state] of cases.entries())
    if (
      isEnded(state) &&
      state.wakeAt === null &&
      state.record.modifiedAt < endedBefore &&
      !actionsOf(state.record).some(holdsAddress)
    )
      cases.delete(caseId)
}

import { type HistoryEntry, type Incident, idFrom } from '@tocsin/events'
import type { Output } from '@tocsin/stage'
import { blankRecord } from './blank-record.ts'
import type { CaseState } from './case.ts'
import type { ClockView } from './clocks.ts'
import { canonicalJson } from './snapshot.ts'

/** What changed, who did it and why; the case's next revision is made from it. */
export interface Change {
  action: string
  actor: string
  reason: string | null
  detail: Record<string, string>
}

const MAX_HISTORY = 50
const MAX_DETAIL = 4000

/**
 * Turns a changed case into its next revision: one record of the present (`incidents`), one of the history
 * (`incident-changes`, whose snapshot also holds the facts, so that clocks can be recomputed from the topic alone).
 */
export function commitChange(state: CaseState, change: Change, nowMs: number): { state: CaseState; outputs: Output[] } {
  const revision = state.record.revision + 1
  const detail = Object.entries(change.detail).map(([name, text]) => [name, text.slice(0, MAX_DETAIL)])
  const entry: HistoryEntry = {
    at: nowMs,
    actor: change.actor,
    action: change.action,
    detail:
      change.reason?.slice(0, 500) ??
      (detail.length === 0
        ? null
        : detail
            .map(([name, text]) => `${name}: ${text}`)
            .join('; ')
            .slice(0, 500)),
  }
  const record = {
    // A case that was kept by an older version lacks the fields that were added since.
    ...blankRecord(),
    ...state.record,
    revision,
    modifiedAt: nowMs,
    history: [...state.record.history, entry].slice(-MAX_HISTORY),
  }
  const { caseId, constituent, exercise, pack, kind, severity } = record
  return {
    state: { ...state, record },
    outputs: [
      { topic: 'incidents', key: caseId, value: record },
      {
        topic: 'incident-changes',
        key: constituent,
        value: {
          changeId: idFrom(caseId, revision),
          caseId,
          constituent,
          revision,
          at: nowMs,
          exercise,
          actor: change.actor,
          action: change.action,
          reason: change.reason,
          detail: Object.fromEntries(detail),
          pack,
          kind,
          severity,
          snapshot: snapshotOf({ ...state, record }),
        },
      },
    ],
  }
}

/** Canonical JSON of a case: its record, the facts that its clocks follow from, and what its pack's conditions may ask. */
export function snapshotOf(state: CaseState): string {
  const { record, facts, level, detectionKind, origin, marks, tickets, settings, settingsSince } = state
  const known = { level, detectionKind, origin, marks, tickets, settings }
  const attributes = settingsSince === undefined ? known : { ...known, settingsSince }
  return canonicalJson({ ...record, facts, attributes })
}

/** Reads a snapshot back, as far as clocks need it. Throws SyntaxError where it is not one of ours. */
export function clockViewOf(snapshot: string): ClockView {
  const { facts, attributes, ...record } = JSON.parse(snapshot) as Incident & {
    facts: CaseState['facts']
    attributes: Pick<
      CaseState,
      'level' | 'detectionKind' | 'origin' | 'marks' | 'tickets' | 'settings' | 'settingsSince'
    >
  }
  return { record: record as Incident, facts, ...attributes }
}

import type { RegistryConstituent } from '@tocsin/events'
import { inLanguage } from '@tocsin/events'
import { outOfScope, type Pack, periodCaseId, runsOf, type ScheduledRun, type ScheduleSpec } from '@tocsin/obligations'
import { CENTRE } from '../registry.ts'
import { newRequest } from './new-request.ts'
import type { RequestState } from './request-state.ts'

/** Longer than any period of a task: the run that is open now began within it. */
const LOOK_BACK_MS = 400 * 86_400_000
/** Bodies that take part and are not watched themselves. */
const NOT_WATCHED = ['centre', 'agency', 'enterprise']

/** A run of a schedule that a body has to be asked for now. */
export interface OpenRun {
  schedule: ScheduleSpec
  run: ScheduledRun
}

/** True where the duties of a body bind it: it is watched, and no guard of the law leaves it out. */
export function isBound(body: RegistryConstituent, pack: Pack): boolean {
  if (body.constituentId === CENTRE || body.deleted) return false
  if (body.roles.some((role) => NOT_WATCHED.includes(role))) return false
  return outOfScope(pack, { ...body, object: 'constituent' }) === null
}

/**
 * The runs of a pack's tasks and checks that are open now. A run that is past its due time is asked for only where it opened
 * after `since`, so that an outage leaves no quarter out and a new body is not asked for old ones. UTC ms.
 */
export function openRuns(pack: Pack, since: number, nowMs: number): OpenRun[] {
  return pack.schedules
    .filter(({ scope, action }) => scope === 'constituent' && action !== 'report')
    .flatMap((schedule) =>
      runsOf(pack, schedule, nowMs - LOOK_BACK_MS, nowMs + 1)
        .filter((run) => nowMs < run.dueAt || run.opensAt > since)
        .map((run) => ({ schedule, run })),
    )
}

/** The request that stands for one run of one body; its id is the same whenever it is made. */
export function requestOfRun(
  { schedule, run }: OpenRun,
  body: RegistryConstituent,
  pack: Pack,
  number: string,
): RequestState {
  const { constituentId, languages } = body
  const title = inLanguage(schedule.title as Record<string, string>, languages[0] ?? 'en')
  const record = newRequest({
    requestId: periodCaseId(pack.id, schedule.id, constituentId, run.period),
    kind: schedule.action,
    constituent: constituentId,
    from: CENTRE,
    to: constituentId,
    ground: schedule.requirements[0] ?? schedule.id,
    subject: title,
    body: '',
    createdAt: run.opensAt,
    dueAt: run.dueAt,
    exercise: false,
    openedBy: 'incident-manager',
    pack: pack.id,
    number,
    scheduleId: schedule.id,
    period: run.period,
  })
  return { record, facts: [], recorded: {}, run, waitingFor: {}, alarmed: false, wakeAt: run.opensAt }
}

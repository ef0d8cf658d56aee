import type { RegistryConstituent } from '@tocsin/events'
import { type Pack, runsOf, type ScheduledRun, type ScheduleSpec } from '@tocsin/obligations'
import type { Store } from '@tocsin/stage'
import type { ReportKind } from './report-kind.ts'

/** One report that is to be made now. */
export interface DueReport {
  kind: ReportKind
  pack: Pack
  schedule: ScheduleSpec
  constituent: RegistryConstituent
  run: ScheduledRun
}

/** How far the reports of one schedule and constituent have come: runs that open from here on are still to be made. */
export interface ScheduleMark {
  from: number
}

const MAX_RUNS = 62

/** What the schedules look at. */
export interface ScheduleWorld {
  packs: readonly Pack[]
  kinds: readonly ReportKind[]
  constituents(): Iterable<RegistryConstituent>
}

/**
 * The reports that are due at `nowMs`: runs that opened at least `waitMs` ago. A body seen for the first time begins with the
 * period that runs now; a reporter that was away makes up for what it missed.
 */
export function dueReports(
  world: ScheduleWorld,
  marks: Store<ScheduleMark>,
  nowMs: number,
  waitMs: number,
): DueReport[] {
  const due: DueReport[] = []
  const constituents = [...world.constituents()]
  for (const pack of world.packs) {
    for (const schedule of pack.schedules) {
      const kind = world.kinds.find(({ id, pack: owner }) => owner === pack.id && id === schedule.report)
      if (kind === undefined) continue
      for (const constituent of constituents) {
        if (!isUnder(constituent, pack, nowMs)) continue
        const key = markKey(schedule, constituent)
        const mark = marks.get(key)
        if (mark === undefined) marks.set(key, { from: nowMs })
        else
          for (const run of runsOf(pack, schedule, mark.from, nowMs - waitMs, MAX_RUNS))
            due.push({ kind, pack, schedule, constituent, run })
      }
    }
  }
  return due
}

/** Marks a report as made. */
export function markMade(marks: Store<ScheduleMark>, { schedule, constituent, run }: DueReport): void {
  marks.set(markKey(schedule, constituent), { from: run.opensAt + 1 })
}

/** Roles that the law names as receivers of a schedule's report. */
export function rolesOf(schedule: ScheduleSpec): readonly string[] {
  const { met } = schedule
  return typeof met === 'object' && 'delivered' in met ? met.delivered.to : []
}

function isUnder(constituent: RegistryConstituent, pack: Pack, nowMs: number): boolean {
  const { deleted, validFrom, validTo } = constituent
  // The centre's own desks are a constituent too, but no body that is watched.
  if (deleted || constituent.pack !== pack.id || constituent.roles.includes('centre')) return false
  return validFrom <= nowMs && (validTo === null || nowMs < validTo)
}

function markKey(schedule: ScheduleSpec, constituent: RegistryConstituent): string {
  return `${schedule.id}|${constituent.constituentId}`
}

import type { RegistryConstituent } from '@tocsin/events'
import { inForce, type Pack, runsOf, type ScheduledRun, type ScheduleSpec } from '@tocsin/obligations'
import type { Store } from '@tocsin/stage'
import type { ReportTemplate } from './template.ts'

/** A pack with its report templates; several versions of one pack may stand beside each other (XC-2). */
export interface ReportPack {
  pack: Pack
  templates: readonly ReportTemplate[]
}

/** One report that is to be made now. */
export interface DueReport {
  template: ReportTemplate
  pack: Pack
  schedule: ScheduleSpec
  /** Null for the whole country. */
  constituent: RegistryConstituent | null
  run: ScheduledRun
}

/** How far the reports of one schedule and constituent have come: runs that open from here on are still to be made. */
export interface ScheduleMark {
  from: number
}

const MAX_RUNS = 62

/** What the schedules look at. */
export interface ScheduleWorld {
  packs: readonly ReportPack[]
  readonly constituents: () => Iterable<RegistryConstituent>
}

/**
 * The reports that are due at `nowMs`, oldest first: runs that opened at least `waitMs` ago. A body seen for the first time
 * begins with the period that runs now; a reporter that was away makes up for what it missed. A period has the law in force
 * when it began.
 */
export function dueReports(
  world: ScheduleWorld,
  marks: Store<ScheduleMark>,
  nowMs: number,
  waitMs: number,
): DueReport[] {
  const due: DueReport[] = []
  const runs = openedRuns()
  const constituents = [...world.constituents()]
  for (const { pack, templates } of world.packs) {
    const bodies = constituents.filter((constituent) => isUnder(constituent, pack, nowMs))
    if (bodies.length === 0) continue
    for (const schedule of pack.schedules) {
      const template = templates.find(({ id }) => id === schedule.report)
      if (template === undefined) continue
      for (const constituent of schedule.scope === 'national' ? [null] : bodies) {
        const key = markKey(schedule, constituent)
        const mark = marks.get(key)
        if (mark === undefined) marks.set(key, { from: nowMs })
        else
          for (const run of runs(pack, schedule, mark.from, nowMs - waitMs))
            due.push({ template, pack, schedule, constituent, run })
      }
    }
  }
  return due.sort((one, other) => one.run.opensAt - other.run.opensAt)
}

/**
 * Gives the runs that opened between two instants, those alone for which the pack was in force; the same question of one look
 * is reckoned once, for bodies ask it alike.
 */
export function openedRuns(): (pack: Pack, schedule: ScheduleSpec, fromMs: number, toMs: number) => ScheduledRun[] {
  const known = new Map<string, ScheduledRun[]>()
  return (pack, schedule, fromMs, toMs) => {
    const key = `${pack.version}|${schedule.id}|${fromMs}`
    let runs = known.get(key)
    if (runs === undefined) {
      runs = runsOf(pack, schedule, fromMs, toMs, MAX_RUNS).filter((run) => inForce(pack, run.from))
      known.set(key, runs)
    }
    return runs
  }
}

/** Marks a report as made. */
export function markMade(marks: Store<ScheduleMark>, { schedule, constituent, run }: DueReport): void {
  marks.set(markKey(schedule, constituent), { from: run.opensAt + 1 })
}

/** Roles that get a schedule's report: those that own its draft, else those that the law names as receivers. */
export function rolesOf({ met, draftTo }: ScheduleSpec): readonly string[] {
  if (draftTo !== undefined) return draftTo
  return typeof met === 'object' && 'delivered' in met ? met.delivered.to : []
}

/** Whether a body is watched under a pack at an instant; the centre's own desks are a constituent too, but no such body. */
export function isUnder(constituent: RegistryConstituent, pack: Pack, nowMs: number): boolean {
  const { deleted, validFrom, validTo } = constituent
  if (deleted || constituent.pack !== pack.id || constituent.roles.includes('centre')) return false
  return validFrom <= nowMs && (validTo === null || nowMs < validTo)
}

function markKey(schedule: ScheduleSpec, constituent: RegistryConstituent | null): string {
  return `${schedule.id}|${constituent?.constituentId ?? '*'}`
}

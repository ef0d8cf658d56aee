import { type HealthEvent, idFrom, type Report } from '@tocsin/events'
import { messageOf } from '@tocsin/runtime'
import type { Output, Store } from '@tocsin/stage'
import { ALL } from './law.ts'
import type { ReportOrder } from './produce.ts'
import { reportNotices } from './report-notices.ts'
import { type DueReport, dueReports, markMade, rolesOf, type ScheduleMark, type ScheduleWorld } from './schedule.ts'

const LOOK_EVERY_MS = 2_000
const RETRY_MS = 60_000
/** A report that is later than this after its draft time was missed, and says so. */
const MISSED_AFTER_MS = 3_600_000

/** What the desk needs. */
export interface DeskParts extends ScheduleWorld {
  /** Makes a report; rejects when its files cannot be written. */
  make(order: ReportOrder): Promise<Report>
  draftAfterMs: number
}

/**
 * Makes scheduled reports, one at a time, beside the stage's loop: printing takes seconds. The record, its notices and the
 * mark are written together by a later tick; a crash before that makes the same report again, at the same paths.
 */
export class ReportDesk {
  readonly #parts: DeskParts
  readonly #marks: Store<ScheduleMark>
  #waiting: DueReport[] = []
  #busy = false
  #finished: { due: DueReport; result: Report | Error } | null = null
  #lookAt = 0
  #failing = new Map<string, string>()

  constructor(parts: DeskParts, marks: Store<ScheduleMark>) {
    this.#parts = parts
    this.#marks = marks
  }

  tick(nowMs: number): Output[] {
    const outputs = this.#settle(nowMs)
    if (this.#busy || this.#finished !== null) return outputs
    if (this.#waiting.length === 0 && nowMs >= this.#lookAt) {
      this.#lookAt = nowMs + LOOK_EVERY_MS
      this.#waiting = dueReports(this.#parts, this.#marks, nowMs, this.#parts.draftAfterMs)
    }
    const due = this.#waiting.shift()
    if (due !== undefined) this.#start(due, nowMs)
    return outputs
  }

  #start(due: DueReport, nowMs: number): void {
    const { template, pack, constituent, run } = due
    const { from, to, dueAt, opensAt } = run
    const missedAt = nowMs - opensAt - this.#parts.draftAfterMs > MISSED_AFTER_MS ? opensAt : null
    const made = { revision: 1, createdAt: nowMs, dueAt, missedAt, former: null, languages: template.languages }
    this.#busy = true
    void this.#parts
      .make({ template, pack, constituent, from, to, ...made })
      .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
      .then((result) => {
        this.#finished = { due, result }
        this.#busy = false
      })
  }

  #settle(nowMs: number): Output[] {
    if (this.#finished === null) return []
    const { due, result } = this.#finished
    this.#finished = null
    const key = `${due.schedule.id}|${due.constituent?.constituentId ?? ALL}|${due.run.period}`
    const raised = this.#failing.get(key)
    if (result instanceof Error) {
      this.#waiting = []
      this.#lookAt = nowMs + RETRY_MS
      const healthId = idFrom('reporter', 'report_failed', key)
      this.#failing.set(key, healthId)
      return raised === undefined ? [failureOf(due, healthId, 'raised', messageOf(result), nowMs)] : []
    }
    markMade(this.#marks, due)
    this.#failing.delete(key)
    const cleared = raised === undefined ? [] : [failureOf(due, raised, 'cleared', '', nowMs)]
    const { pack, schedule, constituent, run } = due
    const { title, requirements, id } = schedule
    const addressing = {
      pack,
      constituent,
      title,
      requirements,
      roles: rolesOf(schedule),
      dueAt: run.dueAt,
      clockId: `${id}/period`,
    }
    return [
      { topic: 'reports', key: result.reportId, value: result },
      ...reportNotices(result, addressing, nowMs),
      ...cleared,
    ]
  }
}

function failureOf(due: DueReport, healthId: string, state: 'raised' | 'cleared', why: string, at: number): Output {
  const constituent = due.constituent?.constituentId ?? null
  const what = `The report ${due.template.id} of ${constituent ?? due.pack.id} for ${due.run.period}`
  const value: HealthEvent = {
    healthId,
    code: 'report_failed',
    service: 'reporter',
    slot: '',
    constituent,
    sourceId: null,
    level: state === 'raised' ? 'critical' : 'info',
    state,
    at,
    message:
      state === 'raised'
        ? `${what} could not be written (${why}); it is tried again every minute: look at the space and rights of the report folder.`
        : `${what} has been written.`,
    values: {},
  }
  return { topic: 'health-events', key: constituent ?? 'reporter', value }
}

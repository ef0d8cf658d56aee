import {
  type DailyFact,
  type HealthEvent,
  idFrom,
  type Notice,
  type RegistryConstituent,
  type RegistryContact,
} from '@tocsin/events'
import {
  type Clock,
  type ClockHappening,
  dayOf,
  type Fact,
  happeningsOf,
  type Pack,
  type PlannedNotice,
  type ProofLevel,
  periodCaseId,
  periodClock,
  planNotices,
  runOf,
  type ScheduleSpec,
} from '@tocsin/obligations'
import type { Output, Store } from '@tocsin/stage'
import { ALL } from './law.ts'
import { reportIdOf } from './produce.ts'
import { isUnder, openedRuns, type ReportPack } from './schedule.ts'
import type { ReportTemplate } from './template.ts'

const LOOK_EVERY_MS = 30_000
/** Constituent id of the centre's own desks. */
const CENTRE = 'centre'
/** Notices of one report are told apart by their revision; more are not looked for. */
const MAX_REVISIONS = 5

/** A period whose report is owed: what was told about it so far. */
export interface PeriodMark {
  kind: 'owed' | 'since'
  /** Since when a schedule is watched, for `since`. */
  from: number
  schedule: string
  /** Version of the pack that holds for the period. */
  version: string
  constituent: string
  /** First local day. */
  period: string
  told: readonly string[]
}

/** What the desk needs. */
export interface PeriodParts {
  packs: readonly ReportPack[]
  readonly constituents: () => Iterable<RegistryConstituent>
  readonly contacts: () => Iterable<RegistryContact>
  readonly facts: () => Iterable<DailyFact>
}

interface Duty {
  pack: Pack
  template: ReportTemplate
  schedule: ScheduleSpec
  constituent: RegistryConstituent | null
}

/**
 * Keeps the clock of each report that is owed (C6, C7, VN-5.3k): reminders before its day, the overdue notice after it, until a
 * delivery to those whom the law names is proven. What was told is never told twice.
 */
export class PeriodDesk {
  readonly #parts: PeriodParts
  readonly #marks: Store<PeriodMark>
  #lookAt = 0

  constructor(parts: PeriodParts, marks: Store<PeriodMark>) {
    this.#parts = parts
    this.#marks = marks
  }

  tick(nowMs: number): Output[] {
    if (nowMs < this.#lookAt) return []
    this.#lookAt = nowMs + LOOK_EVERY_MS
    const duties = new Map<string, Duty>()
    const runsSince = openedRuns()
    for (const duty of this.#duties(nowMs))
      duties.set(dutyKey(duty.schedule.id, duty.pack.version, bodyOf(duty.constituent)), duty)
    for (const [key, duty] of duties) this.#open(key, duty, runsSince, nowMs)
    const owed = [...this.#marks.entries()].filter(([, { kind }]) => kind === 'owed')
    if (owed.length === 0) return []
    const reached = deliveriesOf(this.#parts.facts())
    return owed.flatMap(([key, mark]) => {
      const duty = duties.get(dutyKey(mark.schedule, mark.version, mark.constituent))
      return duty === undefined ? [] : this.#look(key, mark, duty, reached, nowMs)
    })
  }

  *#duties(nowMs: number): Generator<Duty> {
    const constituents = [...this.#parts.constituents()]
    for (const { pack, templates } of this.#parts.packs) {
      const bodies = constituents.filter((constituent) => isUnder(constituent, pack, nowMs))
      if (bodies.length === 0) continue
      for (const schedule of pack.schedules) {
        const template = templates.find(({ id }) => id === schedule.report)
        if (template === undefined) continue
        for (const constituent of schedule.scope === 'national' ? [null] : bodies)
          yield { pack, template, schedule, constituent }
      }
    }
  }

  /** Periods that began to be owed since the last look. */
  #open(
    key: string,
    { pack, schedule, constituent }: Duty,
    runsSince: ReturnType<typeof openedRuns>,
    nowMs: number,
  ): void {
    const since = this.#marks.get(key)
    const base = {
      schedule: schedule.id,
      version: pack.version,
      constituent: bodyOf(constituent),
      period: '',
      told: [],
    }
    const runs = since === undefined ? [] : runsSince(pack, schedule, since.from, nowMs)
    if (since !== undefined && runs.length === 0) return
    this.#marks.set(key, { ...base, kind: 'since', from: nowMs })
    for (const { period } of runs) this.#marks.set(`${key}|${period}`, { ...base, kind: 'owed', from: nowMs, period })
  }

  #look(key: string, mark: PeriodMark, duty: Duty, reached: Reached, nowMs: number): Output[] {
    const { pack, schedule, template, constituent } = duty
    const run = runOf(pack, schedule, dayOf(mark.period) ?? 0)
    const reportId = reportIdOf({ template, pack, constituent, from: run.from, to: run.to })
    const facts = factsOf(reportId, schedule, reached)
    const made = periodClock(pack, schedule, run, mark.constituent, facts, nowMs)
    if (made === null) return []
    const { subject, clock } = made
    // The report's own notice is the message of its start.
    const fresh = happeningsOf(subject.caseId, clock, nowMs).filter(
      ({ eventId, what }) => what !== 'started' && !mark.told.includes(eventId),
    )
    if (clock.metAt !== null) this.#marks.delete(key)
    else if (fresh.length > 0)
      this.#marks.set(key, { ...mark, told: [...mark.told, ...fresh.map(({ eventId }) => eventId)] })
    const words = { rsitClass: 'other', rsitType: 'undetermined', severityScore: 0, period: mark.period }
    const contacts = [...this.#parts.contacts()].filter(
      ({ deleted, validFrom, validTo }) => !deleted && validFrom <= nowMs && (validTo === null || nowMs < validTo),
    )
    const { notices } = planNotices(pack, subject, fresh, [clock], contacts, words)
    return [
      ...notices.map((notice) => noticeOutput(notice, pack, constituent, nowMs)),
      ...fresh.flatMap((happening) => healthOf(happening, duty, mark.period, clock, nowMs)),
    ]
  }
}

type Reached = ReadonlyMap<string, { at: number; role: string; state: string }[]>

/** Proven deliveries of notices that serve a period, by notice. */
function deliveriesOf(facts: Iterable<DailyFact>): Reached {
  const reached = new Map<string, { at: number; role: string; state: string }[]>()
  for (const { name, dimensions, value } of facts) {
    if (name !== 'report-reached' || value === 0) continue
    const notice = dimensions['notice'] ?? ''
    const own = reached.get(notice) ?? []
    own.push({ at: value, role: dimensions['role'] ?? '', state: dimensions['state'] ?? '' })
    reached.set(notice, own)
  }
  return reached
}

function factsOf(reportId: string, { id, met }: ScheduleSpec, reached: Reached): Fact[] {
  const roles = typeof met === 'object' && 'delivered' in met ? met.delivered.to : []
  const facts: Fact[] = []
  for (let revision = 1; revision <= MAX_REVISIONS; revision++)
    for (const role of roles) {
      const noticeId = idFrom('report', reportId, revision, role)
      for (const { at, state } of reached.get(noticeId) ?? [])
        facts.push({ name: 'delivery', at, role, proof: state as ProofLevel, clocks: [`${id}/period`], ref: noticeId })
    }
  return facts
}

function noticeOutput(
  planned: PlannedNotice,
  pack: Pack,
  constituent: RegistryConstituent | null,
  nowMs: number,
): Output {
  const value: Notice = {
    noticeId: planned.noticeId,
    constituent: constituent?.constituentId ?? CENTRE,
    caseId: null,
    clockId: null,
    requirementIds: [...planned.requirements],
    pack: pack.id,
    purpose: planned.purpose,
    recipientRole: planned.recipientRole,
    contactId: planned.contactId,
    exercise: false,
    tlp: 'amber',
    createdAt: nowMs,
    dueAt: planned.dueAt,
    language: planned.language,
    subject: planned.rendered.subject,
    body: planned.rendered.text,
    fields: { period: planned.fields.period ?? '', clock: planned.clockKey },
    attachments: [],
    channels: [...planned.channels],
    groupable: false,
  }
  return { topic: 'notices', key: value.constituent, value }
}

/** A report that is overdue is a fault of ours until its delivery is proven. */
function healthOf(
  { what }: ClockHappening,
  { schedule, template, constituent, pack }: Duty,
  period: string,
  clock: Clock,
  at: number,
): Output[] {
  if (what !== 'breached' && !(what === 'met' && clock.breachedAt !== null)) return []
  const body = constituent?.constituentId ?? null
  const raised = what === 'breached' && clock.metAt === null
  const value: HealthEvent = {
    healthId: idFrom('reporter', 'report_overdue', periodCaseId(pack.id, schedule.id, bodyOf(constituent), period)),
    code: 'report_overdue',
    service: 'reporter',
    slot: '',
    constituent: body,
    sourceId: null,
    level: raised ? 'critical' : 'info',
    state: raised ? 'raised' : 'cleared',
    at,
    message: raised
      ? `The report ${template.id} of ${body ?? pack.id} for the period from ${period} was due ${new Date(clock.dueAt).toISOString()} and no delivery to those whom the law names is proven: look at its notices and their deliveries.`
      : `The report ${template.id} of ${body ?? pack.id} for the period from ${period} has been delivered, late.`,
    values: {},
  }
  return [{ topic: 'health-events', key: body ?? 'reporter', value }]
}

const bodyOf = (constituent: RegistryConstituent | null): string => constituent?.constituentId ?? ALL
const dutyKey = (schedule: string, version: string, body: string): string => `${schedule}|${version}|${body}`

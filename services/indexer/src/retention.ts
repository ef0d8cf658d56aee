import { calendarDaysCovering, localDayAt, type Pack } from '@tocsin/obligations'
import type { IndexPlan } from './index-plan.ts'

/** What of a pack decides how long records stay. */
export type RetentionLaw = Pick<Pack, 'id' | 'timeZone' | 'workCalendar' | 'retention'>

/** How long the law of one pack wants records kept, in calendar days. */
export interface Floor {
  days: number
  pack: string
  requirements: readonly string[]
}

/** A lifecycle names one number for all year, so the longest stretch of this many days ahead counts. */
const DAYS_AHEAD = 400
/** Counts of our own pipeline: no surveillance information. */
const OWN_RECORDS: readonly IndexPlan['record'][] = ['source-count', 'health-event', 'evidence-checkpoint']
const DAY_MS = 86_400_000

/** The laws of the registered bodies, each once; a body whose pack is not here has none. */
export function lawsOf<Law extends RetentionLaw>(
  constituents: Iterable<{ pack: string }>,
  packs: ReadonlyMap<string, Law>,
): Law[] {
  const ids = new Set([...constituents].map(({ pack }) => pack))
  return [...ids].flatMap((id) => packs.get(id) ?? [])
}

/** The highest floor of the packs; where the law counts working days, the longest stretch that they take in the year ahead (VN-5.3h). */
export function floorOf(packs: Iterable<RetentionLaw>, nowMs: number): Floor | null {
  let highest: Floor | null = null
  for (const { id, timeZone, workCalendar, retention } of packs) {
    const today = localDayAt(timeZone, nowMs)
    let days = retention.floorDays
    if (retention.workingDaysFloor !== undefined)
      for (let ahead = 0; ahead < DAYS_AHEAD; ahead++)
        days = Math.max(days, calendarDaysCovering(workCalendar, today + ahead, retention.workingDaysFloor))
    if (highest === null || days > highest.days) highest = { days, pack: id, requirements: retention.requirements }
  }
  return highest
}

/** Whether the law's floor binds a record: everything about what happened at a body. */
export function isBound({ record }: IndexPlan): boolean {
  return !OWN_RECORDS.includes(record)
}

/** Plans whose retention is at least the floor, events at least `eventDays`. */
export function plansWithFloor(
  plans: readonly IndexPlan[],
  floor: Floor | null,
  eventDays: number | undefined,
): IndexPlan[] {
  return plans.map((plan) => {
    const wanted = plan.record === 'enriched-event' ? (eventDays ?? plan.retentionDays) : plan.retentionDays
    return { ...plan, retentionDays: isBound(plan) ? Math.max(wanted, floor?.days ?? 0) : wanted }
  })
}

/** Why a setting of days is refused; null where it is none or long enough. */
export function eventDaysFault(eventDays: number | undefined, floor: Floor | null): string | null {
  if (eventDays === undefined || floor === null || eventDays >= floor.days) return null
  return `INDEXER_EVENT_DAYS is ${eventDays}, but ${lawOf(floor)} wants ${floor.days} days; set at least these or leave it out.`
}

/** What is in force for the indices of one plan in Elasticsearch. */
export interface InForce {
  plan: IndexPlan
  /** Where this stands: a template, a data stream, a policy. */
  place: string
  /** Milliseconds after which records go; null for never. */
  keptMs: number | null
}

/** One sentence for each place that lets records go before the law does. */
export function floorFaults(found: readonly InForce[], floor: Floor | null): string[] {
  if (floor === null) return []
  return found.flatMap(({ plan, place, keptMs }) => {
    if (!isBound(plan) || keptMs === null || keptMs >= floor.days * DAY_MS) return []
    const days = Math.floor((keptMs / DAY_MS) * 10) / 10
    return [`${place} lets ${plan.record} go after ${days} days; ${lawOf(floor)} wants ${floor.days}: raise it.`]
  })
}

const lawOf = ({ pack, requirements }: Floor): string => `${pack} (${requirements.join(', ')})`

const units: Readonly<Record<string, number>> = {
  nanos: 1e-6,
  micros: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
}

/** Takes a time as Elasticsearch writes it (`60d`, `36h`); gives milliseconds, or null where it is none. */
export function timeOf(text: unknown): number | null {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(nanos|micros|ms|s|m|h|d)$/.exec(typeof text === 'string' ? text : '') ?? []
  return count === undefined || unit === undefined ? null : Number(count) * (units[unit] ?? 0)
}

import type { CompiledCorrelation, MemberFields } from '../correlations.ts'
import type { EventView } from '../event-view.ts'
import { scalarsOf, textOf } from '../values.ts'

/** One event that counts for one correlation and group: what is re-keyed through Kafka. */
export interface Observation {
  correlationId: string
  /** The referenced rule or correlation that matched. */
  ruleId: string
  eventId: string
  /** Event time, milliseconds since 1970 (fractions allowed). */
  atMs: number
  constituent: string
  /** Group-by values in the order of the correlation; empty for one global group. */
  key: string[]
  /** Values of the condition's field or fields; null when one is missing. */
  values: string[] | null
  /** Values kept for correlations above this one, by name. */
  carry: Record<string, string>
  /** What the caller wants back with the contributing events; kept as it is. */
  detail: Record<string, string>
  /** Order among events of the same millisecond: compared as number or text. The event id does when nothing better is known. */
  order: string | number
}

/** What an event brings besides its fields. */
export interface ObservedEvent {
  eventId: string
  atMs: number
  constituent: string
  view: EventView
  detail?: Record<string, string>
  order?: string | number
}

/** Finds the correlations that a match feeds. Made once a rule set. */
export class ObservationIndex {
  private readonly byRule = new Map<string, CompiledCorrelation[]>()

  constructor(correlations: readonly CompiledCorrelation[]) {
    for (const correlation of correlations) {
      for (const ruleId of correlation.ruleIds) {
        const fed = this.byRule.get(ruleId)
        if (fed === undefined) this.byRule.set(ruleId, [correlation])
        else fed.push(correlation)
      }
    }
  }

  /** The observations of an event for the rules that matched it. An event without one of the group-by fields is not counted (C9). */
  observe(event: ObservedEvent, ruleIds: readonly string[]): Observation[] {
    const found: Observation[] = []
    for (const ruleId of ruleIds) {
      for (const correlation of this.byRule.get(ruleId) ?? []) {
        const key = keyOf(correlation, ruleId, event.view)
        if (key !== null) found.push(observation(correlation, ruleId, event, key))
      }
    }
    return found
  }

  /** The correlations that refer to a rule or correlation. */
  fedBy(ruleId: string): readonly CompiledCorrelation[] {
    return this.byRule.get(ruleId) ?? []
  }
}

/** Group-by values of an event for one referenced rule, or null when one is missing: then the event is not counted. */
export function keyOf(correlation: CompiledCorrelation, ruleId: string, view: EventView): string[] | null {
  return texts(correlation.members.get(ruleId)?.key ?? [], view)
}

function observation(
  correlation: CompiledCorrelation,
  ruleId: string,
  event: ObservedEvent,
  key: string[],
): Observation {
  const fields = correlation.members.get(ruleId) as MemberFields
  const carry: Record<string, string> = {}
  for (const { name, field } of fields.carry) {
    const text = firstText(field, event.view)
    if (text !== null) carry[name] = text
  }
  return {
    correlationId: correlation.metadata.id,
    ruleId,
    eventId: event.eventId,
    atMs: event.atMs,
    constituent: event.constituent,
    key,
    values: texts(fields.value, event.view),
    carry,
    detail: event.detail ?? {},
    order: event.order ?? event.eventId,
  }
}

/** Key of a group: constituents never share one. */
export function groupKeyOf(constituent: string, key: readonly string[]): string {
  return JSON.stringify([constituent, ...key])
}

function texts(fields: readonly string[], view: EventView): string[] | null {
  const found: string[] = []
  for (const field of fields) {
    const text = firstText(field, view)
    if (text === null) return null
    found.push(text)
  }
  return found
}

const maxTextChars = 1_024

function firstText(field: string, view: EventView): string | null {
  for (const value of scalarsOf(view.get(field))) return textOf(value).slice(0, maxTextChars)
  return null
}

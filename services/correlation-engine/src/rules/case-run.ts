import type { CompiledRuleSet, EventLogSource, EventView } from '@tocsin/sigma'
import { Correlator, ObservationIndex, viewOf } from '@tocsin/sigma'

/** One event of a case, or a run of them: `count` numbers a field from `from` upwards. */
export interface CaseEvent {
  logsource: EventLogSource
  /** Seconds after the beginning of the case. */
  at?: number
  repeat?: { times: number; everySeconds: number; count?: { field: string; from: number } }
  event: Record<string, unknown>
}

/** What a rule or correlation must say about some events. */
export interface RuleCase {
  name: string
  /** Id of the rule. */
  rule: string
  fires: boolean
  events: CaseEvent[]
}

/** One event of a case with its time. */
export interface TimedEvent {
  atMs: number
  logsource: EventLogSource
  view: EventView
}

/** The same with its fields by ECS names, as the case has them. */
export interface UnrolledEvent extends TimedEvent {
  document: Readonly<Record<string, unknown>>
}

/** Events that one case may unroll to. */
export const maxCaseEvents = 100_000
const startMs = Date.UTC(2026, 7, 10, 8)

/** Ids of the rules that matched and of the correlations that opened an episode in a case. */
export function runCase(rules: CompiledRuleSet, given: RuleCase): Set<string> {
  const fired = new Set<string>()
  const correlator = new Correlator(rules.correlations)
  const index = new ObservationIndex(rules.correlations)
  for (const [position, { atMs, logsource, view }] of unroll(given.events).entries()) {
    const matched = rules.match(view, logsource).map((match) => match.ruleId)
    for (const id of matched) fired.add(id)
    const observed = { eventId: `event-${position}`, atMs, constituent: 'body-a', view }
    for (const observation of index.observe(observed, matched)) {
      for (const firing of correlator.observe(observation).firings) fired.add(firing.correlationId)
    }
  }
  for (const firing of correlator.finish().firings) fired.add(firing.correlationId)
  return fired
}

/** The events of a case in the order of their time. */
export function unroll(events: readonly CaseEvent[]): UnrolledEvent[] {
  const unrolled = events.flatMap(({ at = 0, repeat, logsource, event }) =>
    Array.from({ length: repeat?.times ?? 1 }, (_, turn) => {
      const atMs = startMs + (at + turn * (repeat?.everySeconds ?? 0)) * 1_000
      const document =
        repeat?.count === undefined ? event : { ...event, [repeat.count.field]: repeat.count.from + turn }
      return { atMs, logsource, document, view: viewOf(document) }
    }),
  )
  return unrolled.sort((a, b) => a.atMs - b.atMs)
}

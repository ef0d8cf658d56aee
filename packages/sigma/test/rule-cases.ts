import type { CompiledRuleSet, EventLogSource } from '../src/index.ts'
import { Correlator, ObservationIndex, viewOf } from '../src/index.ts'

/** One event of a case, or a run of them: `count` numbers a field from `from` upwards. */
export interface CaseEvent {
  logsource: EventLogSource
  /** Seconds after the beginning of the case. */
  at?: number
  repeat?: { times: number; everySeconds: number; count?: { field: string; from: number } }
  event: Record<string, unknown>
}

export interface RuleCase {
  name: string
  rule: string
  fires: boolean
  events: CaseEvent[]
}

/** Ids of the rules that matched and of the correlations that opened an episode in a case. */
export function runCase(rules: CompiledRuleSet, given: RuleCase): Set<string> {
  const fired = new Set<string>()
  const correlator = new Correlator(rules.correlations)
  const index = new ObservationIndex(rules.correlations)
  for (const [position, { atMs, logsource, event }] of unroll(given.events).entries()) {
    const view = viewOf(event)
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

function unroll(events: CaseEvent[]): { atMs: number; logsource: EventLogSource; event: Record<string, unknown> }[] {
  const startMs = Date.UTC(2026, 7, 10, 8)
  const unrolled = events.flatMap(({ at = 0, repeat, logsource, event }) =>
    Array.from({ length: repeat?.times ?? 1 }, (_, turn) => ({
      atMs: startMs + (at + turn * (repeat?.everySeconds ?? 0)) * 1_000,
      logsource,
      event: repeat?.count === undefined ? event : { ...event, [repeat.count.field]: repeat.count.from + turn },
    })),
  )
  return unrolled.sort((a, b) => a.atMs - b.atMs)
}

import type { Detection, EnrichedEvent } from '@tocsin/events'
import { type CompiledRuleSet, Correlator, type Observation, ObservationIndex, viewOfRecord } from '@tocsin/sigma'
import { logSourceOf } from '../event-log-source.ts'

/** One detection, in the terms by which two runs are compared. */
export interface Outcome {
  ruleId: string
  ruleName: string
  constituent: string
  groupKey: string
  firstEvent: number
  lastEvent: number
  value: number | null
}

/** What rules would have said over a span, beside what production said. */
export interface BacktestDifference {
  events: number
  /** Said by both. */
  same: Outcome[]
  /** Said by these rules and not by production. */
  added: Outcome[]
  /** Said by production and not by these rules. */
  gone: Outcome[]
}

/**
 * Runs rules over events of the past without any side effect. Events may come in any order: what counts for correlations is sorted by event time
 * at the end, as if none had been late.
 */
export class Backtest {
  events = 0
  readonly #rules: CompiledRuleSet
  readonly #index: ObservationIndex
  readonly #outcomes = new Map<string, Outcome>()
  readonly #observations: Observation[] = []

  constructor(rules: CompiledRuleSet) {
    this.#rules = rules
    this.#index = new ObservationIndex(rules.correlations)
  }

  /** Takes one event of the span. */
  event(event: EnrichedEvent): void {
    this.events++
    const view = viewOfRecord(event)
    const matches = this.#rules.match(view, logSourceOf(event))
    if (matches.length === 0) return
    for (const match of matches) {
      if (!match.alerts || match.level === 'informational') continue
      const [atMs, { ruleId, title: ruleName }] = [Math.trunc(event.occurredAt), match]
      const { constituent, eventId: groupKey } = event
      const outcome = { ruleId, ruleName, constituent, groupKey, firstEvent: atMs, lastEvent: atMs, value: null }
      this.#outcomes.set(keyOf(outcome), outcome)
    }
    const observed = { eventId: event.eventId, atMs: event.occurredAt, constituent: event.constituent, view }
    this.#observations.push(
      ...this.#index.observe(
        observed,
        matches.map(({ ruleId }) => ruleId),
      ),
    )
  }

  /** What the rules say over everything that was taken. */
  outcomes(): Outcome[] {
    const correlator = new Correlator(this.#rules.correlations, { stored: false })
    const take = ({ firings }: ReturnType<Correlator['finish']>): void => {
      for (const firing of firings) {
        if (!firing.alerts) continue
        const { correlationId: ruleId, title: ruleName, constituent, groupKey, value } = firing
        const [firstEvent, lastEvent] = [Math.trunc(firing.firstEventAtMs), Math.trunc(firing.lastEventAtMs)]
        this.#outcomes.set(firing.detectionId, {
          ruleId,
          ruleName,
          constituent,
          groupKey,
          firstEvent,
          lastEvent,
          value,
        })
      }
    }
    // In order is what the windows are fastest at; without a watermark nothing is late in any order.
    this.#observations.sort((a, b) => a.atMs - b.atMs || (a.eventId < b.eventId ? -1 : 1))
    for (const observation of this.#observations) take(correlator.observe(observation))
    take(correlator.finish())
    return [...this.#outcomes.values()]
  }
}

/** A detection as it was published. */
export function outcomeOf(detection: Detection): Outcome {
  const { ruleId, ruleName, constituent, groupKey, firstEvent, lastEvent, value } = detection
  return { ruleId, ruleName, constituent, groupKey, firstEvent, lastEvent, value }
}

/**
 * Compares two runs after their revisions are folded. A detection is the same by rule, body, group and first event: its end and value go on growing
 * in production after the span.
 */
export function differenceOf(events: number, now: readonly Outcome[], then: readonly Outcome[]): BacktestDifference {
  const before = new Map(then.map((outcome) => [keyOf(outcome), outcome]))
  const after = new Map(now.map((outcome) => [keyOf(outcome), outcome]))
  const those = (from: ReadonlyMap<string, Outcome>, isThere: (key: string) => boolean): Outcome[] =>
    [...from].flatMap(([key, outcome]) => (isThere(key) ? [outcome] : [])).sort(byTime)
  return {
    events,
    same: those(after, (key) => before.has(key)),
    added: those(after, (key) => !before.has(key)),
    gone: those(before, (key) => !after.has(key)),
  }
}

const byTime = (a: Outcome, b: Outcome): number => a.firstEvent - b.firstEvent || (keyOf(a) < keyOf(b) ? -1 : 1)

const keyOf = ({ ruleId, constituent, groupKey, firstEvent }: Outcome): string =>
  [ruleId, constituent, groupKey, firstEvent].join('\u001f')

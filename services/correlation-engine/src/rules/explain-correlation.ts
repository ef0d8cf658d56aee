import { type CompiledCorrelation, type CompiledRuleSet, Correlator, ObservationIndex } from '@tocsin/sigma'
import type { TimedEvent } from './case-run.ts'

/** One event that a rule of the correlation matched. */
export interface CountedEvent {
  id: string
  atMs: number
  ruleId: string
  /** Values of the group-by fields; null where one is missing, so that the event is not counted. */
  key: string[] | null
  /** Group-by fields that the event does not have. */
  missing: string[]
}

/** One group of a correlation. */
export interface CountedGroup {
  key: string[]
  events: number
  byRule: Record<string, number>
  /** Distinct values of the condition's field; null where the correlation asks for none. */
  distinctValues: number | null
  /** Seconds from the first to the last of its events. */
  spanSeconds: number
  opened: boolean
}

/** Why a correlation did or did not open an episode over some events. */
export interface CorrelationExplanation {
  correlationId: string
  title: string
  type: string
  timespanSeconds: number
  wants: string
  groupBy: string[]
  counted: CountedEvent[]
  groups: CountedGroup[]
}

/** Takes events in the order of their time; gives what the correlation counted, by group, and which groups opened an episode. */
export function explainCorrelation(
  rules: CompiledRuleSet,
  correlation: CompiledCorrelation,
  events: readonly (TimedEvent & { id: string })[],
): CorrelationExplanation {
  const index = new ObservationIndex(rules.correlations)
  const correlator = new Correlator(rules.correlations)
  const counted: CountedEvent[] = []
  const groups = new Map<string, { group: CountedGroup; values: Set<string>; firstMs: number; lastMs: number }>()
  const opened = new Set<string>()
  for (const { id, atMs, logsource, view } of events) {
    const matched = rules.match(view, logsource).map(({ ruleId }) => ruleId)
    for (const ruleId of matched.filter((found) => correlation.ruleIds.includes(found))) {
      const fields = correlation.members.get(ruleId)?.key ?? []
      const missing = fields.filter((field) => (view.get(field) ?? null) === null)
      counted.push({
        id,
        atMs,
        ruleId,
        missing,
        key: missing.length > 0 ? null : fields.map((f) => String(view.get(f))),
      })
    }
    for (const observation of index.observe({ eventId: id, atMs, constituent: 'explained', view }, matched)) {
      if (observation.correlationId === correlation.metadata.id) add(groups, observation, correlation)
      for (const firing of correlator.observe(observation).firings)
        if (firing.correlationId === correlation.metadata.id) opened.add(firing.groupKey)
    }
  }
  for (const firing of correlator.finish().firings)
    if (firing.correlationId === correlation.metadata.id) opened.add(firing.groupKey)
  return {
    correlationId: correlation.metadata.id,
    title: correlation.metadata.title,
    type: correlation.type,
    timespanSeconds: correlation.timespanMs / 1_000,
    wants: wantsOf(correlation),
    groupBy: correlation.groupBy,
    counted,
    groups: [...groups].map(([key, { group, values, firstMs, lastMs }]) => ({
      ...group,
      distinctValues: correlation.fields.length === 0 ? null : values.size,
      spanSeconds: (lastMs - firstMs) / 1_000,
      opened: opened.has(key),
    })),
  }
}

function add(
  groups: Map<string, { group: CountedGroup; values: Set<string>; firstMs: number; lastMs: number }>,
  { key, ruleId, values, atMs }: { key: string[]; ruleId: string; values: string[] | null; atMs: number },
  correlation: CompiledCorrelation,
): void {
  const groupKey = JSON.stringify(['explained', ...key])
  const found = groups.get(groupKey) ?? {
    group: { key, events: 0, byRule: {}, distinctValues: null, spanSeconds: 0, opened: false },
    values: new Set<string>(),
    firstMs: atMs,
    lastMs: atMs,
  }
  groups.set(groupKey, found)
  found.group.events++
  found.group.byRule[ruleId] = (found.group.byRule[ruleId] ?? 0) + 1
  if (values !== null && correlation.fields.length > 0) found.values.add(JSON.stringify(values))
  found.lastMs = Math.max(found.lastMs, atMs)
}

function wantsOf({ type, tests, fields, ruleIds }: CompiledCorrelation): string {
  if (type === 'temporal' || type === 'temporal_ordered')
    return `${tests.length === 0 ? 'all' : testsText(tests)} of ${ruleIds.length} rules${type === 'temporal_ordered' ? ' in order' : ''}`
  return `${type}${fields.length === 0 ? '' : ` of ${fields.join(', ')}`} ${testsText(tests)}`
}

const testsText = (tests: CompiledCorrelation['tests']): string =>
  tests.map(({ op, value }) => `${op} ${value}`).join(' and ')

/** The same as lines for a terminal. */
export function correlationLines(explanation: CorrelationExplanation): string[] {
  const { title, correlationId, wants, timespanSeconds, groupBy, counted, groups } = explanation
  const fired = groups.some(({ opened }) => opened)
  const lost = counted.filter(({ key }) => key === null)
  return [
    `${fired ? '✓' : '✗'} ${title} (${correlationId}) ${fired ? 'opens an episode' : 'does not open an episode'}`,
    `  asks for ${wants} within ${timespanSeconds} s, grouped by ${groupBy.length === 0 ? 'nothing' : groupBy.join(', ')}`,
    ...(counted.length === 0 ? ['  none of its rules matched any of the events'] : []),
    ...lost.map(
      ({ id, ruleId, missing }) => `  event ${id} matched ${ruleId} and is not counted: no ${missing.join(', ')}`,
    ),
    ...groups.map(groupLine),
  ]
}

function groupLine({ key, events, byRule, distinctValues, spanSeconds, opened }: CountedGroup): string {
  const rules = Object.entries(byRule).map(([rule, count]) => `${rule} ${count}`)
  const distinct = distinctValues === null ? '' : `, ${distinctValues} distinct values`
  return `  ${opened ? '✓' : '✗'} group [${key.join(', ')}]: ${events} events in ${spanSeconds} s${distinct}; ${rules.join(', ')}`
}

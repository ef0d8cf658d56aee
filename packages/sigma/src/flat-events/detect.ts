import type { CompiledRuleSet } from '../rule-set.ts'
import type { FlatEvent } from './flat-event.ts'

/** The line that `tocsin detect` prints for an event, or null when no rule matched: `{"id","rules":[…]}`, rule ids sorted. */
export function detectLine(rules: CompiledRuleSet, event: FlatEvent): string | null {
  const matched = rules.matchIds(event.view, event.logSource)
  return matched.length === 0 ? null : JSON.stringify({ id: event.id, rules: matched.sort() })
}

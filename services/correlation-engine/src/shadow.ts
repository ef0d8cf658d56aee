import type { RuleMetadata } from '@tocsin/sigma'
import type { Tally } from './health-tally.ts'

/**
 * True while a rule only watches: `shadow: true` among its keys, or `shadow: 2026-12-01`, from which day (UTC) it alerts by itself. What it
 * would have reported is counted for operators; correlations above it work as ever.
 */
export function isInShadow({ custom }: RuleMetadata, nowMs: number): boolean {
  const { shadow } = custom
  if (shadow === true) return true
  const untilMs = typeof shadow === 'string' ? Date.parse(shadow) : Number.NaN
  return nowMs < untilMs
}

/** What operators are told of a rule in shadow. */
export function shadowTally(ruleId: string, title: string): Tally {
  return {
    code: 'rule_in_shadow',
    subject: ruleId,
    level: 'info',
    constituent: null,
    sourceId: null,
    message: (count) =>
      `The rule "${title}" is in shadow and would have reported ${count} times; take it out of shadow when that is right.`,
    values: { ruleId },
  }
}

import { idFrom } from '@tocsin/events'
import type { OutputTo } from '@tocsin/stage'
import type { RulesInForce } from './rules-in-force.ts'

const SERVICE = 'correlation-engine'
const CODE = 'rules_unmapped'
const NAMED_MAX = 50

/**
 * Tells operators which rules in force ask for a field that no source of ours gives, so that they can never see it: once for each change of
 * the rules, and that it is over when no such rule is left. One task of the engine does it for all.
 */
export class UnmappedRules {
  #told: RulesInForce | null = null
  #raised = false

  /** What is to be told of the rules in force now; nothing while they are the same. */
  outputs(inForce: RulesInForce, nowMs: number): OutputTo<'health-events'>[] {
    if (inForce === this.#told) return []
    this.#told = inForce
    const { unmapped } = inForce.rules
    if (unmapped.length === 0 && !this.#raised) return []
    this.#raised = unmapped.length > 0
    return [record(inForce, nowMs)]
  }
}

function record({ rules: { rules, unmapped }, version }: RulesInForce, nowMs: number): OutputTo<'health-events'> {
  const titles = new Map(rules.map(({ metadata }) => [metadata.id, metadata.title]))
  const named = unmapped
    .slice(0, NAMED_MAX)
    .map(({ ruleId, fields }) => `${titles.get(ruleId) ?? ruleId}: ${fields.join(', ')}`)
  const state = unmapped.length > 0 ? 'raised' : 'cleared'
  return {
    topic: 'health-events',
    key: SERVICE,
    value: {
      healthId: idFrom(SERVICE, CODE, version, state),
      code: CODE,
      service: SERVICE,
      slot: 'rules',
      constituent: null,
      sourceId: null,
      level: state === 'raised' ? 'warning' : 'info',
      state,
      at: nowMs,
      message:
        state === 'raised'
          ? `${unmapped.length} rules in force ask for fields that no source gives, so they may never fire; see \`tocsin rules coverage\`, map the fields or take the rules out.`
          : 'Every rule in force asks only for fields that some source gives.',
      values: { count: String(unmapped.length), rules: named.join('; ').slice(0, 4_000) },
    },
  }
}

import type { RuleSet } from '@tocsin/events'
import { type CompiledRuleSet, ecsMapping, ObservationIndex, type Refusal } from '@tocsin/sigma'
import { loadRules } from './load-rules.ts'

/** The rules that the engine runs, compiled; a new object for each change, so that stages notice by identity. */
export interface RulesInForce {
  rules: CompiledRuleSet
  observations: ObservationIndex
  /** Versions of the rule sets in it. */
  version: string
  /** For each rule and correlation the set that it came with and its version, `<set>@<version>`. */
  setVersions: ReadonlyMap<string, string>
}

/**
 * Compiles all published rule sets together. A refused rule hurts itself only; a set that leaves no rule at all is not
 * taken, and the last good one stays (design.md 2.8): then `rules` is null.
 */
export function compileSets(sets: Iterable<RuleSet>): { inForce: RulesInForce | null; refused: Refusal[] } {
  const ordered = [...sets].sort((a, b) => (a.ruleSetId < b.ruleSetId ? -1 : 1))
  const files = ordered.flatMap((set) =>
    set.files.map(({ path, content }) => ({ file: `${set.ruleSetId}/${path}`, text: content })),
  )
  const placeholders = Object.fromEntries(
    ordered.flatMap((set) =>
      Object.entries(set.placeholders).map(([name, list]) => [name, JSON.parse(list) as string[]]),
    ),
  )
  const { rules, refused } = loadRules(files, placeholders, ecsMapping)
  if (files.length > 0 && rules.rules.length === 0) return { inForce: null, refused }
  const version = ordered.map((set) => `${set.ruleSetId}@${set.version}`).join(' ')
  const setVersions = setVersionsOf(ordered, rules)
  return { inForce: { rules, observations: new ObservationIndex(rules.correlations), version, setVersions }, refused }
}

function setVersionsOf(sets: readonly RuleSet[], rules: CompiledRuleSet): Map<string, string> {
  const byFile = new Map(
    sets.flatMap((set) => set.files.map(({ path }) => [`${set.ruleSetId}/${path}`, `${set.ruleSetId}@${set.version}`])),
  )
  return new Map(
    [...rules.rules, ...rules.correlations].map(({ metadata, file }) => [metadata.id, byFile.get(file) ?? '']),
  )
}

import type { CompiledRuleSet } from '@tocsin/sigma'
import type { CaseFile } from './case-file.ts'
import { runCase } from './case-run.ts'

/** One case, run. */
export interface CaseResult {
  ruleFile: string
  ruleId: string
  ruleTitle: string
  name: string
  /** What is wrong, in one sentence; null where the case passed. */
  failure: string | null
  /** Thousandths of a second of the run. */
  durationMs: number
}

/** Rules of one file that their cases do not cover. */
export interface CaseGap {
  ruleFile: string
  ruleId: string
  ruleTitle: string
  gap: 'no case that fires' | 'no near miss'
}

/** All cases of some rule files. */
export interface CaseReport {
  results: CaseResult[]
  gaps: CaseGap[]
}

/**
 * Runs every case against all rules together, as the engine would. A broken case file is a failing case of that name; a rule that alerts and has
 * no case that fires, or none that does not, is a gap.
 */
export function runCases(rules: CompiledRuleSet, files: readonly CaseFile[], nowMs: () => number): CaseReport {
  const titles = new Map(
    [...rules.rules, ...rules.correlations].map(({ metadata }) => [metadata.id, metadata.title] as const),
  )
  const results = files.flatMap((file) => resultsOf(file, rules, titles, nowMs))
  return { results, gaps: gapsOf(rules, files) }
}

function resultsOf(
  { ruleFile, cases, fault }: CaseFile,
  rules: CompiledRuleSet,
  titles: ReadonlyMap<string, string>,
  nowMs: () => number,
): CaseResult[] {
  if (fault !== null)
    return [{ ruleFile, ruleId: '', ruleTitle: '', name: 'the file of cases', failure: fault, durationMs: 0 }]
  return cases.map((given) => {
    const { rule: ruleId, name } = given
    const ruleTitle = titles.get(ruleId)
    const startedMs = nowMs()
    if (ruleTitle === undefined)
      return { ruleFile, ruleId, ruleTitle: '', name, failure: `The rule ${ruleId} is not there.`, durationMs: 0 }
    const fired = runCase(rules, given)
    const others = [...fired].filter((id) => id !== ruleId).map((id) => titles.get(id) ?? id)
    const also = others.length === 0 ? 'Nothing else fired.' : `What fired: ${others.join('; ')}.`
    const expected = given.fires ? `It should fire and did not. ${also}` : 'It fired and should not.'
    const failure = fired.has(ruleId) === given.fires ? null : expected
    return { ruleFile, ruleId, ruleTitle, name, failure, durationMs: nowMs() - startedMs }
  })
}

function gapsOf(rules: CompiledRuleSet, files: readonly CaseFile[]): CaseGap[] {
  const firing = new Set<string>()
  const missing = new Set<string>()
  for (const { cases } of files) for (const { rule, fires } of cases) (fires ? firing : missing).add(rule)
  const known = new Set(files.map(({ ruleFile }) => ruleFile))
  const gaps: CaseGap[] = []
  const look = (ruleFile: string, ruleId: string, ruleTitle: string): void => {
    if (!firing.has(ruleId)) gaps.push({ ruleFile, ruleId, ruleTitle, gap: 'no case that fires' })
    else if (!missing.has(ruleId)) gaps.push({ ruleFile, ruleId, ruleTitle, gap: 'no near miss' })
  }
  for (const { metadata, alerts, file } of rules.rules)
    if (alerts && known.has(file)) look(file, metadata.id, metadata.title)
  for (const { metadata, alerts } of rules.correlations) if (alerts) look('', metadata.id, metadata.title)
  return gaps
}

import type { RuleSet } from '@tocsin/events'
import { type CompiledRuleSet, ecsMapping, ObservationIndex, type Refusal, type RuleFile } from '@tocsin/sigma'
import { loadRules } from './load-rules.ts'
import { ParseMemory } from './parse-memory.ts'

/** The rules that the engine runs, compiled; a new object for each change, so that stages notice by identity. */
export interface RulesInForce {
  rules: CompiledRuleSet
  observations: ObservationIndex
  /** Versions of the rule sets in it. */
  version: string
  /** For each rule and correlation the set that it came with and its version, `<set>@<version>`. */
  setVersions: ReadonlyMap<string, string>
  /** The files in force, by name: one that was good stays when its next version is not. */
  files: ReadonlyMap<string, SetFile>
}

/** A file of a rule set, and the set and version that it came with. */
export interface SetFile extends RuleFile {
  set: string
}

/** What compiling gave: the rules, or null where nothing was left; and what was refused, kept rules included. */
export interface Compiled {
  inForce: RulesInForce | null
  refused: Refusal[]
}

/**
 * Compiles all published rule sets together. A refused rule hurts itself only, and where the file that it stands in was good in the sets in force
 * before, that file stays as it was (design.md 2.8). A publication that leaves no rule at all is not taken: then `inForce` is null.
 */
export function compileSets(
  sets: Iterable<RuleSet>,
  before: RulesInForce | null = null,
  memory: ParseMemory = new ParseMemory(),
): Compiled {
  const parse = (files: readonly RuleFile[]) => memory.parse(files)
  const files = filesOf(sets)
  const { rules, refused } = loadRules(files, placeholdersOf(sets), ecsMapping, parse)
  if (files.length > 0 && rules.rules.length === 0) return { inForce: null, refused }
  const broken = new Set(refused.map(({ file }) => file))
  const kept = files.map((file) => (broken.has(file.file) ? (before?.files.get(file.file) ?? file) : file))
  if (kept.every((file, index) => file === files[index])) return { inForce: inForceOf(rules, files, sets), refused }
  const again = loadRules(kept, placeholdersOf(sets), ecsMapping, parse)
  return { inForce: inForceOf(again.rules, kept, sets), refused }
}

function inForceOf(rules: CompiledRuleSet, files: readonly SetFile[], sets: Iterable<RuleSet>): RulesInForce {
  const byFile = new Map(files.map((file) => [file.file, file]))
  return {
    rules,
    observations: new ObservationIndex(rules.correlations),
    version: ordered(sets)
      .map((set) => `${set.ruleSetId}@${set.version}`)
      .join(' '),
    setVersions: new Map(
      [...rules.rules, ...rules.correlations].map(({ metadata, file }) => [metadata.id, byFile.get(file)?.set ?? '']),
    ),
    files: byFile,
  }
}

function ordered(sets: Iterable<RuleSet>): RuleSet[] {
  return [...sets].sort((a, b) => (a.ruleSetId < b.ruleSetId ? -1 : 1))
}

function filesOf(sets: Iterable<RuleSet>): SetFile[] {
  return ordered(sets).flatMap((set) =>
    set.files.map(({ path, content }) => ({
      file: `${set.ruleSetId}/${path}`,
      text: content,
      set: `${set.ruleSetId}@${set.version}`,
    })),
  )
}

function placeholdersOf(sets: Iterable<RuleSet>): Record<string, string[]> {
  return Object.fromEntries(
    ordered(sets).flatMap((set) =>
      Object.entries(set.placeholders).map(([name, list]) => [name, JSON.parse(list) as string[]]),
    ),
  )
}

import type { CompiledCorrelation } from './correlations.ts'
import type { Level, RuleLogSource, RuleMetadata } from './documents.ts'
import type { EventView } from './event-view.ts'
import { appliesTo, type EventLogSource, type NormalLogSource, normalLogSource } from './log-source.ts'
import type { Expression, Predicate } from './predicate.ts'
import { Program, predicatesOf } from './program.ts'
import type { FieldValue } from './values.ts'

export interface CompiledRule {
  metadata: RuleMetadata
  logSource: RuleLogSource
  file: string
  expression: Expression
  /** Fields that no event has under the mapping in force. */
  unmapped: string[]
  /** False for a rule that only feeds correlations. */
  alerts: boolean
}

/** One rule on one event. */
export interface RuleMatch {
  ruleId: string
  title: string
  level: Level
  tags: string[]
  /** Fields whose predicates held, with their values; at most 32. */
  fields: { field: string; value: FieldValue }[]
  /** False when the rule only feeds correlations. */
  alerts: boolean
  metadata: RuleMetadata
}

const maxPrograms = 1_000
const maxMatchedFields = 32
const unstatedLevel: Level = 'medium'

/** Rules ready to run. One program is made for each log source when its first event comes. */
export class CompiledRuleSet {
  readonly rules: readonly CompiledRule[]
  readonly correlations: readonly CompiledCorrelation[]
  /** Rules with fields that no event has: they may never match, and an operator should know. */
  readonly unmapped: { ruleId: string; fields: string[] }[]
  private readonly predicates: readonly Predicate[]
  private readonly programs = new Map<string, Program>()

  constructor(
    rules: readonly CompiledRule[],
    correlations: readonly CompiledCorrelation[],
    predicates: readonly Predicate[],
  ) {
    this.rules = rules
    this.correlations = correlations
    this.predicates = predicates
    this.unmapped = rules
      .filter((rule) => rule.unmapped.length > 0)
      .map((rule) => ({ ruleId: rule.metadata.id, fields: rule.unmapped }))
  }

  /** The rules that match an event, in the order of the rule set. The event may have several log sources. */
  match(view: EventView, logSources: EventLogSource | readonly EventLogSource[]): RuleMatch[] {
    const program = this.programFor(isList(logSources) ? logSources : [logSources])
    return program.match(view).map((index) => this.describe(this.rules[index] as CompiledRule, program, view))
  }

  /** Ids of the matching rules only: what `tocsin detect` prints. */
  matchIds(view: EventView, logSource: EventLogSource): string[] {
    return this.programFor([logSource])
      .match(view)
      .map((index) => (this.rules[index] as CompiledRule).metadata.id)
  }

  /** Values that were cut to the scanned length, over all log sources. */
  truncatedValues(): number {
    return [...this.programs.values()].reduce((sum, program) => sum + program.truncated, 0)
  }

  private programFor(logSources: readonly EventLogSource[]): Program {
    const sources = logSources.map(normalLogSource)
    const key = sources.map((source) => `${source.product}|${source.service}|${source.categories.join()}`).join('\n')
    let program = this.programs.get(key)
    if (program === undefined) {
      // Log sources come from a closed list of parsers; should they ever not, memory stays bounded.
      if (this.programs.size >= maxPrograms) this.programs.clear()
      program = this.buildProgram(sources)
      this.programs.set(key, program)
    }
    return program
  }

  private buildProgram(sources: NormalLogSource[]): Program {
    const rules = this.rules
      .map((rule, index) => ({ index, expression: rule.expression, logSource: rule.logSource }))
      .filter((rule) => sources.some((source) => appliesTo(rule.logSource, source)))
    return new Program(rules, this.predicates)
  }

  private describe(rule: CompiledRule, program: Program, view: EventView): RuleMatch {
    const { metadata } = rule
    return {
      ruleId: metadata.id,
      title: metadata.title,
      level: metadata.level ?? unstatedLevel,
      tags: metadata.tags,
      fields: this.matchedFields(rule, program, view),
      alerts: rule.alerts,
      metadata,
    }
  }

  private matchedFields(rule: CompiledRule, program: Program, view: EventView): { field: string; value: FieldValue }[] {
    const names = new Set<string>()
    for (const id of predicatesOf(rule.expression)) {
      const { field, test } = this.predicates[id] as Predicate
      if (field === null || test.kind === 'null' || names.has(field) || names.size >= maxMatchedFields) continue
      if (program.holds(id, view)) names.add(field)
    }
    return [...names].map((field) => ({ field, value: view.get(field) ?? null }))
  }
}

function isList(value: EventLogSource | readonly EventLogSource[]): value is readonly EventLogSource[] {
  return Array.isArray(value)
}

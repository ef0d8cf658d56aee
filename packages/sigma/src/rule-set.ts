import type { CompiledCorrelation } from './correlations.ts'
import type { Level, RuleLogSource, RuleMetadata } from './documents.ts'
import type { EventView } from './event-view.ts'
import { appliesTo, type EventLogSource, type NormalLogSource, normalLogSource } from './log-source.ts'
import type { Expression, Predicate } from './predicate.ts'
import { compileAlone } from './program/look-up-test.ts'
import { Program, predicatesOf } from './program/program.ts'
import { MemoryBudget } from './program/scan-memory.ts'
import type { FieldValue } from './values.ts'

export interface CompiledRule {
  metadata: RuleMetadata
  logSource: RuleLogSource
  file: string
  expression: Expression
  /** Ids of the filters put on it. */
  filters: string[]
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
  private readonly programBySource: SourceTable = new Map()
  private readonly budget = new MemoryBudget()
  private readonly details = new Map<number, (view: EventView) => boolean>()

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
    const program = isList(logSources) ? this.programFor(logSources) : this.programOf(logSources)
    const hits = program.match(view)
    return hits.length === 0 ? none : hits.map((index) => this.describe(this.rules[index] as CompiledRule, view))
  }

  /** Ids of the matching rules only: what `tocsin detect` prints. */
  matchIds(view: EventView, logSource: EventLogSource): string[] {
    return this.programOf(logSource)
      .match(view)
      .map((index) => (this.rules[index] as CompiledRule).metadata.id)
  }

  /** The question behind a number in a rule's expression. */
  predicateOf(id: number): Predicate | undefined {
    return this.predicates[id]
  }

  /** Values that were cut to the scanned length, over all log sources. */
  truncatedValues(): number {
    return [...this.programs.values()].reduce((sum, program) => sum + program.truncated, 0)
  }

  /** The program of a log source as it is written: found without making anything. */
  private programOf(source: EventLogSource): Program {
    const { product, service, category } = source
    const isList = typeof category === 'object' && category !== null
    const key = !isList ? (category ?? '') : category.length < 2 ? (category[0] ?? '') : category.join()
    const services = entryOf(this.programBySource, product ?? '')
    const categories = entryOf(services, service ?? '')
    let program = categories.get(key)
    if (program === undefined) {
      program = this.programFor([source])
      categories.set(key, program)
    }
    return program
  }

  private programFor(logSources: readonly EventLogSource[]): Program {
    const sources = logSources.map(normalLogSource)
    const key = sources.map((source) => `${source.product}|${source.service}|${source.categories.join()}`).join('\n')
    let program = this.programs.get(key)
    if (program === undefined) {
      // Log sources come from a closed list of parsers; should they ever not, memory stays bounded.
      if (this.programs.size >= maxPrograms) {
        this.programs.clear()
        this.programBySource.clear()
      }
      program = this.buildProgram(sources)
      this.programs.set(key, program)
    }
    return program
  }

  private buildProgram(sources: NormalLogSource[]): Program {
    const rules = this.rules
      .map((rule, index) => ({ index, expression: rule.expression, logSource: rule.logSource }))
      .filter((rule) => sources.some((source) => appliesTo(rule.logSource, source)))
    return new Program(rules, this.predicates, this.budget)
  }

  private describe(rule: CompiledRule, view: EventView): RuleMatch {
    const { metadata } = rule
    return {
      ruleId: metadata.id,
      title: metadata.title,
      level: metadata.level ?? unstatedLevel,
      tags: metadata.tags,
      fields: this.matchedFields(rule, view),
      alerts: rule.alerts,
      metadata,
    }
  }

  private matchedFields(rule: CompiledRule, view: EventView): { field: string; value: FieldValue }[] {
    const names = new Set<string>()
    for (const id of predicatesOf(rule.expression)) {
      const { field, test } = this.predicates[id] as Predicate
      if (field === null || test.kind === 'null' || names.has(field) || names.size >= maxMatchedFields) continue
      if (this.holds(id, view)) names.add(field)
    }
    return [...names].map((field) => ({ field, value: view.get(field) ?? null }))
  }

  private holds(id: number, view: EventView): boolean {
    let test = this.details.get(id)
    if (test === undefined) {
      test = compileAlone(this.predicates[id] as Predicate)
      this.details.set(id, test)
    }
    return test(view)
  }
}

/** Product → service → category → program. */
type SourceTable = Map<string, Map<string, Map<string, Program>>>
const none: RuleMatch[] = []

function entryOf<Value>(table: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  let entry = table.get(key)
  if (entry === undefined) {
    entry = new Map()
    table.set(key, entry)
  }
  return entry
}

function isList(value: EventLogSource | readonly EventLogSource[]): value is readonly EventLogSource[] {
  return Array.isArray(value)
}

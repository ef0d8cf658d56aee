import { idFrom } from '@tocsin/events'
import type { Condition } from './condition.ts'
import type { Comparison, CorrelationDocument, CorrelationType, Level, RuleMetadata, WindowMode } from './documents.ts'
import { levels } from './documents.ts'
import { type FieldMapping, mapField } from './mapping.ts'
import { refusalOf } from './parse.ts'
import { type Refusal, RuleError } from './refusal.ts'
import type { CompiledRule } from './rule-set.ts'
import { hasNot, linkSentence, type Sentence } from './sentence.ts'

/** Where the values that a correlation needs are found in the events of one referenced rule. */
export interface MemberFields {
  key: string[]
  value: string[]
  /** Values kept for correlations above this one: their name and the event's field. */
  carry: { name: string; field: string }[]
}

/** A correlation whose references are resolved. */
export interface CompiledCorrelation {
  metadata: RuleMetadata
  file: string
  level: Level
  tags: string[]
  type: CorrelationType
  /** Ids of the referenced rules and correlations, in the order written. */
  ruleIds: string[]
  groupBy: string[]
  timespanMs: number
  tests: { op: Comparison; value: number }[]
  fields: string[]
  percentile: number | null
  /** A temporal condition over positions in `ruleIds`; null where rules are counted. */
  sentence: Sentence | null
  window: WindowMode
  gapMs: number | null
  /** How much later than at its event a condition can be decided: the timespan for an absence, else nothing. */
  lagMs: number
  generate: boolean
  /** False for a correlation that only feeds another one. */
  alerts: boolean
  /** True when the condition can only become true as events are added, so it may fire before the watermark. */
  immediate: boolean
  /** Hash of what the state means; another threshold or text keeps it (correlation.md 5.2). */
  stateHash: string
  members: Map<string, MemberFields>
  /** 1 for a correlation of rules, one more than its highest child otherwise. */
  depth: number
}

const maxChainDepth = 10

/** Resolves references. Gives the correlations so that each stands behind those that it refers to; what cannot be resolved is refused. */
export function linkCorrelations(
  documents: readonly CorrelationDocument[],
  rules: readonly CompiledRule[],
  mapping: FieldMapping | null,
  refused: Refusal[],
): CompiledCorrelation[] {
  const linker = new Linker(documents, rules, mapping)
  const linked: CompiledCorrelation[] = []
  for (const document of documents) {
    try {
      linker.link(document, [])
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      refused.push(refusalOf(error, document.source, document.offset, document.metadata.id))
      continue
    }
    linked.push(linker.link(document, []))
  }
  // A stable sort keeps the order of the files among correlations of one depth.
  linked.sort((a, b) => a.depth - b.depth)
  addCarriedFields(linked, rules, mapping)
  return linked
}

class Linker {
  private readonly rules = new Map<string, CompiledRule>()
  private readonly documents = new Map<string, CorrelationDocument>()
  private readonly linked = new Map<CorrelationDocument, CompiledCorrelation>()
  private readonly mapping: FieldMapping | null

  constructor(documents: readonly CorrelationDocument[], rules: readonly CompiledRule[], mapping: FieldMapping | null) {
    this.mapping = mapping
    for (const rule of rules) for (const key of namesOf(rule.metadata)) this.rules.set(key, rule)
    for (const document of documents) for (const key of namesOf(document.metadata)) this.documents.set(key, document)
  }

  link(document: CorrelationDocument, path: CorrelationDocument[]): CompiledCorrelation {
    const known = this.linked.get(document)
    if (known !== undefined) return known
    if (path.includes(document)) {
      throw new RuleError(
        'rule_circular_reference',
        'The correlation refers to itself by way of others.',
        document.offset,
      )
    }
    if (path.length >= maxChainDepth) {
      throw new RuleError(
        'rule_bad_correlation',
        `The chain of correlations is deeper than ${maxChainDepth}.`,
        document.offset,
      )
    }
    const members = document.rules.map(({ reference, offset }) => this.member(document, reference, offset, path))
    const compiled = this.compile(document, members)
    this.linked.set(document, compiled)
    return compiled
  }

  private member(
    document: CorrelationDocument,
    reference: string,
    offset: number,
    path: CorrelationDocument[],
  ): Member {
    const rule = this.rules.get(reference)
    if (rule !== undefined)
      return { id: rule.metadata.id, level: rule.metadata.level, tags: rule.metadata.tags, depth: 0, rule }
    const child = this.documents.get(reference)
    if (child === undefined) {
      throw new RuleError(
        'rule_unknown_reference',
        `The correlation refers to "${reference}", which is no rule that was taken.`,
        offset,
      )
    }
    const linked = this.link(child, [...path, document])
    return { id: linked.metadata.id, level: linked.level, tags: linked.tags, depth: linked.depth, rule: null }
  }

  private compile(document: CorrelationDocument, members: Member[]): CompiledCorrelation {
    const ruleIds = [...new Set(members.map((member) => member.id))]
    const temporal = document.type === 'temporal' || document.type === 'temporal_ordered'
    const sentence = document.sentence === null ? null : this.sentence(document, document.sentence, ruleIds)
    const absence = document.type === 'absence'
    if (absence && ruleIds.length < 2) {
      throw new RuleError(
        'rule_bad_correlation',
        'An absence needs two rules at least: the first, and what must not follow it.',
        document.offset,
      )
    }
    const least = sentence !== null || absence ? 1 : ruleIds.length
    const tests = temporal || absence ? withDefault(document.tests, least) : document.tests
    const counting = temporal || document.type === 'event_count' || document.type === 'value_count'
    return {
      metadata: document.metadata,
      file: document.source.file,
      level: document.metadata.level ?? highest(members.map((member) => member.level)),
      tags: [...new Set([...document.metadata.tags, ...members.flatMap((member) => member.tags)])],
      type: document.type,
      ruleIds,
      groupBy: document.groupBy,
      timespanMs: document.timespanMs,
      tests,
      fields: document.fields,
      percentile: document.percentile,
      sentence,
      window: document.window,
      gapMs: document.gapMs,
      lagMs: absence ? document.timespanMs : 0,
      generate: document.generate,
      alerts: true,
      immediate:
        counting && tests.every(({ op }) => op === 'gt' || op === 'gte') && (sentence === null || !hasNot(sentence)),
      stateHash: stateHashOf(document, ruleIds),
      members: new Map(members.map((member) => [member.id, this.memberFields(document, member)])),
      depth: 1 + Math.max(0, ...members.map((member) => member.depth)),
    }
  }

  private sentence(document: CorrelationDocument, condition: Condition, ruleIds: readonly string[]): Sentence {
    const names = document.rules.map(({ reference }) => reference)
    const position = (reference: string): number => ruleIds.indexOf(this.idOf(reference) ?? '')
    return linkSentence(condition, names, position, document)
  }

  private idOf(reference: string): string | undefined {
    return this.rules.get(reference)?.metadata.id ?? this.documents.get(reference)?.metadata.id
  }

  private memberFields(document: CorrelationDocument, member: Member): MemberFields {
    const name = (field: string): string =>
      member.rule === null ? field : mapField(this.mapping, member.rule.logSource, field).name
    const key = document.groupBy.map((field) => name(this.aliased(document, member, field) ?? field))
    return { key, value: document.fields.map(name), carry: [] }
  }

  private aliased(document: CorrelationDocument, member: Member, field: string): string | undefined {
    for (const [reference, aliased] of document.aliases.get(field) ?? []) {
      if (this.idOf(reference) === member.id) return aliased
    }
    return undefined
  }
}

interface Member {
  id: string
  level: Level | null
  tags: string[]
  depth: number
  rule: CompiledRule | null
}

// From the top of a chain downwards: what a correlation needs and its child does not group by, the child's events must bring along.
function addCarriedFields(
  linked: CompiledCorrelation[],
  rules: readonly CompiledRule[],
  mapping: FieldMapping | null,
): void {
  const byId = new Map(linked.map((correlation) => [correlation.metadata.id, correlation]))
  const ruleById = new Map(rules.map((rule) => [rule.metadata.id, rule]))
  for (const parent of linked.toReversed()) {
    for (const [id, fields] of parent.members) {
      const child = byId.get(id)
      if (child === undefined) continue
      const needed = [...fields.key, ...fields.value, ...fields.carry.map(({ name }) => name)]
      for (const name of new Set(needed)) if (!child.groupBy.includes(name)) carry(child, name, ruleById, mapping)
    }
  }
}

function carry(
  child: CompiledCorrelation,
  name: string,
  rules: Map<string, CompiledRule>,
  mapping: FieldMapping | null,
): void {
  for (const [id, fields] of child.members) {
    if (fields.carry.some((known) => known.name === name)) continue
    const rule = rules.get(id)
    fields.carry.push({ name, field: rule === undefined ? name : mapField(mapping, rule.logSource, name).name })
  }
}

function withDefault(tests: CompiledCorrelation['tests'], least: number): CompiledCorrelation['tests'] {
  return tests.length > 0 ? tests : [{ op: 'gte', value: least }]
}

function namesOf(metadata: RuleMetadata): string[] {
  return metadata.name === null ? [metadata.id] : [metadata.id, metadata.name]
}

function highest(stated: (Level | null)[]): Level {
  return (
    stated.reduce<Level | null>((best, level) => {
      if (level === null) return best
      return best === null || levels.indexOf(level) > levels.indexOf(best) ? level : best
    }, null) ?? 'medium'
  )
}

function stateHashOf(document: CorrelationDocument, ruleIds: string[]): string {
  const aliases = [...document.aliases].map(([alias, fields]) => [alias, ...fields])
  return idFrom(
    JSON.stringify([
      document.type,
      ruleIds,
      document.groupBy,
      document.timespanMs,
      document.fields,
      document.percentile,
      aliases,
      ...(document.window === 'sliding' ? [] : [document.window, document.gapMs]),
    ]),
  ).slice(0, 16)
}

import type { Condition } from './condition.ts'
import type { SourceFile } from './source-file.ts'

/** Sigma's five levels, from the weakest. */
export const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type Level = (typeof levels)[number]

/** The log source of a rule: each stated part must equal the event's (specification, "Log source"). */
export interface RuleLogSource {
  product?: string
  service?: string
  category?: string
}

/** What a rule says about itself. Keys that the specification does not know are kept in `custom`. */
export interface RuleMetadata {
  /** `id`, else `name`, else the title: what matches and correlations call the rule. */
  id: string
  uuid: string | null
  name: string | null
  title: string
  description: string | null
  status: string | null
  level: Level | null
  author: string | null
  date: string | null
  modified: string | null
  license: string | null
  taxonomy: string | null
  references: string[]
  tags: string[]
  falsepositives: string[]
  fields: string[]
  scope: string[]
  related: { id: string; type: string }[]
  custom: Record<string, unknown>
}

/** One value of a detection item, as YAML gave it. */
export interface ItemValue {
  value: string | number | boolean | null
  offset: number
}

/** `field|modifier|…: values`; an empty field means a keyword search over the whole event. */
export interface DetectionItem {
  field: string
  modifiers: string[]
  values: ItemValue[]
  offset: number
}

/** A named selection: any of its alternatives, each of which is all of its items. */
export interface Selection {
  alternatives: DetectionItem[][]
  offset: number
}

interface DocumentBase {
  source: SourceFile
  /** Offset of the document in its file. */
  offset: number
  metadata: RuleMetadata
}

export interface RuleDocument extends DocumentBase {
  kind: 'rule'
  logSource: RuleLogSource
  selections: Map<string, Selection>
  condition: Condition
}

export type CorrelationType =
  | 'event_count'
  | 'value_count'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile'
  | 'value_median'
  | 'temporal'
  | 'temporal_ordered'
  | 'absence'

/** How a window lies: up to each event, in fixed stretches, or as long as events follow each other closely (C16, an extension). */
export type WindowMode = 'sliding' | 'tumbling' | 'session'

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq'

export interface CorrelationDocument extends DocumentBase {
  kind: 'correlation'
  type: CorrelationType
  /** Ids or names of rules and correlations, as written. */
  rules: { reference: string; offset: number }[]
  groupBy: string[]
  /** Alias → (rule reference → field). */
  aliases: Map<string, Map<string, string>>
  timespanMs: number
  tests: { op: Comparison; value: number }[]
  /** Fields whose values are counted or computed; several make a tuple. */
  fields: string[]
  percentile: number | null
  /** A temporal condition written as a sentence over the referenced rules; null where it counts them. */
  sentence: Condition | null
  window: WindowMode
  /** Longest silence within a session; null for other windows. */
  gapMs: number | null
  /** True when the referenced rules also alert by themselves. */
  generate: boolean
}

/** Keeps events from matching other rules (specification, "Sigma Filters"). */
export interface FilterDocument extends DocumentBase {
  kind: 'filter'
  logSource: RuleLogSource
  /** Ids or names of rules, as written; null for every rule of the log source. */
  rules: { reference: string; offset: number }[] | null
  selections: Map<string, Selection>
  condition: Condition
  /** `suppress`: what the filter describes does not match. `pysigma`: only what it describes matches. */
  mode: 'suppress' | 'pysigma'
}

export type SigmaDocument = RuleDocument | CorrelationDocument | FilterDocument

import type { RuleLogSource } from './documents.ts'

/** How the fields of rules of one log source are called in our events. */
export interface SourceMapping {
  /** Rules whose log source states at least these parts. */
  logSource: RuleLogSource
  fields: Readonly<Record<string, string>>
  /** Put before a field that is not listed, when the events keep such fields under one prefix. */
  prefix?: string
}

/** Field names of rules → names in our events. Without a mapping every name stays as it is. */
export interface FieldMapping {
  version: string
  /** Names that events really have; anything else that no source maps is listed as unmapped. */
  known: ReadonlySet<string>
  sources: readonly SourceMapping[]
}

/** The event's name of a rule's field, and whether any event can have it. The most specific source that knows it wins. */
export function mapField(
  mapping: FieldMapping | null,
  logSource: RuleLogSource,
  field: string,
): { name: string; mapped: boolean } {
  if (mapping === null || mapping.known.has(field)) return { name: field, mapped: true }
  const covering = mapping.sources
    .filter((source) => covers(source.logSource, logSource))
    .sort((a, b) => parts(b) - parts(a))
  for (const source of covering) {
    const name = Object.hasOwn(source.fields, field) ? source.fields[field] : undefined
    if (name !== undefined) return { name, mapped: true }
  }
  const prefix = covering.find((source) => source.prefix !== undefined)?.prefix
  return prefix === undefined ? { name: field, mapped: false } : { name: prefix + field, mapped: true }
}

function covers(general: RuleLogSource, rule: RuleLogSource): boolean {
  return (['product', 'service', 'category'] as const).every(
    (part) => general[part] === undefined || general[part] === rule[part],
  )
}

function parts(source: SourceMapping): number {
  return Object.keys(source.logSource).length
}

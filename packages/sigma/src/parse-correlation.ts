import type { Comparison, CorrelationDocument, CorrelationType } from './documents.ts'
import { readMetadata } from './metadata.ts'
import { RuleError } from './refusal.ts'
import type { SourceFile, YamlEntry, YamlReader } from './source-file.ts'
import { numberOf } from './values.ts'

const types: readonly CorrelationType[] = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
]
const comparisons: readonly Comparison[] = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq']
const unitMs: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_629_746_000,
  y: 31_556_952_000,
}
const maxTimespanMs = 31 * 86_400_000
/** What one group may hold (correlation.md 5.4); a threshold above it could never be reached. */
export const maxEntriesPerGroup = 10_000

/** Reads a correlation document. Throws a RuleError with the place of the first thing that is wrong. */
export function parseCorrelation(
  entries: YamlEntry[],
  reader: YamlReader,
  source: SourceFile,
  offset: number,
): CorrelationDocument {
  const metadata = readMetadata(entries, reader)
  const body = new CorrelationBody(entries, reader)
  const type = body.type()
  const condition = body.condition()
  const fields = condition.fields
  const tests = condition.tests
  if (type.startsWith('value_') && fields.length === 0)
    body.fail('condition', `"${type}" needs a field in its condition.`)
  if (type === 'value_percentile' && condition.percentile === null) {
    body.fail('condition', '"value_percentile" needs a percentile in its condition; the bare form is ambiguous.')
  }
  if (tests.length === 0 && !type.startsWith('temporal'))
    body.fail('condition', `"${type}" needs a condition with gt, gte, lt, lte, eq or neq.`)
  const counts = type === 'event_count' || type === 'value_count'
  if (counts && tests.some((test) => test.value > maxEntriesPerGroup)) {
    body.fail(
      'condition',
      `A threshold above ${maxEntriesPerGroup} cannot be reached: that many events are kept for a group.`,
    )
  }
  return {
    kind: 'correlation',
    source,
    offset,
    metadata,
    type,
    rules: body.rules(),
    groupBy: body.texts('group-by').map((text) => text.value),
    aliases: body.aliases(),
    timespanMs: body.timespanMs(),
    tests,
    fields,
    percentile: condition.percentile,
    generate: body.generate(entries),
  }
}

class CorrelationBody {
  private readonly reader: YamlReader
  private readonly entries: YamlEntry[]
  private readonly offset: number

  constructor(documentEntries: YamlEntry[], reader: YamlReader) {
    const correlation = documentEntries.find((entry) => entry.key === 'correlation')
    this.offset = correlation?.offset ?? -1
    this.reader = reader
    this.entries =
      (correlation === undefined ? null : reader.entries(correlation.value)) ??
      this.fail('', '"correlation" must be a map.')
  }

  type(): CorrelationType {
    const text = this.texts('type')[0]?.value ?? ''
    const type = types.find((known) => known === text)
    if (type === undefined)
      this.fail('type', `The correlation type "${text}" is not one that this engine has.`, 'unsupported_correlation')
    return type
  }

  rules(): { reference: string; offset: number }[] {
    const rules = this.texts('rules').map((text) => ({ reference: text.value, offset: text.offset }))
    if (rules.length === 0) this.fail('rules', 'The correlation names no rules.')
    return rules
  }

  condition(): { tests: { op: Comparison; value: number }[]; fields: string[]; percentile: number | null } {
    const entry = this.find('condition')
    if (entry === undefined || entry.value === null) return { tests: [], fields: [], percentile: null }
    const parts = this.reader.entries(entry.value)
    if (parts === null) {
      this.fail(
        'condition',
        'Conditions written as a sentence (a and not b) are not held by this engine.',
        'unsupported_correlation',
      )
    }
    const tests: { op: Comparison; value: number }[] = []
    let fields: string[] = []
    let percentile: number | null = null
    for (const part of parts) {
      const op = comparisons.find((known) => known === part.key)
      if (op !== undefined) tests.push({ op, value: this.number(part) })
      else if (part.key === 'percentile') percentile = this.number(part)
      else if (part.key === 'field') fields = this.textsOf(part).map((text) => text.value)
      else this.fail('condition', `"${part.key}" means nothing in a correlation's condition.`)
    }
    if (percentile !== null && (percentile < 0 || percentile > 100))
      this.fail('condition', 'A percentile lies between 0 and 100.')
    return { tests, fields, percentile }
  }

  aliases(): Map<string, Map<string, string>> {
    const entry = this.find('aliases')
    const aliases = new Map<string, Map<string, string>>()
    if (entry === undefined || entry.value === null) return aliases
    for (const alias of this.reader.entries(entry.value) ?? this.fail('aliases', '"aliases" must be a map.')) {
      const fields =
        this.reader.entries(alias.value) ?? this.fail('aliases', 'An alias must be a map from rule to field.')
      aliases.set(alias.key, new Map(fields.map((field) => [field.key, this.textsOf(field)[0]?.value ?? ''])))
    }
    return aliases
  }

  timespanMs(): number {
    const text = this.texts('timespan')[0]?.value ?? ''
    const parts = /^(\d{1,9})([smhdwMy])$/.exec(text)
    if (parts === null) this.fail('timespan', `The timespan "${text}" should be a number and one of s, m, h, d.`)
    const timespanMs = Number(parts[1]) * (unitMs[parts[2] ?? ''] ?? 0)
    if (timespanMs <= 0 || timespanMs > maxTimespanMs)
      this.fail('timespan', `The timespan "${text}" must be between one second and 31 days.`)
    return timespanMs
  }

  generate(documentEntries: YamlEntry[]): boolean {
    const entry = this.find('generate') ?? documentEntries.find((found) => found.key === 'generate')
    return entry !== undefined && this.reader.scalar(entry.value, entry.offset)?.value === true
  }

  texts(key: string): { value: string; offset: number }[] {
    const entry = this.find(key)
    return entry === undefined || entry.value === null ? [] : this.textsOf(entry)
  }

  private textsOf(entry: YamlEntry): { value: string; offset: number }[] {
    const members = this.reader.members(entry.value) ?? [entry.value]
    return members.map((member) => {
      const scalar = this.reader.scalar(member, entry.offset)
      if (scalar === null || scalar.value === null)
        this.fail(entry.key, `"${entry.key}" must be a text or a list of texts.`)
      return { value: String(scalar.value), offset: scalar.offset }
    })
  }

  private number(entry: YamlEntry): number {
    const value = this.reader.scalar(entry.value, entry.offset)?.value ?? null
    const number = value === null ? null : numberOf(value)
    if (number === null) this.fail('condition', `"${entry.key}" must be a number.`)
    return number
  }

  fail(
    key: string,
    message: string,
    code: 'rule_bad_correlation' | 'unsupported_correlation' = 'rule_bad_correlation',
  ): never {
    throw new RuleError(
      code,
      message,
      this.entries === undefined ? this.offset : (this.find(key)?.offset ?? this.offset),
    )
  }

  private find(key: string): YamlEntry | undefined {
    return this.entries.find((entry) => entry.key === key)
  }
}

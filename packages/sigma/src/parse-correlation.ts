import { type Condition, parseCondition } from './condition.ts'
import type { Comparison, CorrelationDocument, CorrelationType, WindowMode } from './documents.ts'
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
  'absence',
]
const windows: readonly WindowMode[] = ['sliding', 'tumbling', 'session']
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
  const temporal = type === 'temporal' || type === 'temporal_ordered'
  if (condition.sentence !== null && !temporal)
    body.fail('condition', `A condition written as a sentence is for temporal correlations, not for "${type}".`)
  if (type === 'absence' && tests.length > 0)
    body.fail('condition', 'An absence has no condition: the first rule must not be followed by any of the others.')
  if (tests.length === 0 && !temporal && type !== 'absence')
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
    sentence: condition.sentence,
    ...body.window(type),
    generate: body.generate(entries),
  }
}

interface ParsedCondition {
  tests: { op: Comparison; value: number }[]
  fields: string[]
  percentile: number | null
  sentence: Condition | null
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

  condition(): ParsedCondition {
    const entry = this.find('condition')
    if (entry === undefined || entry.value === null) return { tests: [], fields: [], percentile: null, sentence: null }
    const parts = this.reader.entries(entry.value)
    if (parts === null) {
      const text = this.reader.scalar(entry.value, entry.offset)
      if (text === null) this.fail('condition', 'The condition must be a map or a sentence such as a and not b.')
      const sentence = parseCondition(String(text.value), text.offset)
      return { tests: [], fields: [], percentile: null, sentence }
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
    return { tests, fields, percentile, sentence: null }
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
    return this.spanMs('timespan')
  }

  /** `window` and `gap`: extensions; a window slides unless it says otherwise. */
  window(type: CorrelationType): { window: WindowMode; gapMs: number | null } {
    const text = this.texts('window')[0]?.value ?? 'sliding'
    const window = windows.find((known) => known === text)
    if (window === undefined) this.fail('window', `The window "${text}" must be sliding, tumbling or session.`)
    if (window !== 'sliding' && type === 'absence')
      this.fail('window', 'An absence looks forward from each event; it has no other window.')
    if (window !== 'session' && this.find('gap') !== undefined)
      this.fail('gap', 'A gap belongs to a session window only.')
    return { window, gapMs: window === 'session' ? this.spanMs('gap') : null }
  }

  private spanMs(key: 'timespan' | 'gap'): number {
    const text = this.texts(key)[0]?.value ?? ''
    const parts = /^(\d{1,9})([smhdwMy])$/.exec(text)
    if (parts === null) this.fail(key, `The ${key} "${text}" should be a number and one of s, m, h, d.`)
    const spanMs = Number(parts[1]) * (unitMs[parts[2] ?? ''] ?? 0)
    if (spanMs <= 0 || spanMs > maxTimespanMs)
      this.fail(key, `The ${key} "${text}" must be between one second and 31 days.`)
    return spanMs
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

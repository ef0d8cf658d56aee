import type { FilterDocument } from './documents.ts'
import { readMetadata } from './metadata.ts'
import { readDetection, readLogSource } from './parse-rule.ts'
import { RuleError } from './refusal.ts'
import type { SourceFile, YamlEntry, YamlReader } from './source-file.ts'

/** Reads a filter document. Throws a RuleError with the place of the first thing that is wrong. */
export function parseFilter(
  entries: YamlEntry[],
  reader: YamlReader,
  source: SourceFile,
  offset: number,
): FilterDocument {
  const metadata = readMetadata(entries, reader)
  const find = (key: string): YamlEntry | undefined => entries.find((entry) => entry.key === key)
  const logSource = readLogSource(find('logsource'), reader, offset)
  const filter = find('filter')
  const parts = reader.entries(filter?.value)
  if (filter === undefined || parts === null) {
    throw new RuleError('rule_bad_filter', '"filter" must be a map of rules, selections and a condition.', offset)
  }
  const rules = readRules(
    parts.find((part) => part.key === 'rules'),
    filter.offset,
    reader,
  )
  const mode = readMode(
    parts.find((part) => part.key === 'mode'),
    reader,
  )
  const { selections, condition } = readDetection(parts, ['rules', 'mode'], filter.offset, reader)
  return { kind: 'filter', source, offset, metadata, logSource, rules, selections, condition, mode }
}

/** The rules named; null for `any` and for an empty list: every rule of the log source. */
function readRules(entry: YamlEntry | undefined, offset: number, reader: YamlReader): FilterDocument['rules'] {
  if (entry === undefined) {
    throw new RuleError(
      'rule_bad_filter',
      'The filter does not say for which rules it is; name them, or write any.',
      offset,
    )
  }
  const members = reader.members(entry.value) ?? (entry.value === null ? [] : [entry.value])
  const rules = members.map((member) => {
    const scalar = reader.scalar(member, entry.offset)
    if (scalar === null || scalar.value === null)
      throw new RuleError('rule_bad_filter', '"rules" must be a list of ids or names.', entry.offset)
    return { reference: String(scalar.value), offset: scalar.offset }
  })
  return rules.length === 0 || (rules.length === 1 && rules[0]?.reference === 'any') ? null : rules
}

function readMode(entry: YamlEntry | undefined, reader: YamlReader): FilterDocument['mode'] {
  if (entry === undefined) return 'suppress'
  const mode = reader.scalar(entry.value, entry.offset)?.value
  if (mode === 'suppress' || mode === 'pysigma') return mode
  throw new RuleError('rule_bad_filter', '"mode" must be suppress or pysigma.', entry.offset)
}

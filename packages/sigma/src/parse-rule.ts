import type { Node } from 'yaml'
import { type Condition, parseCondition, selectionsNamedBy } from './condition.ts'
import type { DetectionItem, ItemValue, RuleDocument, RuleLogSource, Selection } from './documents.ts'
import { readMetadata } from './metadata.ts'
import { readSegment } from './packet/segment.ts'
import { RuleError } from './refusal.ts'
import { offsetOf, type SourceFile, type YamlEntry, type YamlReader } from './source-file.ts'

/** Reads a detection rule. Throws a RuleError with the place of the first thing that is wrong. */
export function parseRule(entries: YamlEntry[], reader: YamlReader, source: SourceFile, offset: number): RuleDocument {
  const metadata = readMetadata(entries, reader)
  const logSource = readLogSource(find(entries, 'logsource'), reader, offset)
  const detection = find(entries, 'detection')
  const parts = detection === undefined ? null : reader.entries(detection.value)
  if (detection === undefined || parts === null) {
    throw new RuleError('rule_missing_detection', 'The rule has no detection map.', detection?.offset ?? offset)
  }
  // A `timeframe` without the old aggregation says nothing; the pipe itself is refused in the condition.
  const { selections, condition } = readDetection(parts, ['timeframe'], detection.offset, reader)
  return { kind: 'rule', source, offset, metadata, logSource, selections, condition }
}

/** Reads selections and their condition out of a map; keys of `others` are not selections. */
export function readDetection(
  parts: YamlEntry[],
  others: readonly string[],
  offset: number,
  reader: YamlReader,
): { selections: Map<string, Selection>; condition: Condition } {
  const selections = new Map<string, Selection>()
  for (const part of parts) {
    if (part.key === 'condition' || others.includes(part.key)) continue
    if (part.key === '') throw new RuleError('rule_bad_selection', 'A selection has no name.', part.offset)
    selections.set(part.key, readSelection(part, reader))
  }
  const condition = readCondition(find(parts, 'condition'), offset, reader)
  checkNames(condition, selections, find(parts, 'condition')?.offset ?? offset)
  return { selections, condition }
}

function find(entries: YamlEntry[], key: string): YamlEntry | undefined {
  return entries.find((entry) => entry.key === key)
}

/** Reads a log source; at least one part must be stated. */
export function readLogSource(entry: YamlEntry | undefined, reader: YamlReader, offset: number): RuleLogSource {
  const parts = entry === undefined ? null : reader.entries(entry.value)
  const logSource: RuleLogSource = {}
  for (const part of parts ?? []) {
    if (part.key !== 'product' && part.key !== 'service' && part.key !== 'category') continue
    const scalar = reader.scalar(part.value, part.offset)
    if (scalar === null)
      throw new RuleError('rule_missing_logsource', `"${part.key}" of the log source must be a text.`, part.offset)
    if (scalar.value !== null && scalar.value !== '') logSource[part.key] = String(scalar.value).toLowerCase()
  }
  if (Object.keys(logSource).length === 0) {
    throw new RuleError(
      'rule_missing_logsource',
      'The rule has no log source with a product, service or category.',
      entry?.offset ?? offset,
    )
  }
  return logSource
}

function readCondition(entry: YamlEntry | undefined, offset: number, reader: YamlReader): Condition {
  const members = entry === undefined ? null : (reader.members(entry.value) ?? [entry.value])
  if (entry === undefined || members === null || members.length === 0) {
    throw new RuleError('rule_missing_condition', 'The detection has no condition.', offset)
  }
  const terms = members.map((member) => {
    const scalar = reader.scalar(member, entry.offset)
    if (scalar === null || scalar.value === null) {
      throw new RuleError('rule_missing_condition', 'The condition must be a text or a list of texts.', entry.offset)
    }
    return parseCondition(String(scalar.value), scalar.offset)
  })
  const [first] = terms
  return terms.length === 1 && first !== undefined ? first : { kind: 'or', terms }
}

function readSelection(entry: YamlEntry, reader: YamlReader): Selection {
  const members = reader.members(entry.value)
  const offset = entry.offset
  if (members === null) return { alternatives: [readItems(entry.value, offset, reader)], offset }
  if (members.length === 0) throw new RuleError('rule_bad_selection', `The selection "${entry.key}" is empty.`, offset)
  const maps = members.filter((member) => reader.entries(member) !== null)
  const keywords = members.filter((member) => !maps.includes(member))
  const alternatives = maps.map((member) => readItems(member, offset, reader))
  if (keywords.length > 0) {
    alternatives.push([{ field: '', modifiers: [], values: readValues(keywords, offset, reader), offset }])
  }
  return { alternatives, offset }
}

/** The items of one map, or one keyword. */
function readItems(node: Node | null, offset: number, reader: YamlReader): DetectionItem[] {
  const entries = reader.entries(node)
  if (entries === null) {
    return [{ field: '', modifiers: [], values: readValues([node], offset, reader), offset }]
  }
  if (entries.length === 0) throw new RuleError('rule_bad_selection', 'A selection is empty.', offset)
  return entries.map((entry) => {
    const [field = '', ...modifiers] = entry.key.split('|')
    if (field === '' && modifiers.length === 0)
      throw new RuleError('rule_bad_selection', 'A field has no name.', entry.offset)
    const members = reader.members(entry.value) ?? [entry.value]
    const values = modifiers.includes('segment')
      ? readSegments(members, entry.offset, reader)
      : readValues(members, entry.offset, reader)
    return { field, modifiers, values, offset: entry.offset }
  })
}

/** Segments are maps; they go on as JSON text, so that an item's values stay plain. */
function readSegments(nodes: (Node | null)[], offset: number, reader: YamlReader): ItemValue[] {
  return nodes.map((node) => {
    const entries = reader.entries(node)
    const at = node === null ? offset : offsetOf(node)
    if (entries === null)
      throw new RuleError('rule_bad_value', 'A segment must be a map of hex or text, offset, depth.', at)
    return { value: JSON.stringify(readSegment(entries, at, reader)), offset: at }
  })
}

function readValues(nodes: (Node | null)[], offset: number, reader: YamlReader): ItemValue[] {
  return nodes.map((node) => {
    const scalar = reader.scalar(node, offset)
    if (scalar === null)
      throw new RuleError('rule_bad_value', 'A value must be a text, a number, true, false or null.', offsetOf(node))
    return scalar
  })
}

function checkNames(condition: Condition, selections: Map<string, Selection>, offset: number): void {
  switch (condition.kind) {
    case 'name':
      if (!selections.has(condition.name)) {
        throw new RuleError(
          'rule_bad_condition',
          `The condition names "${condition.name}", which is no selection.`,
          offset,
        )
      }
      return
    case 'of':
      if (selectionsNamedBy(condition.pattern, selections.keys()).length === 0) {
        throw new RuleError('rule_bad_condition', `No selection fits "${condition.pattern}".`, offset)
      }
      return
    case 'not':
      return checkNames(condition.term, selections, offset)
    case 'and':
    case 'or':
      for (const term of condition.terms) checkNames(term, selections, offset)
  }
}

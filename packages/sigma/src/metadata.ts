import type { Node } from 'yaml'
import { type Level, levels, type RuleMetadata } from './documents.ts'
import { RuleError } from './refusal.ts'
import { offsetOf, type YamlEntry, type YamlReader } from './source-file.ts'

const statuses = ['stable', 'test', 'experimental', 'deprecated', 'unsupported']
const relations = ['derived', 'obsolete', 'obsoletes', 'merged', 'renamed', 'similar', 'correlation']
const maxTitleChars = 256
const maxDescriptionChars = 65_535
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const tag = /^[A-Za-z0-9_-]+\..+$/

/** Top-level keys that are not metadata. */
const structure = new Set(['custom', 'logsource', 'detection', 'correlation', 'filter', 'generate'])
const known = new Set([
  'title',
  'id',
  'name',
  'description',
  'status',
  'level',
  'author',
  'date',
  'modified',
  'license',
  'taxonomy',
  'references',
  'tags',
  'falsepositives',
  'fields',
  'scope',
  'related',
])

/** Reads what a rule says about itself (specification, "Components"). Throws a RuleError at the first thing that is wrong. */
export function readMetadata(entries: YamlEntry[], reader: YamlReader): RuleMetadata {
  const fields = new MetadataFields(entries, reader)
  const title = fields.text('title')
  if (title === null || title === '') {
    throw new RuleError('rule_missing_title', 'The rule has no title.', entries[0]?.offset ?? -1)
  }
  fields.limit('title', title, maxTitleChars)
  const description = fields.text('description')
  if (description !== null) fields.limit('description', description, maxDescriptionChars)
  const id = fields.text('id')
  if (id !== null && !uuid.test(id)) fields.fail('id', `The id "${id}" is no UUID.`)
  const name = fields.text('name')
  return {
    id: id ?? name ?? title,
    uuid: id,
    name,
    title,
    description,
    status: fields.oneOf('status', statuses),
    level: fields.oneOf('level', levels) as Level | null,
    author: fields.text('author'),
    date: fields.date('date'),
    modified: fields.date('modified'),
    license: fields.text('license'),
    taxonomy: fields.text('taxonomy'),
    references: fields.texts('references'),
    tags: fields.tags(),
    falsepositives: fields.texts('falsepositives'),
    fields: fields.texts('fields'),
    scope: fields.texts('scope'),
    related: fields.related(),
    custom: readCustom(entries, reader),
  }
}

/** Keys that the specification does not know, and what stands in the map `custom` as if it stood beside them. */
function readCustom(entries: YamlEntry[], reader: YamlReader): Record<string, unknown> {
  const own = reader.entries(entries.find((entry) => entry.key === 'custom')?.value) ?? []
  const others = entries.filter((entry) => !known.has(entry.key) && !structure.has(entry.key))
  return Object.fromEntries([...others, ...own].map((entry) => [entry.key, reader.plain(entry.value)]))
}

class MetadataFields {
  private readonly entries: YamlEntry[]
  private readonly reader: YamlReader

  constructor(entries: YamlEntry[], reader: YamlReader) {
    this.entries = entries
    this.reader = reader
  }

  text(key: string): string | null {
    const entry = this.find(key)
    if (entry === undefined) return null
    const scalar = this.reader.scalar(entry.value, entry.offset)
    if (scalar === null) this.fail(key, `"${key}" must be a text.`)
    return scalar.value === null ? null : String(scalar.value)
  }

  texts(key: string): string[] {
    const entry = this.find(key)
    if (entry === undefined || entry.value === null) return []
    const members = this.reader.members(entry.value) ?? [entry.value]
    return members.flatMap((member) => this.memberText(key, entry.offset, member))
  }

  private memberText(key: string, offset: number, member: Node | null): string[] {
    const scalar = this.reader.scalar(member, offset)
    if (scalar === null) this.fail(key, `"${key}" must be a list of texts.`)
    return scalar.value === null ? [] : [String(scalar.value)]
  }

  oneOf(key: string, allowed: readonly string[]): string | null {
    const text = this.text(key)?.toLowerCase() ?? null
    if (text !== null && !allowed.includes(text))
      this.fail(key, `"${key}" is "${text}"; it must be one of ${allowed.join(', ')}.`)
    return text
  }

  date(key: string): string | null {
    const text = this.text(key)
    if (text === null) return null
    const parts = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text)
    const iso = parts === null ? '' : `${parts[1]}-${parts[2]?.padStart(2, '0')}-${parts[3]?.padStart(2, '0')}`
    if (iso === '' || Number.isNaN(Date.parse(iso)))
      this.fail(key, `"${key}" is "${text}"; a date YYYY-MM-DD is expected.`)
    return iso
  }

  tags(): string[] {
    const tags = this.texts('tags')
    const bad = tags.find((text) => !tag.test(text))
    if (bad !== undefined) this.fail('tags', `The tag "${bad}" has no namespace; it should look like attack.t1059.`)
    return tags
  }

  related(): { id: string; type: string }[] {
    const entry = this.find('related')
    if (entry === undefined || entry.value === null) return []
    const members = this.reader.members(entry.value)
    if (members === null) this.fail('related', '"related" must be a list of id and type.')
    return members.map((member) => {
      const pairs = this.reader.entries(member) ?? this.fail('related', '"related" must be a list of id and type.')
      const value = (key: string): string => {
        const found = pairs.find((pair) => pair.key === key)
        const scalar = found === undefined ? null : this.reader.scalar(found.value, found.offset)
        return scalar === null || scalar.value === null ? '' : String(scalar.value)
      }
      const relation = { id: value('id'), type: value('type') }
      if (!relations.includes(relation.type)) this.fail('related', `"${relation.type}" is no kind of relation.`)
      return relation
    })
  }

  limit(key: string, text: string, maxChars: number): void {
    if (text.length > maxChars)
      this.fail(key, `"${key}" has ${text.length} characters; at most ${maxChars} are allowed.`)
  }

  fail(key: string, message: string): never {
    const entry = this.find(key)
    throw new RuleError('rule_bad_metadata', message, entry?.value ? offsetOf(entry.value) : (entry?.offset ?? -1))
  }

  private find(key: string): YamlEntry | undefined {
    return this.entries.find((entry) => entry.key === key)
  }
}

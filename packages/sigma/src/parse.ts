import { type Document, isScalar } from 'yaml'
import type { SigmaDocument } from './documents.ts'
import { parseCorrelation } from './parse-correlation.ts'
import { parseFilter } from './parse-filter.ts'
import { parseRule } from './parse-rule.ts'
import { type Refusal, RuleError } from './refusal.ts'
import { readYaml, type SourceFile, YamlReader } from './source-file.ts'

/** A rule file: its name as it shall appear in refusals, and its text. */
export interface RuleFile {
  file: string
  text: string
}

/** What could be read, in the order of the files, and what could not, with place and reason. */
export interface Parsed {
  documents: SigmaDocument[]
  refused: Refusal[]
}

/** Reads Sigma rules and correlations from YAML files. Never throws: a document that is refused stops no other. */
export function parseRules(files: Iterable<RuleFile>): Parsed {
  const parsed: Parsed = { documents: [], refused: [] }
  for (const file of files) parseFile(file, parsed)
  return parsed
}

function parseFile({ file, text }: RuleFile, parsed: Parsed): void {
  try {
    const { source, documents } = readYaml(file, text)
    for (const document of documents) parseDocument(document, source, parsed)
  } catch (error) {
    const { code, message } = asRuleError(error)
    parsed.refused.push({ file, line: 1, column: 1, code, message, rule: null })
  }
}

function parseDocument(document: Document.Parsed, source: SourceFile, parsed: Parsed): void {
  if (isEmpty(document)) return
  const offset = document.contents?.range[0] ?? document.range[0]
  try {
    parsed.documents.push(readDocument(document, source, offset))
  } catch (error) {
    parsed.refused.push(refusalOf(asRuleError(error), source, offset, nameOf(document)))
  }
}

/** Two separators in a row, or comments alone, are no document. */
function isEmpty({ contents, errors }: Document.Parsed): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null))
}

function readDocument(document: Document.Parsed, source: SourceFile, offset: number): SigmaDocument {
  const [error] = document.errors
  if (error !== undefined) {
    const [sentence = ''] = error.message.split(' at line ')
    throw new RuleError(
      'rule_bad_yaml',
      `The document is no valid YAML: ${sentence.replace(/\.?$/, '.')}`,
      error.pos[0],
    )
  }
  const reader = new YamlReader(document)
  const entries = reader.entries(document.contents)
  if (entries === null)
    throw new RuleError('rule_unknown_document', 'The document is no map, so it is no rule.', offset)
  const has = (key: string): boolean => entries.some((entry) => entry.key === key)
  if (has('filter')) return parseFilter(entries, reader, source, offset)
  return has('correlation')
    ? parseCorrelation(entries, reader, source, offset)
    : parseRule(entries, reader, source, offset)
}

/** The refusal for an error, at its place or at the start of the document. */
export function refusalOf(error: RuleError, source: SourceFile, offset: number, rule: string | null): Refusal {
  const { line, column } = source.locate(error.offset < 0 ? offset : error.offset)
  return { file: source.file, line, column, code: error.code, message: error.message, rule }
}

/** A RuleError as it is; anything else that the YAML library threw (too many aliases, a stack too deep) as bad YAML. */
export function asRuleError(error: unknown): RuleError {
  if (error instanceof RuleError) return error
  return new RuleError('rule_bad_yaml', `The document cannot be read: ${(error as Error).message}.`)
}

function nameOf(document: Document.Parsed): string | null {
  for (const key of ['id', 'name', 'title']) {
    const value: unknown = document.get(key)
    if (typeof value === 'string') return value
  }
  return null
}

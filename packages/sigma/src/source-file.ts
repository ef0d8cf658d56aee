import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml'
import type { ItemValue } from './documents.ts'
import { RuleError } from './refusal.ts'

/** A rule file's text and where its lines begin; positions are looked up only when something is refused. */
export class SourceFile {
  readonly file: string
  private readonly lines: LineCounter

  constructor(file: string, lines: LineCounter) {
    this.file = file
    this.lines = lines
  }

  /** Line and column, from 1, of an offset in the text. */
  locate(offset: number): { line: number; column: number } {
    const { line, col } = this.lines.linePos(Math.max(0, offset))
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
}

const maxFileChars = 1_048_576
const maxNodes = 50_000

/** Splits a file into its YAML documents. Throws a RuleError only when the file is too large to be looked at. */
export function readYaml(file: string, text: string): { source: SourceFile; documents: Document.Parsed[] } {
  const lineCounter = new LineCounter()
  const source = new SourceFile(file, lineCounter)
  if (text.length > maxFileChars) {
    throw new RuleError('rule_too_large', `The file has ${text.length} characters; at most ${maxFileChars} are read.`)
  }
  try {
    const documents = parseAllDocuments(text, { lineCounter, logLevel: 'silent' })
    return { source, documents: 'empty' in documents ? [] : documents }
  } catch (cause) {
    // Nesting of many thousand levels overflows the parser's stack; that is a broken file, not a broken engine.
    throw new RuleError('rule_bad_yaml', `The file cannot be read as YAML: ${(cause as Error).message}.`)
  }
}

export interface YamlEntry {
  key: string
  offset: number
  value: Node | null
}

/** Reads the nodes of one document with a budget, so that aliases of aliases cannot make a small file endless. */
export class YamlReader {
  private readonly document: Document.Parsed
  private budget = maxNodes

  constructor(document: Document.Parsed) {
    this.document = document
  }

  /** The node that an alias stands for, or the node itself. */
  resolve(node: unknown): Node | null {
    if (--this.budget < 0) throw new RuleError('rule_too_large', `The document has more than ${maxNodes} nodes.`)
    if (isAlias(node)) return (node.resolve(this.document) ?? null) as Node | null
    return (node ?? null) as Node | null
  }

  /** The entries of a map in their order, or null when the node is no map. */
  entries(node: unknown): YamlEntry[] | null {
    const map = this.resolve(node)
    if (!isMap(map)) return null
    return map.items.map((pair) => {
      const key = this.resolve(pair.key)
      const text = String(this.scalar(key, 0)?.value ?? '')
      return { key: text, offset: offsetOf(key), value: this.resolve(pair.value) }
    })
  }

  /** The members of a list, or null when the node is no list. */
  members(node: unknown): (Node | null)[] | null {
    const list = this.resolve(node)
    return isSeq(list) ? list.items.map((item) => this.resolve(item)) : null
  }

  /** A scalar with its position, or null when the node is a map or a list. An absent node is YAML's null. */
  scalar(node: Node | null, fallbackOffset: number): ItemValue | null {
    if (node === null) return { value: null, offset: fallbackOffset }
    if (!isScalar(node)) return null
    const value = node.value
    const offset = offsetOf(node)
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return { value, offset }
    }
    // Dates and large numbers of other schemas: their text as written.
    return { value: node.source ?? '', offset }
  }

  /** The node as plain data. Aliases beyond the parser's own limit throw. */
  plain(node: Node | null): unknown {
    return node === null ? null : node.toJS(this.document)
  }
}

/** Offset of a node in its file; 0 for a node without a range. */
export function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0
}

import { type Parsed, parseRules, type RuleFile } from '@tocsin/sigma'

/**
 * Parses rule files and remembers what each gave: publishing one changed file among thousands reads one file anew, so that the engine, which
 * takes up new rules between two records, hardly pauses.
 */
export class ParseMemory {
  #known = new Map<string, { text: string; parsed: Parsed }>()

  /** As `parseRules`; what is no longer among the files is forgotten. */
  parse(files: readonly RuleFile[]): Parsed {
    const next = new Map<string, { text: string; parsed: Parsed }>()
    const all: Parsed = { documents: [], refused: [] }
    for (const file of files) {
      const known = this.#known.get(file.file)
      const parsed = known?.text === file.text ? known.parsed : parseRules([file])
      next.set(file.file, { text: file.text, parsed })
      all.documents.push(...parsed.documents)
      all.refused.push(...parsed.refused)
    }
    this.#known = next
    return all
  }
}

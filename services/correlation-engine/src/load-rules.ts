import { TocsinError } from '@tocsin/runtime'
import {
  type CompiledRuleSet,
  compileRules,
  type FieldMapping,
  type Parsed,
  type Placeholders,
  parseRules,
  type Refusal,
  type RuleFile,
} from '@tocsin/sigma'

/** Rules that are ready and the refusal of each document that is not. */
export interface LoadedRules {
  rules: CompiledRuleSet
  refused: Refusal[]
}

/** Parses and compiles rule files, with rule fields renamed by the mapping where one is given. Never throws: a refused document stops no other. */
export function loadRules(
  files: readonly RuleFile[],
  placeholders: Placeholders = {},
  mapping: FieldMapping | null = null,
  parse: (files: readonly RuleFile[]) => Parsed = parseRules,
): LoadedRules {
  const parsed = parse(files)
  const compiled = compileRules(parsed.documents, mapping === null ? { placeholders } : { placeholders, mapping })
  return { rules: compiled.rules, refused: [...parsed.refused, ...compiled.refused] }
}

/** One refusal as a line that an editor can jump to. */
export function formatRefusal({ file, line, column, code, message }: Refusal): string {
  return `${file}:${line}:${column}: ${code}: ${message}`
}

/** Reads `{"name": ["value", …]}`. Throws `placeholders_unreadable`. */
export function parsePlaceholders(text: string): Placeholders {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new TocsinError('placeholders_unreadable', 'The file of placeholder lists is no JSON.', cause)
  }
  const isLists =
    typeof parsed === 'object' &&
    parsed !== null &&
    Object.values(parsed).every((list) => Array.isArray(list) && list.every((value) => typeof value === 'string'))
  if (!isLists) {
    throw new TocsinError(
      'placeholders_unreadable',
      'Placeholder lists must be an object from names to lists of texts.',
    )
  }
  return parsed as Placeholders
}

import type { Parser } from '../parser.ts'

/** The parser that a source's hint names; undefined when the hint is unknown, which is no error: structure decides then. */
export function parserOfHint(hint: string, parsers: readonly Parser[]): Parser | undefined {
  const name = hint.replaceAll('-', '_')
  return parsers.find((parser) => parser.name.replaceAll('-', '_') === name)
}

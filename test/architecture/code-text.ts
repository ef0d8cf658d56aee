const STRING_OR_COMMENT = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\/.*|\/\*[\s\S]*?\*\//g
const IMPORT =
  /\b(?:import|export)\s+(type\s+)?([^'";]*?)\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]|\bimport\s+['"]([^'"]+)['"]|\brequire(?:\([^()]*\))?\(\s*['"]([^'"]+)['"]|\bcreateRequire\([^()]*\)\(\s*['"]([^'"]+)['"]/g

/** One import of a file: what it names and from where. */
export interface Import {
  from: string
  /** The names between `import` and `from`; empty for a dynamic import. */
  names: string
  typeOnly: boolean
}

/** Takes the text of a file; gives it without comments, strings kept. */
export function withoutComments(text: string): string {
  return text.replace(STRING_OR_COMMENT, (_, string: string | undefined) => string ?? ' ')
}

/** Takes the text of a file; gives it without comments and with every string emptied. */
export function withoutStrings(text: string): string {
  return text.replace(STRING_OR_COMMENT, (_, string: string | undefined) =>
    string === undefined ? ' ' : string.startsWith('`') ? string : "''",
  )
}

/** Takes the text of a file; gives its imports, static, dynamic and by `require`. */
export function importsOf(text: string): Import[] {
  return [...withoutComments(text).matchAll(IMPORT)].map((match) => ({
    typeOnly: match[1] !== undefined,
    names: (match[2] ?? '').trim(),
    from: match[3] ?? match[4] ?? match[5] ?? match[6] ?? match[7] ?? '',
  }))
}

/** `@tocsin/stage/kafka` → `@tocsin/stage`, `avsc/lib` → `avsc`; null for relative paths and Node's own modules. */
export function packageOf(specifier: string): string | null {
  if (specifier.startsWith('.') || specifier.startsWith('node:') || specifier.startsWith('/')) return null
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? null)
}

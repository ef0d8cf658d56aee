import { isNode, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import type { Fault } from './faults.ts'
import { PACK_LIMITS } from './pack-schema.ts'

export type Read<T> =
  | { ok: true; value: T; lineOf: (path: readonly PropertyKey[]) => number | null }
  | { ok: false; faults: Fault[] }

/**
 * Reads one YAML file against a schema. Takes the text, the name of the file for the faults, and the schema; gives the value
 * or every fault with its line. Bounded: size, aliases; no tags beyond the YAML 1.2 core.
 */
export function readYaml<T>(text: string, file: string, schema: z.ZodType<T>): Read<T> {
  if (text.length > PACK_LIMITS.maxBytes) {
    return {
      ok: false,
      faults: [{ file, line: null, path: '', reason: `longer than ${PACK_LIMITS.maxBytes} characters` }],
    }
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: 'core' })
  if (document.errors.length > 0) {
    const faults = document.errors.slice(0, 20).map((error) => ({
      file,
      line: lines.linePos(error.pos[0]).line,
      path: '',
      reason: `not YAML: ${error.message}`,
    }))
    return { ok: false, faults }
  }
  const lineOf = (path: readonly PropertyKey[]): number | null => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = document.getIn(path.slice(0, length) as unknown[], true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return null
  }
  let raw: unknown
  try {
    raw = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    return { ok: false, faults: [{ file, line: null, path: '', reason: `not readable: ${(error as Error).message}` }] }
  }
  const parsed = schema.safeParse(raw)
  if (parsed.success) return { ok: true, value: parsed.data, lineOf }
  const faults = parsed.error.issues.slice(0, 50).map((issue) => ({
    file,
    line: lineOf(issue.path),
    path: pathText(issue.path),
    reason: issue.message,
  }))
  return { ok: false, faults }
}

/** `['clocks', 2, 'limit']` as `clocks[2].limit`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : `${text === '' ? '' : '.'}${String(step)}`
  return text
}

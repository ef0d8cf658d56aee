import { TocsinError } from '@tocsin/runtime'
import { isNode, LineCounter, parseDocument } from 'yaml'
import { type CollectConfig, collectSchema, configProblems } from './config.ts'

const MAX_CHARACTERS = 262_144

/**
 * Takes the text of a configuration file and its name; gives the configuration. Throws `bad_collect_config` with one
 * sentence for the first thing that is wrong: file, line, setting, reason; and how many more there are.
 */
export function readCollectConfig(text: string, file: string): CollectConfig {
  if (text.length > MAX_CHARACTERS) throw wrong(file, null, [], `is longer than ${MAX_CHARACTERS} characters`, 0)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: 'core' })
  const [broken] = document.errors
  if (broken !== undefined) throw wrong(file, lines.linePos(broken.pos[0]).line, [], `is no YAML: ${broken.message}`, 0)
  const lineOf = (path: readonly PropertyKey[]): number | null => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = document.getIn(path.slice(0, length) as unknown[], true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return null
  }
  const parsed = collectSchema.safeParse(document.toJS({ maxAliasCount: 20 }) ?? {})
  const problems = parsed.success ? configProblems(parsed.data) : parsed.error.issues
  const [first, ...more] = problems
  if (first !== undefined) throw wrong(file, lineOf(first.path), first.path, first.message, more.length)
  return parsed.data as CollectConfig
}

function wrong(
  file: string,
  line: number | null,
  path: readonly PropertyKey[],
  reason: string,
  more: number,
): TocsinError {
  const where = line === null ? file : `${file}, line ${line}`
  const setting = path.length === 0 ? '' : ` ${path.map(String).join('.')}:`
  const rest = more === 0 ? '' : ` (and ${more} more)`
  return new TocsinError('bad_collect_config', `${where}:${setting} ${reason.replace(/\.$/, '')}${rest}.`)
}

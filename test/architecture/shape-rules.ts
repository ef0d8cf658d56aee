import { withoutStrings } from './code-text.ts'
import type { SourceFile } from './source-tree.ts'

const LINES_MAX = 400
const NAMELESS = /^(common|utils?|helpers?|shared|misc|core-lib)(\.[^/]+)?$/i

/** Nothing is called common, utils, helpers, shared or misc: without a better name it has no home yet. */
export function namelessParts(path: string): string[] {
  return path.split('/').some((part) => NAMELESS.test(part)) ? [`${path} has a name that says nothing`] : []
}

/** A file of code has at most 400 lines; what is generated does not count. */
export function tooLong(file: SourceFile): string[] {
  const lines = file.text.split('\n').length
  if (file.path.endsWith('.gen.ts') || lines <= LINES_MAX) return []
  return [`${file.path} has ${lines} lines: nothing is over ${LINES_MAX}`]
}

/** TypeScript files are kebab-case (a React component's file too). */
export function notKebab(path: string): string[] {
  const name = path.split('/').at(-1) ?? ''
  return /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|integration\.test|property\.test|cases\.test|gen|fuzz\.test|config|d))?\.tsx?$/.test(
    name,
  )
    ? []
    : [`${path} is not kebab-case`]
}

/** `any` needs a comment on its line or on the one before. */
export function unexplainedAny(file: SourceFile): string[] {
  const lines = file.text.split('\n')
  return lines.flatMap((line, index) => {
    if (!/[:<]\s*any\b(?!\s*:)|\bas any\b|\bany\[\]|,\s*any\s*[,>]|\| any\b/.test(withoutStrings(line))) return []
    if (line.includes('//') || /^\s*(\/\/|\*|\/\*)/.test(lines[index - 1] ?? '')) return []
    return [`${file.path}:${index + 1} says any without saying why`]
  })
}

/** Takes a service's config.ts, name and README; gives the settings that the README's table does not name. */
export function unexplainedSettings(
  service: string,
  settings: readonly { name: string; setting: string }[],
  readme: string,
): string[] {
  const prefix = `${service.replace(/-/g, '_').toUpperCase()}_`
  const words = new Set(readme.match(/[A-Z][A-Z0-9_]+|_[A-Z][A-Z0-9_]+/g) ?? [])
  return settings.flatMap(({ name, setting }) => {
    const short = name.startsWith(prefix) ? name.slice(prefix.length) : name
    const isNamed = [...words].some((word) => word === name || word === short || isTail(word, short))
    return isNamed ? [] : [`services/${service}/README.md does not name the setting ${name} (${setting})`]
  })
}

/** `_PASSWORD` beside `NOTIFIER_SMTP_USER` stands for NOTIFIER_SMTP_PASSWORD. */
function isTail(word: string, short: string): boolean {
  return word.startsWith('_') && `_${short}`.endsWith(word)
}

/** What each service must have. */
export function missingParts(folder: string, paths: ReadonlySet<string>): string[] {
  return ['README.md', 'package.json', 'src/main.ts', 'src/config.ts']
    .filter((part) => !paths.has(`${folder}/${part}`))
    .map((part) => `${folder} has no ${part}`)
}

import { importsOf, withoutStrings } from './code-text.ts'
import type { SourceFile } from './source-tree.ts'

/** Files that may touch environment, network, disk and clock: the shells. */
const SHELLS: readonly RegExp[] = [
  /^services\/[^/]+\/src\/(main|commands)\.ts$/,
  /^services\/[^/]+\/src\/adapters\//,
  /^services\/syslog-ingest\/src\/transports\//,
  /^packages\/(runtime|cli|print)\//,
  /^packages\/stage\/src\/(kafka|admin)\//,
  /^packages\/avro\/src\/(registry|schemas)\.ts$/,
]

/** Node's modules that reach outside the process. */
const OUTSIDE_MODULES =
  /^node:(fs|net|dgram|tls|http|https|http2|dns|child_process|worker_threads|cluster|os|timers)(\/promises)?$/
/** Names of such a module that only compute. */
const PURE_NAMES: Readonly<Record<string, RegExp>> = { 'node:net': /^\{\s*(isIP(v4|v6)?\s*,?\s*)+\}$/ }

const OUTSIDE_CALLS: readonly (readonly [RegExp, string])[] = [
  [/\bprocess\.env\b/, 'process.env'],
  [/\bprocess\.(exit|stdout|stderr|stdin|argv|hrtime)\b/, 'process.*'],
  [/\bDate\.now\s*\(/, 'Date.now()'],
  [/\bnew Date\s*\(\s*\)/, 'new Date()'],
  [/\bperformance\.now\s*\(/, 'performance.now()'],
  [/(?<![.\w])setTimeout\s*\(/, 'setTimeout()'],
  [/(?<![.\w])setInterval\s*\(/, 'setInterval()'],
  [/(?<![.\w])fetch\s*\(/, 'fetch()'],
]

/** A file that may reach outside although it is no shell, what it touches, and why. */
export interface OutsideException {
  path: RegExp
  touches: readonly string[]
  why: string
}

/** Takes a source file; gives every reach outside the process that it may not make. */
export function reachesOutside(file: SourceFile, exceptions: readonly OutsideException[] = []): string[] {
  if (SHELLS.some((shell) => shell.test(file.path))) return []
  const allowed = new Set(
    exceptions.filter((exception) => exception.path.test(file.path)).flatMap(({ touches }) => touches),
  )
  return touched(file)
    .filter((what) => !allowed.has(what))
    .map((what) => `${file.path} touches ${what}: only main.ts, commands.ts and adapters/ do; take it as an argument`)
}

/** What of the outside a file touches. */
export function touched(file: SourceFile): string[] {
  const modules = importsOf(file.text)
    .filter(
      ({ from, names, typeOnly }) => !typeOnly && OUTSIDE_MODULES.test(from) && PURE_NAMES[from]?.test(names) !== true,
    )
    .map(({ from }) => from)
  const code = withoutStrings(file.text)
  return [...modules, ...OUTSIDE_CALLS.flatMap(([pattern, name]) => (pattern.test(code) ? [name] : []))]
}

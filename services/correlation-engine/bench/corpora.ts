import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type CompiledRuleSet, compileRules, parseRules } from '@tocsin/sigma'

/** Material that is not part of the project; used where it is there. */
const corpora = join(import.meta.dirname, '../../../../shared/rules-corpora')

/** True where the corpora are there. */
export const haveCorpora = existsSync(corpora)

/** Lines of a packed file. */
export function linesOf(path: string): string[] {
  const text = gunzipSync(readFileSync(join(corpora, path))).toString()
  return text.split('\n').filter((line) => line !== '')
}

/** All current rules of the public collection. */
export function publicRules(): CompiledRuleSet {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-rules-'))
  try {
    execFileSync('tar', ['xzf', join(corpora, 'sigmahq-rules/rules.tar.gz'), '-C', folder])
    return rulesBelow(folder, 'rules*/**/*.yml')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Rules of a file of the corpora. */
export const rulesOf = (path: string): CompiledRuleSet => rulesBelow(corpora, path)

function rulesBelow(folder: string, pattern: string): CompiledRuleSet {
  const files = globSync(pattern, { cwd: folder }).sort()
  return compileRules(
    parseRules(files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }))).documents,
  ).rules
}

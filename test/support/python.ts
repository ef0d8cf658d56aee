import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Gives a Python that has these packages (`name==version`): an environment in the cache, made once for each set of them.
 * Null where it cannot be made: no Python 3 with venv, or no package index.
 */
export function pythonWith(packages: readonly string[]): string | null {
  const set = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12)
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tocsin/python')
  const folder = join(cache, set)
  const python = join(folder, 'bin/python')
  if (existsSync(python)) return python
  mkdirSync(cache, { recursive: true })
  // Made beside its place and moved at the end: one that was broken off is no environment.
  const part = join(cache, `${set}.${process.pid}`)
  try {
    execFileSync('python3', ['-m', 'venv', part], { stdio: 'pipe' })
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]
    execFileSync(join(part, 'bin/python'), pip, { stdio: 'pipe', timeout: 300_000 })
    renameSync(part, folder)
    return python
  } catch {
    rmSync(part, { recursive: true, force: true })
    return existsSync(python) ? python : null
  }
}

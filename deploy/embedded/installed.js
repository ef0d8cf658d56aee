// Says by its exit code whether node_modules holds what package-lock.json names: 0 yes, 1 no. Plain JavaScript for any Node:
// it runs before anything is installed, and in a few milliseconds where `npm ci` would take half a minute.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = process.argv[2] ?? '.'

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  } catch {
    return {}
  }
}

const installed = packagesIn('node_modules/.package-lock.json')
// An optional package may be absent by right: it is for another machine.
const missing = Object.entries(packagesIn('package-lock.json')).filter(
  ([path, wanted]) =>
    path.startsWith('node_modules/') &&
    !wanted.optional &&
    !wanted.devOptional &&
    (installed[path] === undefined || (!wanted.link && installed[path].version !== wanted.version)),
)
process.exitCode = missing.length === 0 && Object.keys(installed).length > 0 ? 0 : 1

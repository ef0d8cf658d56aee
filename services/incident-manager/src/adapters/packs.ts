import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Fault,
  faultText,
  loadLifecycleRules,
  loadPackFiles,
  NO_LIFECYCLE_RULES,
  PACK_LIMITS,
} from '@tocsin/obligations'
import { LawBook } from '../law-book.ts'
import type { Law } from '../registry.ts'

/** Packs of a folder: those that load, and for each that does not, every fault. */
export interface LoadedLaws {
  laws: LawBook
  refused: readonly { folder: string; faults: readonly Fault[] }[]
}

const MAX_PACKS = 100

/**
 * Loads every pack of `regulations/`. A pack with faults is left out and named with file, line and reason; the others work on
 * (design.md 2.8).
 */
export function loadLaws(root: string): LoadedLaws {
  const laws: Law[] = []
  const refused: { folder: string; faults: Fault[] }[] = []
  for (const folder of packFolders(root)) {
    const loaded = loadLaw(root, folder)
    if ('faults' in loaded) refused.push({ folder, faults: loaded.faults })
    else laws.push(loaded.law)
  }
  return { laws: new LawBook(laws), refused }
}

/** One line a fault, for log and health event. */
export function refusalText(folder: string, faults: readonly Fault[]): string {
  const shown = faults.slice(0, 5).map(faultText).join('; ')
  const more = faults.length > 5 ? ` and ${faults.length - 5} more` : ''
  return `The pack ${folder} is refused: ${shown}${more}. Its constituents have no clocks until it is repaired.`
}

/** Loads one pack folder below `root`. */
export function loadLaw(root: string, folder: string): { law: Law } | { faults: Fault[] } {
  const files = new Map<string, string>()
  const read = (path: string): Fault[] => {
    const size = statSync(join(root, folder, path)).size
    if (size > PACK_LIMITS.maxBytes)
      return [faultOf(`${folder}/${path}`, `is longer than ${PACK_LIMITS.maxBytes} bytes`)]
    files.set(path, readFileSync(join(root, folder, path), 'utf8'))
    return []
  }
  const faults: Fault[] = []
  for (const name of filesOf(join(root, folder))) if (/\.(yaml|yml)$/.test(name)) faults.push(...read(name))
  for (const name of filesOf(join(root, folder, 'templates')))
    if (name.endsWith('.txt')) faults.push(...read(`templates/${name}`))
  if (faults.length > 0) return { faults }

  const pack = loadPackFiles(files, folder)
  const text = files.get('lifecycle.yaml')
  const rules = text === undefined ? null : loadLifecycleRules(text, `${folder}/lifecycle.yaml`)
  if (!pack.ok) faults.push(...pack.faults)
  if (rules !== null && !rules.ok) faults.push(...rules.faults)
  if (!pack.ok || rules?.ok === false) return { faults }
  return { law: { pack: pack.pack, rules: rules?.rules ?? NO_LIFECYCLE_RULES } }
}

function packFolders(root: string): string[] {
  if (!existsSync(root)) return []
  const entries = readdirSync(root, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .slice(0, MAX_PACKS)
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return []
  const entries: Dirent[] = readdirSync(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort()
}

function faultOf(file: string, reason: string): Fault {
  return { file, line: null, path: '', reason }
}

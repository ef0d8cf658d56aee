import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Fault, loadPackFiles, PACK_LIMITS, type Pack } from '@tocsin/obligations'

/** Packs of a folder: those that load, and the faults of each that does not. */
export interface LoadedPacks {
  packs: Pack[]
  refused: { folder: string; faults: readonly Fault[] }[]
}

/** Loads every pack below `root`; one with faults is left out and the others work on (design.md 2.8). */
export function loadPacks(root: string): LoadedPacks {
  const loaded: LoadedPacks = { packs: [], refused: [] }
  for (const folder of foldersOf(root)) {
    const pack = loadPackFiles(filesOf(join(root, folder)), folder)
    if (pack.ok) loaded.packs.push(pack.pack)
    else loaded.refused.push({ folder, faults: pack.faults })
  }
  return loaded
}

function foldersOf(root: string): string[] {
  if (!existsSync(root)) return []
  const entries = readdirSync(root, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

function filesOf(folder: string): Map<string, string> {
  const files = new Map<string, string>()
  const wanted = ['pack.yaml', 'taxonomy.yaml']
  const templates = join(folder, 'templates')
  if (existsSync(templates)) wanted.push(...readdirSync(templates).map((name) => `templates/${name}`))
  for (const path of wanted) {
    const file = join(folder, path)
    if (/\.(yaml|txt)$/.test(path) && existsSync(file) && statSync(file).size <= PACK_LIMITS.maxBytes)
      files.set(path, readFileSync(file, 'utf8'))
  }
  return files
}

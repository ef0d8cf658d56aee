import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadPackFiles, PACK_LIMITS, type Pack } from '@tocsin/obligations'

/** Packs of a folder by id; one that does not load is left out, and said. */
export function loadPacks(root: string, refused: (folder: string) => void): ReadonlyMap<string, Pack> {
  const packs = new Map<string, Pack>()
  for (const entry of existsSync(root) ? readdirSync(root, { withFileTypes: true }) : []) {
    if (!entry.isDirectory()) continue
    const loaded = loadPackFiles(filesOf(join(root, entry.name)), entry.name)
    if (loaded.ok) packs.set(loaded.pack.id, loaded.pack)
    else refused(entry.name)
  }
  return packs
}

function filesOf(folder: string): Map<string, string> {
  const templates = join(folder, 'templates')
  const names = existsSync(templates) ? readdirSync(templates).map((name) => `templates/${name}`) : []
  const files = new Map<string, string>()
  for (const path of ['pack.yaml', 'taxonomy.yaml', ...names]) {
    const file = join(folder, path)
    if (/\.(yaml|txt)$/.test(path) && existsSync(file) && statSync(file).size <= PACK_LIMITS.maxBytes)
      files.set(path, readFileSync(file, 'utf8'))
  }
  return files
}

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadLifecycleRules, loadPack, NO_LIFECYCLE_RULES, PACK_LIMITS } from '@tocsin/obligations'
import { type PackView, packView } from '../pack-view.ts'

/**
 * What the page shows of each pack. A pack that does not load is left out and named; incident-manager reports it, the page
 * shows its clocks by their English titles.
 */
export function loadPackViews(root: string): { packs: PackView[]; refused: string[] } {
  const packs: PackView[] = []
  const refused: string[] = []
  for (const folder of foldersOf(root)) {
    const pack = loadPack(textOf(join(root, folder, 'pack.yaml')) ?? '', `${folder}/pack.yaml`)
    const text = textOf(join(root, folder, 'lifecycle.yaml'))
    const rules = text === null ? null : loadLifecycleRules(text, `${folder}/lifecycle.yaml`)
    if (!pack.ok || rules?.ok === false) refused.push(folder)
    else packs.push(packView(pack.pack, rules?.rules ?? NO_LIFECYCLE_RULES))
  }
  return { packs, refused }
}

function foldersOf(root: string): string[] {
  if (!existsSync(root)) return []
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'pack.yaml')))
    .map((entry) => entry.name)
    .sort()
    .slice(0, 100)
}

function textOf(path: string): string | null {
  if (!existsSync(path) || statSync(path).size > PACK_LIMITS.maxBytes) return null
  return readFileSync(path, 'utf8')
}

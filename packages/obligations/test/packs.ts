import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultText } from '../src/faults.ts'
import { loadPackFiles, type Pack } from '../src/index.ts'

export const regulations = join(import.meta.dirname, '../../../regulations')

/** Names of the packs that ship. */
export const packNames = readdirSync(regulations, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

/** The text of a pack's files, as the loader wants them. */
export function packFiles(name: string): Map<string, string> {
  const files = new Map<string, string>()
  for (const entry of readdirSync(join(regulations, name), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.parentPath.includes('cases')) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(join(regulations, name).length + 1), readFileSync(path, 'utf8'))
  }
  return files
}

/** A pack that must load. */
export function pack(name: string): Pack {
  const loaded = loadPackFiles(packFiles(name), name)
  if (!loaded.ok) throw new Error(loaded.faults.map(faultText).join('\n'))
  return loaded.pack
}

export const at = (text: string): number => Date.parse(text)

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Fault, loadPackFiles, PACK_LIMITS, type Pack } from '@tocsin/obligations'
import { BLOCKS } from '../blocks/index.ts'
import type { ReportPack } from '../schedule.ts'
import { loadTemplate, type ReportTemplate } from '../template.ts'

/** Packs of a folder with their report templates: those that load, and the faults of each that does not. */
export interface LoadedPacks {
  packs: ReportPack[]
  refused: { folder: string; faults: readonly Fault[] }[]
}

/** Loads every pack below `root`; one with faults is left out and the others work on (design.md 2.8), so is a template. */
export function loadPacks(root: string): LoadedPacks {
  const loaded: LoadedPacks = { packs: [], refused: [] }
  for (const folder of foldersOf(root)) {
    const pack = loadPackFiles(filesOf(join(root, folder)), folder)
    if (!pack.ok) loaded.refused.push({ folder, faults: pack.faults })
    else {
      const { templates, faults } = templatesOf(join(root, folder), folder, pack.pack)
      loaded.packs.push({ pack: pack.pack, templates })
      if (faults.length > 0) loaded.refused.push({ folder: `${folder}/reports`, faults })
    }
  }
  return loaded
}

function templatesOf(folder: string, name: string, pack: Pack): { templates: ReportTemplate[]; faults: Fault[] } {
  const templates: ReportTemplate[] = []
  const faults: Fault[] = []
  const reports = join(folder, 'reports')
  const blocks = new Set(Object.keys(BLOCKS))
  for (const file of existsSync(reports) ? readdirSync(reports).sort() : []) {
    const path = join(reports, file)
    if (!file.endsWith('.yaml') || statSync(path).size > PACK_LIMITS.maxBytes) continue
    const read = loadTemplate(readFileSync(path, 'utf8'), `${name}/reports/${file}`, pack.id, blocks)
    if (read.ok) templates.push(read.template)
    else faults.push(...read.faults)
  }
  return { templates, faults }
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

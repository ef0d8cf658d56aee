import type { Fault } from './faults.ts'
import { type LoadedPack, loadPack, messagesOf, type Pack } from './pack.ts'
import { loadTaxonomy } from './taxonomy.ts'
import { loadTemplate, type Template } from './template.ts'

const TEMPLATE = /^templates\/([a-z0-9-]+)\.(vi|kk|ru|zh-Hant|en)\.txt$/

/**
 * Loads a whole pack folder. Takes the text of its files by path within the folder (`pack.yaml`, `taxonomy.yaml`,
 * `templates/<id>.<language>.txt`) and the folder's name for the faults; gives the pack or every fault of every file.
 */
export function loadPackFiles(files: ReadonlyMap<string, string>, folder: string): LoadedPack {
  const text = files.get('pack.yaml')
  if (text === undefined) return { ok: false, faults: [missing(`${folder}/pack.yaml`, 'the pack has no pack.yaml')] }
  const loaded = loadPack(text, `${folder}/pack.yaml`)
  const faults: Fault[] = loaded.ok ? [] : [...loaded.faults]

  const taxonomyText = files.get('taxonomy.yaml')
  const taxonomy = taxonomyText === undefined ? null : loadTaxonomy(taxonomyText, `${folder}/taxonomy.yaml`)
  if (taxonomy === null) faults.push(missing(`${folder}/taxonomy.yaml`, 'the pack has no taxonomy.yaml'))
  else if (!taxonomy.ok) faults.push(...taxonomy.faults)

  const templates = new Map<string, Map<string, Template>>()
  for (const [path, content] of files) {
    if (!path.startsWith('templates/')) continue
    const [, id, language] = TEMPLATE.exec(path) ?? []
    if (id === undefined || language === undefined) {
      faults.push(missing(`${folder}/${path}`, 'a template is named <id>.<language>.txt'))
      continue
    }
    const template = loadTemplate(content, id, language, `${folder}/${path}`)
    if (!template.ok) faults.push(...template.faults)
    else templates.set(id, (templates.get(id) ?? new Map<string, Template>()).set(language, template.template))
  }
  if (loaded.ok) faults.push(...missingTemplates(loaded.pack, templates, folder))
  if (faults.length > 0 || !loaded.ok || taxonomy?.ok !== true) return { ok: false, faults }
  return { ok: true, pack: { ...loaded.pack, taxonomy: taxonomy.taxonomy, templates } }
}

function missingTemplates(
  pack: Pack,
  templates: ReadonlyMap<string, ReadonlyMap<string, Template>>,
  folder: string,
): Fault[] {
  const faults: Fault[] = []
  const asked = new Set([...pack.clocks, ...pack.schedules].flatMap(messagesOf).map(([message]) => message.template))
  for (const id of asked) {
    for (const language of pack.languages) {
      if (templates.get(id)?.has(language) !== true) {
        faults.push(missing(`${folder}/templates/${id}.${language}.txt`, 'a message of pack.yaml needs this template'))
      }
    }
  }
  return faults
}

function missing(file: string, reason: string): Fault {
  return { file, line: null, path: '', reason }
}

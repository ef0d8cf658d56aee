import { idFrom, type RuleFile as PublishedFile, type RuleSet } from '@tocsin/events'
import type { RuleFile } from '@tocsin/sigma'

/** Who publishes, and when. */
export interface Publication {
  publishedAt: number
  publishedBy: string
}

/**
 * Takes rule files below `root`; gives one rule set for each folder below it, so that no record grows without bound.
 * The version is the hash of the content: publishing the same files again changes nothing.
 */
export function ruleSetsOf(root: string, files: readonly RuleFile[], publication: Publication): RuleSet[] {
  const prefix = root.endsWith('/') ? root : `${root}/`
  const sets = new Map<string, PublishedFile[]>()
  for (const { file, text } of files) {
    const path = file.startsWith(prefix) ? file.slice(prefix.length) : file
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : 'rules'
    const set = sets.get(folder) ?? []
    set.push({ path: path.slice(path.lastIndexOf('/') + 1), content: text })
    sets.set(folder, set)
  }
  return [...sets].map(([ruleSetId, published]) => ({
    ruleSetId,
    version: idFrom(...published.flatMap(({ path, content }) => [path, content])).slice(0, 16),
    ...publication,
    files: published,
    placeholders: {},
  }))
}

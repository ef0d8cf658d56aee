import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { KeptList } from '../feeds/tw-nccst-1.3/evidence.ts'
import { foundFiles, readText } from './feed-files.ts'
import { filesIn } from './pack-folder.ts'

/** Reads the versions of the lists that were kept as the server took them (`lists/<instant>/`), oldest first. */
export function keptLists(dir: string): KeptList[] {
  foundFiles(dir, '.none')
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .flatMap((at) => {
      const folder = join(dir, at)
      const [services] = filesIn(folder, '_Service_Lists.csv')
      const [rules] = filesIn(folder, '_Rules_ID.csv')
      if (services === undefined || rules === undefined) return []
      return [{ at, services: readText(join(folder, services)), rules: readText(join(folder, rules)) }]
    })
}

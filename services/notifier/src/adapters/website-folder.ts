import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WebsiteFolder } from '../channel.ts'
import type { WebsiteItem } from '../website.ts'

/** A folder that a web server shows: files appear whole or not at all. What the feeds say is kept in `items/`. */
export async function openWebsiteFolder(path: string): Promise<WebsiteFolder> {
  const items = join(path, 'items')
  await mkdir(items, { recursive: true })
  const writeIn = async (folder: string, name: string, content: string | Uint8Array): Promise<void> => {
    const unfinished = join(folder, `.${name}.${process.pid}`)
    await writeFile(unfinished, content, { flush: true })
    await rename(unfinished, join(folder, name))
  }
  const write = (name: string, content: string | Uint8Array): Promise<void> => writeIn(path, name, content)
  let last: Promise<void> = Promise.resolve()
  return {
    write,
    keep(item, feedsOf) {
      const kept = last.then(async () => {
        // Whole or not at all as well: half an item would keep every later notice from the feeds.
        await writeIn(items, `${item.id}.json`, JSON.stringify(item))
        const names = (await readdir(items)).filter((name) => name.endsWith('.json'))
        const texts = await Promise.all(names.map((name) => readFile(join(items, name), 'utf8')))
        const feeds = feedsOf(texts.map((text) => JSON.parse(text) as WebsiteItem))
        for (const [name, content] of Object.entries(feeds)) await write(name, content)
      })
      last = kept.catch(() => {})
      return kept
    },
  }
}

import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TocsinError } from '@tocsin/runtime'
import type { ArchiveEntry } from '../rules/archive.ts'

const maxArchiveBytes = 256 * 1_048_576

/** Reads an archive. Throws `archive_unreadable`. */
export async function readArchiveFile(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path)
    if (size > maxArchiveBytes) throw new Error(`it has ${size} octets, more than ${maxArchiveBytes}`)
    return await readFile(path)
  } catch (cause) {
    throw new TocsinError(
      'archive_unreadable',
      `The archive ${path} cannot be read: ${(cause as Error).message}.`,
      cause,
    )
  }
}

/** Writes files into a folder that takes the place of the one before only when all are there. */
export async function replaceFolder(folder: string, files: readonly ArchiveEntry[]): Promise<void> {
  const next = `${folder}.new`
  await rm(next, { recursive: true, force: true })
  for (const { path, octets } of files) {
    const target = join(next, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, octets)
  }
  await rm(folder, { recursive: true, force: true })
  await rename(next, folder)
}

/** Whether a folder is there that an import did not make. */
export async function isForeignFolder(folder: string, mark: string): Promise<boolean> {
  const there = await stat(folder).catch(() => null)
  if (there === null) return false
  return (await stat(join(folder, mark)).catch(() => null)) === null
}

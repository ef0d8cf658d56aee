import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TocsinError } from '@tocsin/runtime'
import type { Placeholders, RuleFile } from '@tocsin/sigma'
import { parsePlaceholders } from '../load-rules.ts'

const maxFiles = 50_000

/**
 * Reads rule files: every `.yml` and `.yaml` below the folders given, and the files given, in the order of their paths. Links are not followed.
 * Throws `rule_files_unreadable` when a path is not there or too much is.
 */
export async function readRuleFiles(paths: readonly string[]): Promise<RuleFile[]> {
  const files: string[] = []
  for (const path of paths) files.push(...(await listFiles(path)))
  if (files.length > maxFiles) {
    throw new TocsinError(
      'rule_files_unreadable',
      `There are ${files.length} rule files; at most ${maxFiles} are read.`,
    )
  }
  const read: RuleFile[] = []
  for (const file of files) read.push({ file, text: await readFile(file, 'utf8') })
  return read
}

/** Reads placeholder lists. Throws `placeholders_unreadable`, or the system's error where the file is not there. */
export async function readPlaceholders(path: string): Promise<Placeholders> {
  return parsePlaceholders(await readFile(path, 'utf8'))
}

async function listFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new TocsinError('rule_files_unreadable', `The rules at ${path} cannot be read; check the path.`, cause)
  })
  return found.isDirectory() ? listFolder(path) : [path]
}

async function listFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files: string[] = []
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) files.push(...(await listFolder(path)))
    else if (entry.isFile() && /\.ya?ml$/.test(entry.name)) files.push(path)
  }
  return files
}

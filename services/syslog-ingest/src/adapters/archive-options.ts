import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type CommandIo, TocsinError } from '@tocsin/runtime'
import { type ArchiveFile, readManifests } from '../evidence/archive-manifest.ts'
import type { Archive } from './archive.ts'

/** Says what an option lacks; gives the exit code of wrong use. */
export const used = (io: CommandIo, sentence: string): number => {
  io.stderr.write(`${sentence}\n`)
  return 2
}

/** Reads an option's instant; null where it was not given. Throws `bad_argument`. */
export function instantFrom(text: string | undefined, option: string): number | null {
  if (text === undefined) return null
  const instant = Date.parse(text)
  if (Number.isNaN(instant)) throw new TocsinError('bad_argument', `${option} is no time: write 2026-11-22T08:00:00Z.`)
  return instant
}

/** Reads public keys from PEM files. */
export const publicKeys = (files: readonly string[]): KeyObject[] =>
  files.map((file) => createPublicKey(readFileSync(file)))

/** The files of an archive whose manifests hold. Throws `archive_broken`. */
export async function filesOf(
  folder: Archive,
  keys: readonly KeyObject[],
): Promise<{ files: ArchiveFile[]; previous: string | null }> {
  const { files, previous, problems } = readManifests(await folder.manifests(), keys)
  if (problems.length > 0) throw new TocsinError('archive_broken', `The archive does not hold: ${problems.join('; ')}.`)
  return { files, previous }
}

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf, TocsinError } from '@tocsin/runtime'
import type { PackFiles } from '../sensors/pack.ts'

const run = promisify(execFile)
const commandTimeoutMs = 120_000

/** Commands of the agent's configuration: a program and its arguments, run without a shell. */
export interface PackCommands {
  /** Says with exit code 0 that the files in `TOCSIN_PACK_FOLDER` are good. */
  check?: readonly string[] | undefined
  /** Makes the sensor take up what is in its folder. */
  reload?: readonly string[] | undefined
}

/** Reads every file of a folder by its path inside it. */
export async function readFolder(folder: string): Promise<PackFiles> {
  const files = new Map<string, Buffer>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(folder.length).replaceAll('\\', '/').replace(/^\/+/, ''), await readFile(path))
  }
  return files
}

/**
 * Puts the files of a pack into `<root>/<name>` in one step: written beside, checked, then swapped. Where the check or the reload fails, the files
 * before stay or come back, and the sensor is reloaded with them. Throws with the reason in one line.
 */
export async function applyPack(root: string, name: string, files: PackFiles, commands: PackCommands): Promise<void> {
  const [own, fresh, old] = [join(root, name), join(root, `.${name}.new`), join(root, `.${name}.old`)]
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { recursive: true })
  for (const [path, content] of files) {
    await mkdir(dirname(join(fresh, path)), { recursive: true })
    await writeFile(join(fresh, path), content)
  }
  try {
    await called(commands.check, fresh)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    throw error
  }
  await rm(old, { recursive: true, force: true })
  if (existsSync(own)) await rename(own, old)
  await rename(fresh, own)
  try {
    await called(commands.reload, own)
  } catch (error) {
    await rm(own, { recursive: true, force: true })
    if (existsSync(old)) await rename(old, own)
    await called(commands.reload, own).catch(() => {})
    throw error
  }
  await rm(old, { recursive: true, force: true })
}

/** Takes a pack away and has the sensor reload. */
export async function removePack(root: string, name: string, commands: PackCommands): Promise<void> {
  await rm(join(root, name), { recursive: true, force: true })
  await called(commands.reload, root)
}

async function called(command: readonly string[] | undefined, folder: string): Promise<void> {
  const [program, ...args] = command ?? []
  if (program === undefined) return
  try {
    await run(program, args, { timeout: commandTimeoutMs, env: { ...process.env, TOCSIN_PACK_FOLDER: folder } })
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string }
    const said = stderr.trim().split('\n').at(-1) ?? ''
    throw new TocsinError(
      'sensor_pack_refused',
      `${program} said: ${said === '' ? messageOf(cause) : said}`.slice(0, 500),
      cause,
    )
  }
}

/** What a sensor prints as its version: the first line; null where the program cannot be run. */
export async function versionPrinted(command: readonly string[] | undefined): Promise<string | null> {
  const [program, ...args] = command ?? []
  if (program === undefined) return null
  const said = await run(program, args, { timeout: commandTimeoutMs }).catch(() => null)
  return said === null ? null : (`${said.stdout}\n${said.stderr}`.trim().split('\n')[0] ?? '').slice(0, 200)
}

/** SHA-256 over configuration files in the order given; a missing one counts as missing. Null where there are none to look at. */
export async function configHashOf(paths: readonly string[]): Promise<string | null> {
  if (paths.length === 0) return null
  const hash = createHash('sha256')
  for (const path of paths) {
    const content = await readFile(path).catch(() => null)
    hash.update(`${path}\u0000${content === null ? 'missing' : content.length}\u0000`).update(content ?? '')
  }
  return hash.digest('hex')
}

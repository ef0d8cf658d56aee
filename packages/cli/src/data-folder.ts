import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { projectRoot } from './stack/places.ts'
import { StackError } from './stack/stack-error.ts'

const neededMegabytes = 500

/** The folder of the stack's data and state: the one given, else `.tocsin` in the project. */
export function dataFolderOf(given: string | undefined): string {
  return resolve(given ?? join(projectRoot, '.tocsin'))
}

/** Makes the folder. Throws `data_folder_unwritable` or `disk_full` with one sentence where a stack could not live there. */
export function openDataFolder(folder: string, neededMb = neededMegabytes): void {
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOSPC') throw diskFull(folder, 0, neededMb)
    throw new StackError(
      'data_folder_unwritable',
      `The data folder ${folder} cannot be made or written (${code}); give another one with --data DIR.`,
      error,
    )
  }
  const { bavail, bsize } = statfsSync(folder)
  const freeMb = Math.floor((bavail * bsize) / 1_000_000)
  if (freeMb < neededMb) throw diskFull(folder, freeMb, neededMb)
}

/** Like `mkdir -p`; the recursive mkdir of Node 24 never returns below a folder such as /proc that takes none. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder)
}

function diskFull(folder: string, freeMb: number, neededMb: number): StackError {
  return new StackError(
    'disk_full',
    `Only ${freeMb} MB are free at ${folder} and the stack needs ${neededMb} MB; free some space or give another folder with --data DIR.`,
  )
}

import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { StackError } from './stack-error.ts'

/** The root of the project: the folder that holds packages/ and services/. */
export const projectRoot = resolve(import.meta.dirname, '../../../..')

/** The Node that runs everything: the pinned one of deploy/embedded/toolchain (bin/tocsin.js has put us on it). */
export const pinnedNode = process.execPath

/** Versions of the servers; deploy/embedded/pom.xml says the same, and a test compares the two. */
export const serverVersions = { kafka: '4.3.1', elasticsearch: '9.5.3', registry: '3.3.3' } as const

export type ServerName = keyof typeof serverVersions

/** The cache outside the tree: jars, native builds, fonts. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return env.TOCSIN_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tocsin')
}

/** The folder with a server's jars. Throws `jars_missing` where `make deps` has not fetched them. */
export function jarsFolder(server: ServerName, env: NodeJS.ProcessEnv): string {
  const folder = join(cacheFolder(env), 'jars', `${server}-${serverVersions[server]}`)
  if (existsSync(folder)) return folder
  throw new StackError('jars_missing', `The jars of ${server} are not in ${folder}; run \`make deps\` to fetch them.`)
}

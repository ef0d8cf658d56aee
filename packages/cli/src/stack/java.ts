import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { StackError } from './stack-error.ts'

/** A Java installation: its home folder and its major version. */
export interface Java {
  home: string
  version: number
}

/**
 * Finds a Java of at least `wanted` (major version): JAVA_HOME, then `java` on the path, then /usr/lib/jvm/*.
 * The first that is new enough is taken. Throws `java_missing` with one sentence otherwise.
 */
export function findJava(wanted: number, env: NodeJS.ProcessEnv, jvmFolder = '/usr/lib/jvm'): Java {
  const seen: string[] = []
  for (const home of candidates(env, jvmFolder)) {
    const version = versionOf(home)
    if (version === null) continue
    if (version >= wanted) return { home, version }
    seen.push(`${version} in ${home}`)
  }
  const found = seen.length > 0 ? `found only ${[...new Set(seen)].join(', ')}` : 'found none'
  throw new StackError(
    'java_missing',
    `Java ${wanted} or newer (a JDK) is needed and was not found (${found}); install one, for example Temurin 25 from adoptium.net, or set JAVA_HOME.`,
  )
}

function* candidates(env: NodeJS.ProcessEnv, jvmFolder: string): Generator<string> {
  if (env.JAVA_HOME) yield env.JAVA_HOME
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const java = join(folder, 'java')
    if (folder !== '' && existsSync(java)) yield dirname(dirname(realpathSync(java)))
  }
  if (existsSync(jvmFolder)) for (const name of readdirSync(jvmFolder).sort()) yield join(jvmFolder, name)
}

/** Reads the major version from the `release` file that every JDK since 9 carries; null where there is none. */
function versionOf(home: string): number | null {
  try {
    const release = readFileSync(join(home, 'release'), 'utf8')
    const major = /JAVA_VERSION="(\d+)/.exec(release)?.[1]
    return major === undefined || !existsSync(join(home, 'bin', 'java')) ? null : Number(major)
  } catch {
    return null
  }
}

// deploy/embedded/jars.sh asks for the home folder of a Java this way, so that there is one search and one sentence.
if (import.meta.main) {
  try {
    process.stdout.write(`${findJava(Number(process.argv[2] ?? '21'), process.env).home}\n`)
  } catch (error) {
    process.stderr.write(`deps: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}

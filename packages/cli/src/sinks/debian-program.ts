import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** A program of a Debian package that runs here, with the libraries that came with it. */
export interface Unpacked {
  path: string
  libraries: string | null
  /** Folder into which the packages were unpacked; null: the machine's own. */
  folder: string | null
}

/**
 * Finds a program of Debian: the machine's own, or its packages unpacked into the cache without being installed; null where there is
 * neither. `path` is that of the machine (`usr/sbin/vsftpd`), `probe` the words with which it only says its version.
 */
export function findDebianProgram(
  path: string,
  packages: readonly string[],
  probe: readonly string[],
): Unpacked | null {
  for (const root of ['/', '/usr/local/'])
    if (existsSync(join(root, path))) return { path: join(root, path), libraries: null, folder: null }
  const [name = ''] = packages
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tocsin', name)
  const program = join(cache, path)
  try {
    if (!existsSync(program)) {
      mkdirSync(cache, { recursive: true })
      const run = (command: string) => execFileSync('sh', ['-c', command], { cwd: cache, stdio: 'pipe' })
      run(`apt-get download ${packages.join(' ')}`)
      run('for deb in *.deb; do dpkg-deb -x "$deb" .; done; rm -f *.deb')
    }
    const libraries = `${join(cache, 'lib/x86_64-linux-gnu')}:${join(cache, 'usr/lib/x86_64-linux-gnu')}`
    execFileSync(program, probe, { env: { ...process.env, LD_LIBRARY_PATH: libraries }, stdio: 'pipe' })
    return { path: program, libraries, folder: cache }
  } catch {
    return null
  }
}

import { globSync } from 'node:fs'

/** Folders of the top-level tests that need running servers whatever their file is called. */
const NEEDS_SERVERS = ['test/scenarios/', 'test/chaos/']

/** Test files of the whole project, relative to `root`, in a fixed order; `unitOnly` leaves out what needs a server. */
export function testFiles(root: string, unitOnly: boolean): string[] {
  const patterns = [
    '{packages,services}/*/test/**/*.test.ts',
    'test/**/*.test.ts',
    'bench/**/*.test.ts',
    'helm/**/*.test.ts',
  ]
  return globSync(patterns, { cwd: root, exclude: (path) => path.includes('node_modules') })
    .filter(
      (path) =>
        !unitOnly ||
        !(path.endsWith('.integration.test.ts') || NEEDS_SERVERS.some((folder) => path.startsWith(folder))),
    )
    .sort()
}

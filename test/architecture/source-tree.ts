import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** One file of the project: its path from the root, with `/`, and its text. */
export interface SourceFile {
  path: string
  text: string
}

/** One workspace: its folder from the root and its package.json. */
export interface Workspace {
  folder: string
  name: string
  manifest: Manifest
}

/** What the house rules look at in a package.json. */
export interface Manifest {
  name: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

export const root = join(import.meta.dirname, '../..')
const PASSED_OVER = new Set(['node_modules', 'dist', 'coverage', '.tocsin', '.git', 'toolchain'])

/** Gives the paths of all files below a folder of the project, from the root. */
export function pathsBelow(folder: string): string[] {
  const start = join(root, folder)
  if (!existsSync(start)) return []
  return readdirSync(start, { withFileTypes: true }).flatMap((entry) => {
    const path = relative(root, join(start, entry.name)).split(sep).join('/')
    if (entry.isDirectory()) return PASSED_OVER.has(entry.name) ? [] : pathsBelow(path)
    return [path]
  })
}

/** Reads one file of the project; the empty text where there is none. */
export function textOf(path: string): string {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : ''
}

/** Gives every TypeScript file below the folders. */
export function sourcesIn(...folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap(pathsBelow)
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => ({ path, text: textOf(path) }))
}

/** Gives the workspaces that the root's package.json names. */
export function workspaces(): Workspace[] {
  const { workspaces: patterns } = JSON.parse(textOf('package.json')) as { workspaces: string[] }
  const folders = patterns.flatMap((pattern) =>
    pattern.endsWith('/*')
      ? readdirSync(join(root, pattern.slice(0, -2))).map((name) => pattern.slice(0, -1) + name)
      : [pattern],
  )
  return folders.flatMap((folder) => {
    const text = textOf(`${folder}/package.json`)
    if (text === '') return []
    const manifest = JSON.parse(text) as Manifest
    return [{ folder, name: manifest.name, manifest }]
  })
}

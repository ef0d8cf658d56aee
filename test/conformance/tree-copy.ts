import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, globSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Copies the project's own files (tracked and new, not ignored) to `target` and links the installed packages beside them.
 * Workspaces are linked to the copies, so that a change in a copied package is what its users load. Test inputs that live
 * next to the project (`../shared`) are linked next to the copy.
 */
export function copyTree(root: string, target: string): void {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  })
  for (const file of new Set(listed.toString('utf8').split('\0'))) {
    if (file === '' || !existsSync(join(root, file))) continue
    mkdirSync(dirname(join(target, file)), { recursive: true })
    cpSync(join(root, file), join(target, file), { verbatimSymlinks: true })
  }
  linkModules(join(root, 'node_modules'), join(target, 'node_modules'))
  for (const folder of globSync(
    ['{packages,services}/*/node_modules', '{test,bench}/node_modules', 'deploy/embedded/toolchain/node_modules'],
    { cwd: root },
  )) {
    mkdirSync(dirname(join(target, folder)), { recursive: true })
    symlinkSync(join(root, folder), join(target, folder))
  }
  const beside = join(root, '../shared')
  if (existsSync(beside) && !existsSync(join(target, '../shared'))) symlinkSync(beside, join(target, '../shared'))
}

/** Links installed packages; a link among them is a workspace and leads to the copy. */
export function linkModules(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    const path = join(from, name)
    // A link inside node_modules is a workspace: the same relative link leads to the copy.
    if (lstatSync(path).isSymbolicLink()) symlinkSync(readlinkSync(path), join(to, name))
    else if (name.startsWith('@')) linkModules(path, join(to, name))
    else symlinkSync(path, join(to, name))
  }
}

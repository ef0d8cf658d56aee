import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ignoredBy, parseDockerfile } from './dockerfile.ts'

/**
 * Builds the file tree of an image without a container engine: follows the Dockerfile's COPY lines through .dockerignore and
 * installs the production dependencies of one service. Two things differ from a real build: it runs on this machine's
 * Debian, and the native addon is taken from the workspace, where it was built by the same Node.
 */
export function rehearseImage(root: string, service: string, target: string): void {
  const ignored = ignoredBy(readFileSync(join(root, '.dockerignore'), 'utf8'))
  const instructions = parseDockerfile(readFileSync(join(root, 'deploy/docker/Dockerfile'), 'utf8'))
  const stages = instructions.filter(({ name }) => name === 'FROM').map(({ line }) => line)
  const copies = (stage: number) =>
    instructions
      .filter(({ name, flags, line }) => name === 'COPY' && flags.from === undefined && stageOf(stages, line) === stage)
      .map(({ rest }) => rest.split(/\s+/))
  const manifests = copies(0)
  if (manifests.length === 0) throw new Error('Dockerfile: the first stage copies nothing.')
  for (const words of manifests) copy(root, target, words, (path) => ignored(path) || isSource(path))
  const scope = service === 'tocsin' ? [] : ['--workspace', `services/${service}`]
  const options = { cwd: target, stdio: 'pipe', encoding: 'utf8' } as const
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', ...scope], options)
  useBuiltAddon(root, target)
  for (const words of copies(stages.length - 1)) copy(root, target, words, ignored)
  if (service === 'tocsin') return
  for (const other of readdirSync(join(target, 'services'))) {
    if (other !== service) rmSync(join(target, 'services', other), { recursive: true })
  }
}

/** Runs the image's entry point in the rehearsed tree; gives exit code and output. */
export function startImage(target: string, service: string, args: readonly string[], env: Record<string, string> = {}) {
  const start = join(target, 'start-here')
  writeFileSync(start, readFileSync(join(target, 'deploy/docker/start'), 'utf8').replace('cd /app', `cd '${target}'`))
  const settings = { PATH: process.env.PATH ?? '', TOCSIN_SERVICE: service, NODE_ENV: 'production', ...env }
  const result = spawnSync('sh', [start, ...args], { env: settings, encoding: 'utf8', timeout: 30_000 })
  return { code: result.status, output: result.stdout + result.stderr }
}

function stageOf(stages: readonly number[], line: number): number {
  return stages.findLastIndex((from) => from < line)
}

/** What the first stage deletes again: all but manifests below packages/ and services/. */
function isSource(path: string): boolean {
  return /^(packages|services)\//.test(path) && basename(path) !== 'package.json'
}

function copy(root: string, target: string, words: readonly string[], skip: (path: string) => boolean): void {
  const to = words.at(-1) ?? '.'
  for (const from of words.slice(0, -1)) {
    const intoFolder = to.endsWith('/') && statSync(join(root, from)).isFile()
    for (const file of filesOf(root, from)) {
      if (skip(file)) continue
      const place = intoFolder ? join(to, basename(file)) : join(to, file.slice(from.length))
      mkdirSync(dirname(join(target, place)), { recursive: true })
      cpSync(join(root, file), join(target, place === '' ? from : place))
    }
  }
}

function filesOf(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path)).flatMap((name) =>
    name === 'node_modules' ? [] : filesOf(root, join(path, name)),
  )
}

function useBuiltAddon(root: string, target: string): void {
  const addon = join(target, 'node_modules/node-rdkafka')
  if (!existsSync(addon)) return
  rmSync(join(addon, 'deps'), { recursive: true, force: true })
  cpSync(join(root, 'node_modules/node-rdkafka/build'), join(addon, 'build'), { recursive: true })
}

#!/usr/bin/env node
// Plain JavaScript that any Node from 18 on can run: it starts the real command under the pinned Node 24 of
// deploy/embedded/toolchain, which runs the TypeScript as it is.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '../../..')
const main = join(root, 'packages/cli/src/main.ts')
const pinned = join(root, 'deploy/embedded/toolchain/node_modules/.bin/node')
const isFit = Number(process.versions.node.split('.')[0]) === 24

if (!existsSync(join(root, 'node_modules/@tocsin/runtime')) || (!isFit && !existsSync(pinned))) {
  console.error('tocsin: Node 24 or the dependencies are not installed here; run `make deps` in the project first.')
  process.exit(1)
}

if (isFit) {
  await import(main)
} else {
  const child = spawn(pinned, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal sends SIGINT to the whole group; what is sent to this process alone is passed on.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => {})
  child.on('error', (error) => {
    console.error(`tocsin: the pinned Node could not be started: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

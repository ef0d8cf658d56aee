import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { startStack } from './stack.ts'

// `make test-integration`: one stack for the whole run, its addresses given to every test file, one file at a time.
// Arguments are files to run instead of all.
const root = join(import.meta.dirname, '../..')
const patterns = [
  'packages/*/test/**/*.integration.test.ts',
  'services/*/test/**/*.integration.test.ts',
  'test/**/*.integration.test.ts',
]
const files =
  process.argv.length > 2
    ? process.argv.slice(2)
    : globSync(patterns, { cwd: root, exclude: (path) => path.includes('node_modules') }).sort()

console.log(`starting the servers for ${files.length} test files …`)
const startedMs = performance.now()
const stack = await startStack()
console.log(`servers (${stack.origin}) ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)

const env = {
  ...process.env,
  TOCSIN_TEST_KAFKA: stack.kafka,
  TOCSIN_TEST_REGISTRY: stack.registry,
  TOCSIN_TEST_ELASTICSEARCH: stack.elasticsearch,
}
const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-timeout=600000', ...files], {
  cwd: root,
  env,
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tests.kill(signal))
tests.once('exit', (code) => {
  // The embedded stack ends with this process; containers are ended here.
  void stack.stop().finally(() => process.exit(code ?? 1))
})

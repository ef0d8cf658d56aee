import { globSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { launchFullStack } from './full-stack.ts'
import { runTests } from './run-tests.ts'
import { endSharedStack, startStack } from './stack.ts'

// `make test-integration`: one stack for the whole run, its addresses given to every test file, one file at a time; then the
// whole system, started once, for the scenarios.
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

// Who asks for the whole system has it for itself: another stack, after the first has ended.
const isScenario = (file: string): boolean => readFileSync(resolve(root, file), 'utf8').includes('startFullStack(')
const onServers = files.filter((file) => !isScenario(file))
const onWhole = files.filter(isScenario)

let code = 0
if (onServers.length > 0) {
  const startedMs = performance.now()
  console.log(`starting the servers for ${onServers.length} test files …`)
  const stack = await startStack()
  console.log(`servers (${stack.origin}) ready after ${secondsSince(startedMs)} s`)
  code = await runTests('servers', onServers, words(), {
    TOCSIN_TEST_KAFKA: stack.kafka,
    TOCSIN_TEST_REGISTRY: stack.registry,
    TOCSIN_TEST_ELASTICSEARCH: stack.elasticsearch,
  })
  await stack.stop()
  await endSharedStack()
}
if (onWhole.length > 0) {
  const startedMs = performance.now()
  console.log(`starting the whole system for ${onWhole.length} scenario files …`)
  const dataFolder = process.env['TOCSIN_TEST_FULL_STACK'] ?? mkdtempSync(join(tmpdir(), 'tocsin-full-'))
  if (process.env['TOCSIN_TEST_FULL_STACK'] === undefined) await launchFullStack(dataFolder, process.pid)
  console.log(`the whole system is ready after ${secondsSince(startedMs)} s`)
  code = (await runTests('whole', onWhole, words(), { TOCSIN_TEST_FULL_STACK: dataFolder })) || code
}
// What was started here ends with this process.
process.exit(code)

function secondsSince(startedMs: number): string {
  return ((performance.now() - startedMs) / 1_000).toFixed(1)
}

function words(): string[] {
  const timeoutMs = process.env['TOCSIN_TEST_DOSE'] === 'full' ? 6 * 3_600_000 : 600_000
  return ['--test-concurrency=1', `--test-timeout=${timeoutMs}`]
}

import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestResult } from './verdict.ts'

export interface TestRun {
  results: TestResult[]
  exitCode: number
}

/**
 * Runs test files with node:test in `root` and gives every result. `namePattern` narrows by name. What the tests print goes
 * to standard error when `quiet` is not set. Throws when the runner could not be started.
 */
export async function runTests(
  root: string,
  files: readonly string[],
  resultsFile: string,
  options: { namePattern?: string; quiet?: boolean } = {},
): Promise<TestRun> {
  mkdirSync(dirname(resultsFile), { recursive: true })
  rmSync(resultsFile, { force: true })
  const reporter = join(import.meta.dirname, 'reporter.ts')
  const words = [
    '--test',
    '--test-concurrency=2',
    // A file whose names the pattern all leaves out may still hold what its hooks opened.
    '--test-force-exit',
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${resultsFile}`,
    ...(options.quiet === true ? [] : ['--test-reporter=dot', '--test-reporter-destination=stderr']),
    ...(options.namePattern === undefined ? [] : [`--test-name-pattern=${options.namePattern}`]),
    ...files,
  ]
  const child = spawn(process.execPath, words, {
    cwd: root,
    stdio: ['ignore', 'ignore', options.quiet === true ? 'ignore' : 'inherit'],
  })
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
  return { results: readResults(resultsFile), exitCode }
}

/** Reads what the reporter wrote: one file, or every `.ndjson` of a folder. */
export function readResults(path: string): TestResult[] {
  if (statSync(path).isDirectory()) {
    return readdirSync(path)
      .filter((name) => name.endsWith('.ndjson'))
      .sort()
      .flatMap((name) => readResults(join(path, name)))
  }
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TestResult)
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readResults } from '../conformance/run-tests.ts'

const root = join(import.meta.dirname, '../..')
/** A file that says so is never looked at again: what it counts may not be wrong even once. */
const FIRST_RUN_DECIDES = 'The first run decides.'
const LOOKS = 2
/** Longest that a run may take before it counts as hung: far above the longest of all doses. */
const HUNG_AFTER_MS = { short: 40 * 60_000, full: 8 * 3_600_000 }

let running: ChildProcess | null = null
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => running?.kill(signal))

/**
 * Runs test files with node:test and gives the exit code. A file that fails is run twice more, alone: if both runs pass it is
 * named as unsteady and fails nothing (docs/decisions/0022). TOCSIN_TEST_RESULTS names a folder to record each result of
 * the first run in, for conformance: there a failure stays one.
 */
export async function runTests(
  phase: string,
  files: readonly string[],
  words: readonly string[],
  env: Record<string, string> = {},
  hungAfterMs: number = HUNG_AFTER_MS[process.env['TOCSIN_TEST_DOSE'] === 'full' ? 'full' : 'short'],
): Promise<number> {
  const folder = process.env['TOCSIN_TEST_RESULTS'] ?? mkdtempSync(join(tmpdir(), 'tocsin-results-'))
  mkdirSync(folder, { recursive: true })
  const results = join(folder, `${phase}.ndjson`)
  const code = await nodeTest([...words, ...recordedIn(results)], files, env, hungAfterMs)
  if (code === 0 || running !== null) return code
  const failed = code === HUNG ? files : failedFiles(results)
  if (failed.length === 0 || failed.some(firstRunDecides)) return code
  const unsteady: string[] = []
  for (const file of failed) {
    for (let look = 1; look <= LOOKS; look++) {
      console.log(`\n${file} failed: look ${look} of ${LOOKS}, alone`)
      if ((await nodeTest(words, [file], env, hungAfterMs)) !== 0) return code
    }
    unsteady.push(file)
  }
  console.log(`\nUNSTEADY: failed once and passed ${LOOKS} times alone: ${unsteady.join(', ')}`)
  return 0
}

/** Exit code of a run that had to be ended; that of `timeout`. */
const HUNG = 124

async function nodeTest(
  words: readonly string[],
  files: readonly string[],
  env: Record<string, string>,
  hungAfterMs: number,
): Promise<number> {
  const seeded = ['--import', join(import.meta.dirname, 'property-seed.ts'), '--test', ...words, ...files]
  const settings = { ...process.env, TOCSIN_TEST_SEED: seedOfCommit(), ...env }
  running = spawn(process.execPath, seeded, { cwd: root, env: settings, stdio: 'inherit' })
  const child = running
  let isHung = false
  const watch = setTimeout(() => {
    isHung = true
    console.log(
      `\nno end after ${hungAfterMs / 60_000} minutes: the run is ended, and each of its files is looked at alone`,
    )
    child.kill('SIGKILL')
  }, hungAfterMs)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearTimeout(watch)
  if (isHung) {
    running = null
    return HUNG
  }
  // A run that was ended from outside gets no second look.
  if (code !== null) running = null
  return code ?? 1
}

function recordedIn(results: string): string[] {
  return [
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(root, 'test/conformance/reporter.ts')}`,
    `--test-reporter-destination=${results}`,
  ]
}

function failedFiles(results: string): string[] {
  const failed = readResults(results).filter(({ status }) => status === 'failed')
  return [...new Set(failed.map(({ file }) => file))]
}

function firstRunDecides(file: string): boolean {
  return readFileSync(resolve(root, file), 'utf8').includes(FIRST_RUN_DECIDES)
}

function seedOfCommit(): string {
  const given = process.env['TOCSIN_TEST_SEED']
  if (given !== undefined) return given
  try {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' })
    return String(Number.parseInt(commit.slice(0, 7), 16))
  } catch {
    return '1'
  }
}

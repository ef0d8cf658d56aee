/**
 * `make conformance-break N=10 SEED=1`: are the tests of the law worth anything? Applies the `break` of N ids, one at a time,
 * in a copy of the tree, runs the tests that name the id, and fails when one stays green.
 *
 *   node test/conformance/break.ts [--n N] [--seed S] [--id ID]… [--results FOLDER]
 *
 * --id breaks these ids instead of a choice by seed. --results (of a run before) tells in which files the tests of an id are;
 * without it every unit test file is searched by name.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { applyBreakage, type Breakage, breakageOf, namePatternOf, pick } from './breakage.ts'
import { readIds } from './law-id.ts'
import { readResults, runTests } from './run-tests.ts'
import { testFiles } from './test-files.ts'
import { copyTree } from './tree-copy.ts'
import { idsInName, type TestResult, verdictsOf } from './verdict.ts'

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    id: { type: 'string', multiple: true },
    results: { type: 'string', default: join(root, '.tocsin/conformance') },
    help: { type: 'boolean', default: false },
  },
})

if (values.help === true) {
  // The comment at the top of this file is its help.
  console.log(
    /\/\*\*\n([\s\S]*?)\n \*\//.exec(readFileSync(import.meta.filename, 'utf8'))?.[1]?.replace(/^ \* ?/gm, ''),
  )
  process.exit(0)
}
const ids = readIds(readFileSync(join(root, 'docs/regulations/ids.tsv'), 'utf8'))
const known = new Set(ids.map(({ id }) => id))
const recorded = existsSync(values.results) ? readResults(values.results) : []
const written = ids.map(breakageOf).filter((breakage) => breakage !== null)
const chosen =
  values.id === undefined
    ? pick(written, Number(values.n), Number(values.seed))
    : written.filter((breakage) => values.id?.includes(breakage.id))

const folder = mkdtempSync(join(tmpdir(), 'tocsin-break-'))
const tree = join(folder, 'main')
let green = 0
try {
  copyTree(root, tree)
  for (const breakage of chosen) {
    const outcome = await outcomeOf(breakage)
    if (outcome !== 'red') green += 1
    process.stdout.write(`${breakage.id}\t${outcome}\t${breakage.file}\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.stdout.write(`${chosen.length - green} of ${chosen.length} breaks turned their id red\n`)
if (green > 0 || chosen.length === 0) process.exitCode = 1

async function outcomeOf(breakage: Breakage): Promise<string> {
  const files = filesOf(breakage.id)
  // A step of a longer story passes only after the steps before it: then its whole file is run.
  const narrow = (await verdict(breakage.id, files, true)) === 'passed'
  const before = narrow ? 'passed' : await verdict(breakage.id, files, false)
  if (before !== 'passed') return `was ${before} before the break`
  const path = join(tree, breakage.file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, applyBreakage(text, breakage))
  try {
    const after = await verdict(breakage.id, files, narrow)
    return after === 'passed' || after === 'skipped' ? `stayed ${after}` : 'red'
  } finally {
    writeFileSync(path, text)
  }
}

async function verdict(id: string, files: readonly string[], narrow: boolean): Promise<string> {
  const options = narrow ? { namePattern: namePatternOf(id), quiet: true } : { quiet: true }
  const { results } = await runTests(tree, files, join(folder, 'results.ndjson'), options)
  return (
    verdictsOf(
      ids.filter((row) => row.id === id),
      named(results, id),
    )[0]?.verdict ?? 'none'
  )
}

/** A pattern for names also lets through suites and tests that only mention the id; these do not judge it. */
function named(results: readonly TestResult[], id: string): TestResult[] {
  return results.filter((result) => idsInName(result.name, known).includes(id))
}

function filesOf(id: string): string[] {
  const files = recorded
    .filter((result) => idsInName(result.name, known).includes(id))
    .map(({ file }) => (isAbsolute(file) ? relative(root, file) : file))
  return files.length > 0 ? [...new Set(files)] : testFiles(tree, true)
}

/**
 * `make conformance`: which duty of the law has a test that passes. Prints `id mark verdict tests` for every id of
 * docs/regulations/ids.tsv, then totals by law and mark.
 *
 *   node test/conformance/run.ts [--unit-only] [--results FILE]
 *
 * --unit-only leaves out tests that need servers; --results judges results recorded before and runs nothing.
 * Results of a run are kept in .tocsin/conformance/results.ndjson. Exit code 1 when any test failed, an id's or not.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readIds } from './law-id.ts'
import { readResults, runTests } from './run-tests.ts'
import { testFiles } from './test-files.ts'
import { idsInName, reportOf, verdictsOf } from './verdict.ts'

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: { 'unit-only': { type: 'boolean', default: false }, results: { type: 'string' } },
})

const ids = readIds(readFileSync(join(root, 'docs/regulations/ids.tsv'), 'utf8'))
const results =
  values.results === undefined
    ? (await runTests(root, testFiles(root, values['unit-only']), join(root, '.tocsin/conformance/results.ndjson')))
        .results
    : readResults(values.results)

const verdicts = verdictsOf(ids, results)
process.stdout.write(reportOf(verdicts))

const failed = results.filter(({ status }) => status === 'failed')
if (failed.length > 0) {
  // A file that cannot be loaded fails under its own name, and its ids show as none: say it where it is seen.
  const without = failed.filter(
    ({ name, suite }) => !suite && idsInName(name, new Set(ids.map(({ id }) => id))).length === 0,
  )
  for (const { file, name } of without)
    process.stderr.write(`failed, and names no id: ${name === file ? file : `${file}: ${name}`}\n`)
  process.exitCode = 1
}

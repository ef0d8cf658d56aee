/**
 * `make conformance`: which duty of the law has a test that passes. Prints `id mark verdict tests` for every id of
 * docs/regulations/ids.tsv, then totals by law and mark.
 *
 *   node test/conformance/run.ts [--unit-only] [--results FILE]
 *
 * --unit-only leaves out tests that need servers; --results judges results recorded before and runs nothing.
 * Results of a run are kept in .tocsin/conformance/results.ndjson. Exit code 1 when an id failed.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readIds } from './law-id.ts'
import { readResults, runTests } from './run-tests.ts'
import { testFiles } from './test-files.ts'
import { reportOf, verdictsOf } from './verdict.ts'

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
if (verdicts.some(({ verdict }) => verdict === 'failed')) process.exitCode = 1

/**
 * `make conformance`: which duty of the law has a test that passes. Prints `id mark verdict tests` for every id of
 * docs/regulations/ids.tsv, then totals by law and mark.
 *
 *   node test/conformance/run.ts [--unit-only] [--results FOLDER]
 *
 * --unit-only leaves out tests that need servers; --results judges what a run of the tests with TOCSIN_TEST_RESULTS=FOLDER has
 * recorded and runs nothing. Results are kept in .tocsin/conformance. Exit code 1 when any test failed, an id's or not.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readIds } from './law-id.ts'
import { readResults, runTests } from './run-tests.ts'
import { testFiles } from './test-files.ts'
import { idsInName, reportOf, verdictsOf } from './verdict.ts'

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: { 'unit-only': { type: 'boolean', default: false }, results: { type: 'string' }, help: { type: 'boolean' } },
})

if (values.help === true) {
  // The comment at the top of this file is its help.
  console.log(
    /\/\*\*\n([\s\S]*?)\n \*\//.exec(readFileSync(import.meta.filename, 'utf8'))?.[1]?.replace(/^ \* ?/gm, ''),
  )
  process.exit(0)
}
const ids = readIds(readFileSync(join(root, 'docs/regulations/ids.tsv'), 'utf8'))
const folder = values.results ?? join(root, '.tocsin/conformance')
if (values.results === undefined) {
  rmSync(folder, { recursive: true, force: true })
  await runTests(root, testFiles(root, true), join(folder, 'unit.ndjson'))
  if (!values['unit-only']) {
    const integration = spawn(process.execPath, [join(root, 'test/support/run-integration.ts')], {
      env: { ...process.env, TOCSIN_TEST_RESULTS: folder },
      stdio: ['ignore', 2, 2],
    })
    await once(integration, 'exit')
  }
}
const results = readResults(folder)

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

import { runTests } from './run-tests.ts'

// `make test-unit`: the files of a workspace in one process, which is several times faster than one for each file; not all files
// in one, so that what one leaves behind meets few others.
const HUNG_AFTER_MS = 300_000
const workspaceOf = (file: string): string => file.split('/test/')[0] ?? file

let code = 0
for (const [workspace, files] of Map.groupBy(process.argv.slice(2), workspaceOf)) {
  const phase = `unit-${workspace.replaceAll('/', '-')}`
  const words = ['--test-isolation=none', '--test-timeout=120000']
  code = (await runTests(phase, files, words, {}, HUNG_AFTER_MS)) || code
}
process.exit(code)

/**
 * Makes docs/regulations/ids.tsv from the requirement matrix: `node test/conformance/make-ids.ts [MATRIX]`, by default
 * ../shared/requirements.md. What stands in the column `break` is kept. With --check it writes nothing and fails on a difference.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readIds, writeIds } from './law-id.ts'
import { idsOfMatrix } from './requirement-rows.ts'

const root = join(import.meta.dirname, '../..')
const words = process.argv.slice(2)
const matrix = words.find((word) => !word.startsWith('--')) ?? join(root, '../shared/requirements.md')
const table = join(root, 'docs/regulations/ids.tsv')

const before = existsSync(table) ? readFileSync(table, 'utf8') : ''
const breaks = new Map(before === '' ? [] : readIds(before).map((row) => [row.id, row.break]))
const after = writeIds(
  idsOfMatrix(readFileSync(matrix, 'utf8')).map((row) => ({ ...row, break: breaks.get(row.id) ?? '' })),
)

if (words.includes('--check')) {
  if (before !== after) {
    process.stderr.write(
      'docs/regulations/ids.tsv is not what the requirement matrix gives: run node test/conformance/make-ids.ts\n',
    )
    process.exitCode = 1
  }
} else {
  writeFileSync(table, after)
  process.stdout.write(`${after.split('\n').length - 2} ids\n`)
}

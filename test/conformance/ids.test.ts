import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { applyBreakage, breakageOf } from './breakage.ts'
import { readIds } from './law-id.ts'
import { idsOfMatrix } from './requirement-rows.ts'

const root = join(import.meta.dirname, '../..')
const ids = readIds(readFileSync(join(root, 'docs/regulations/ids.tsv'), 'utf8'))
const matrix = join(root, '../shared/requirements.md')

test('the table lists exactly the ids of the requirement matrix', {
  skip: existsSync(matrix) ? false : 'the matrix is not here',
}, () => {
  const expected = idsOfMatrix(readFileSync(matrix, 'utf8'))
  assert.deepEqual(
    ids.map(({ id, mark, law, title }) => ({ id, mark, law, title })),
    expected,
  )
})

test('every break still finds its old text exactly once', () => {
  const stale: string[] = []
  for (const row of ids) {
    try {
      const breakage = breakageOf(row)
      if (breakage !== null) applyBreakage(readFileSync(join(root, breakage.file), 'utf8'), breakage)
    } catch (error) {
      stale.push((error as Error).message)
    }
  }
  assert.deepEqual(stale, [])
})

test('the clocks, the record fields and the forms that the matrix counts are all there', () => {
  const known = new Set(ids.map(({ id }) => id))
  const counted = [
    ...Array.from({ length: 28 }, (_, index) => `TW-R${String(index + 1).padStart(2, '0')}`),
    ...Array.from({ length: 11 }, (_, index) => `A1-${index + 1}`),
    ...Array.from({ length: 7 }, (_, index) => `W-${index + 1}`),
    ...Array.from({ length: 8 }, (_, index) => `KZ-A-${index + 1}`),
    ...Array.from({ length: 7 }, (_, index) => `C${index + 1}`),
    'VN-D',
    'VN-A2',
    'KZ-A',
    'KZ-N',
    'TW-A4.1',
    'TW-A4.2',
    'TW-A4.3',
    'TW-A5.1-0',
    'TW-A5.2-4',
    'TW-A6.2-1',
    'TW-A6.2-2',
    'TW-A7',
    'TW-P1',
    'TW-P2',
    'KZ-2.1',
    'VN-11.4k',
    'VN-13.1',
    'XC-14',
  ]
  assert.deepEqual(
    counted.filter((id) => !known.has(id)),
    [],
  )
})

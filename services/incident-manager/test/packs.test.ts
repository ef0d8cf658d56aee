import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadLaws, refusalText } from '../src/adapters/packs.ts'
import { packsFolder } from './world.ts'

test('every pack that ships loads', () => {
  const { laws, refused } = loadLaws(packsFolder)
  assert.deepEqual(
    refused.map(({ folder, faults }) => refusalText(folder, faults)),
    [],
  )
  assert.deepEqual([...laws.keys()].sort(), ['eu-nis2', 'kz-order-199', 'tw-soc-1.3', 'vn-circular-31'])
})

test('a broken pack is refused with file, line and reason, and the others work on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'packs-'))
  try {
    cpSync(packsFolder, folder, { recursive: true })
    writeFileSync(join(folder, 'kz-order-199/lifecycle.yaml'), 'promotion:\n  requirements: [KZ-2.5]\n  effect: [x]\n')
    const { laws, refused } = loadLaws(folder)
    assert.equal(laws.size, 3)
    const [broken] = refused
    assert.match(refusalText(broken?.folder ?? '', broken?.faults ?? []), /kz-order-199\/lifecycle\.yaml:\d+: .*effect/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
